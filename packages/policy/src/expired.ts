/** Grants that have ended: legal, of no effect, and probably forgotten. Not part of a load, which knows no time. */
import { valueText } from "./condition-text.ts";
import type { PolicyData } from "./policy-data.ts";

/** Sentences for the operator. `now`: milliseconds since 1970. */
export function expiredRules({ rules }: Pick<PolicyData, "rules">, now: number): readonly string[] {
  const ended = rules.flatMap(({ ref, effect, expires }) =>
    effect === "allow" && expires !== undefined && expires <= now
      ? [`${ref.id} (${ref.file}:${ref.line}) ended at ${valueText("expires", expires)} and grants nothing`]
      : [],
  );
  return [...new Set(ended)];
}
