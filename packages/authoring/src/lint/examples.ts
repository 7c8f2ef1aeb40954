/** Tests that can not all hold: the same call, expected to be answered in two ways. */
import { canonicalJson, type Json, type PolicyChecks, type PolicyTest } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";

export function contradictions({ tests }: PolicyChecks): readonly Finding[] {
  const first = new Map<string, PolicyTest>();
  const found: Finding[] = [];
  for (const one of tests) {
    const key = canonicalJson({ call: one.given.call, ...one.given.circumstances } as unknown as Json);
    const other = first.get(key);
    if (other === undefined) first.set(key, one);
    else if (other.expect.effect !== one.expect.effect) {
      const message = `it expects ${one.expect.effect} of the call of which the test in line ${other.at.line} of ${other.at.file} expects ${other.expect.effect}`;
      found.push(
        finding("contradictory-examples", { id: one.name ?? "test", ...one.at }, message, "remove one of them"),
      );
    }
  }
  return found;
}
