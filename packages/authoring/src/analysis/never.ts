/** `[[never]]`: proved for every possible call, or refuted by one. */
import type { PolicyNever } from "@agent-run/policy";
import { type Asked, type Possibility, possible, type Unknown } from "./regions.ts";

export interface NeverProof {
  readonly never: PolicyNever;
  /** Calls that it rules out, and that the policy allows or asks about. None and nothing unknown: it is proved. */
  readonly violations: readonly Possibility[];
  readonly unknown: readonly Unknown[];
}

/** Places are read as denials read them: in any case of letters, with what lies below. */
export const proveNevers = (policy: Asked, nevers: readonly PolicyNever[]): readonly NeverProof[] =>
  nevers.map((never) => {
    const within = { places: never.where, reading: "loose" } as const;
    const { found, unknown } = possible(policy, { on: never.on, within });
    return { never, violations: found, unknown };
  });

/** A sentence for each thing that keeps it from being proved. */
export function neverProblems({ never, violations, unknown }: NeverProof): readonly string[] {
  const name = never.name === null ? "a `[[never]]`" : `the \`[[never]]\` \`${never.name}\``;
  const refuted = violations.map(({ on, answer, witness, decision }) => {
    const what = answer.startsWith("ask") ? "asked about" : "allowed";
    if (witness === null || decision === null) return `${name} is not proved: a call of ${on} may be ${what}`;
    const { id, file, line } = decision.rule;
    const rule = file === undefined ? id : `${id} (${file}:${line ?? 1})`;
    return `${name} does not hold: \`${witness.call}\` is ${what}, by ${rule}`;
  });
  return [...refuted, ...unknown.map(({ on, reason }) => `${name} is not proved for ${on}: ${reason}`)];
}
