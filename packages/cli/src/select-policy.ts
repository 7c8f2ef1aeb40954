/** Which policy applies to a command: the one that was named, a trusted one found upwards, or nothing at all. */
import { formatProblems, type PolicyChecks, type PolicyData } from "@agent-run/policy";
import { openPolicy } from "@agent-run/runtime";
import { CommandFailure } from "./exit.ts";
import type { PolicyOptions } from "./options.ts";

export interface SelectedPolicy {
  readonly data: PolicyData;
  /** `[[test]]` and `[[never]]` of it and of all it inherits. */
  readonly checks: PolicyChecks;
  /** Sentences about how the policy was found. */
  readonly banner: readonly string[];
}

export function selectPolicy(options: PolicyOptions): SelectedPolicy {
  const opened = openPolicy({
    cwd: process.cwd(),
    ...(options.policy === undefined ? {} : { path: options.policy }),
    ...(options.root === undefined ? {} : { root: options.root }),
    ceilings: options.ceiling ?? [],
  });
  if (opened.ok) return { data: opened.data, checks: opened.checks, banner: opened.banner };
  const { problems } = opened;
  const [first] = problems;
  const many = problems.length > 1 ? ` (${problems.length} problems)` : "";
  throw new CommandFailure("E_POLICY_INVALID", `the policy does not load${many}: ${first?.message ?? "unknown"}`, {
    details: formatProblems(problems),
    problems,
  });
}
