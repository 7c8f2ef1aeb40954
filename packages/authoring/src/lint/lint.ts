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
  /** Told after each rule, as a policy of thousands takes a while. */
  readonly progress?: (done: number, of: number) => void;
}

export function lintPolicy({ data, checks, homes, now, progress }: LintInput): readonly Finding[] {
  return inOrder([
    ...broadGrants(data),
    ...commandFindings(data),
    ...exposures(data, homes),
    ...expiries(data, now),
    ...unlimited(data),
    ...contradictions(checks),
    ...brokenNevers(data, checks),
    ...idleRules(data, { home: homes[0] ?? "/", progress }),
  ]);
}
