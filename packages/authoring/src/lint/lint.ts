/** All lints of one loaded policy. Pure; the order of what comes back is that of the files. */
import type { PolicyChecks, PolicyData } from "@agent-run/policy";
import { broadGrants } from "./broad.ts";
import { commandFindings } from "./commands.ts";
import { contradictions } from "./examples.ts";
import { exposures } from "./exposure.ts";
import { type Finding, inOrder } from "./finding.ts";
import { unlimited } from "./limits.ts";
import { brokenNevers, idleRules } from "./reach.ts";
import { expiries } from "./validity.ts";

export interface LintInput {
  readonly data: PolicyData;
  readonly checks: PolicyChecks;
  /** What `~` stands for. */
  readonly homes: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function lintPolicy({ data, checks, homes, now }: LintInput): readonly Finding[] {
  return inOrder([
    ...broadGrants(data),
    ...commandFindings(data),
    ...exposures(data, homes),
    ...expiries(data, now),
    ...unlimited(data),
    ...contradictions(checks),
    ...brokenNevers(data, checks),
    ...idleRules(data),
  ]);
}
