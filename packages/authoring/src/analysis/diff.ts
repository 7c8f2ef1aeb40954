/** Two policies held against each other: calls that are answered otherwise, and bounds that moved. */
import type { PolicyData } from "@agent-run/policy";
import type { Answer } from "./clause.ts";
import { type Difference, differences, type Unknown } from "./regions.ts";
import { type ScalarChange, scalarChanges } from "./scalars.ts";

export interface PolicyDiff {
  readonly changes: readonly (Difference & { readonly way: "wider" | "narrower" })[];
  readonly scalars: readonly ScalarChange[];
  readonly unknown: readonly Unknown[];
}

/** The files of the policies themselves protect other places each; that is no difference. */
export function diffPolicies(old: PolicyData, now: PolicyData): PolicyDiff {
  const { found, unknown } = differences(withoutOwnFiles(old), withoutOwnFiles(now));
  const changes = found.map((change) => ({
    ...change,
    way: isWider(change) ? ("wider" as const) : ("narrower" as const),
  }));
  return { changes, scalars: scalarChanges(old, now), unknown };
}

const withoutOwnFiles = (data: PolicyData): PolicyData => ({
  ...data,
  rules: data.rules.filter(({ ref }) => ref.id !== "builtin.protected.policy"),
});

const OPENNESS: Readonly<Record<Answer, number>> = { deny: 0, "ask sealed": 1, ask: 2, "allow sealed": 3, allow: 4 };

const isWider = ({ before, after }: Difference): boolean => OPENNESS[after] > OPENNESS[before];
