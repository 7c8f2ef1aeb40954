/** Grants that are over, or nearly. */
import type { PolicyData } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";

const SOON = 14 * 24 * 3600 * 1000;

/** `now`: milliseconds since 1970. */
export function expiries({ rules }: PolicyData, now: number): readonly Finding[] {
  const grants = rules.filter(({ effect }) => effect === "allow");
  return uniqueById(grants).flatMap(({ ref, expires }) => {
    if (expires === undefined || expires > now + SOON) return [];
    const when = new Date(expires).toISOString().slice(0, 10);
    return expires <= now
      ? [finding("expired", ref, `it expired on ${when} and grants nothing`, "remove it, or give it a new date")]
      : [finding("expires-soon", ref, `it grants nothing from ${when} on`, "give it a new date if it is still needed")];
  });
}

/** A `[[rule]]` may stand for several. */
export const uniqueById = <R extends { readonly ref: { readonly id: string; readonly file?: string } }>(
  rules: readonly R[],
): readonly R[] => [...new Map(rules.map((rule) => [`${rule.ref.file ?? ""} ${rule.ref.id}`, rule])).values()];
