/** Which policy applies to a command: the one that was named, a trusted one found upwards, or nothing at all. */
import { formatProblems, type PolicyChecks, type PolicyData } from "@agent-run/policy";
import { nearestPolicy, openPolicy } from "@agent-run/runtime";
import { CommandFailure } from "./exit.ts";
import type { PolicyOptions } from "./options.ts";
import { printableLine } from "./printable.ts";
import { writeError } from "./terminal.ts";

export interface SelectedPolicy {
  readonly data: PolicyData;
  /** `[[test]]` and `[[never]]` of it and of all it inherits. */
  readonly checks: PolicyChecks;
  /** Sentences about how the policy was found. */
  readonly banner: readonly string[];
}

/**
 * For commands that judge a file and run nothing: the one that was named, or the nearest one, trusted or not. That nothing
 * applies until it is trusted would be no answer to them.
 */
export function fileToRead(file: string | undefined, command: string): string {
  const found = file ?? nearestPolicy(process.cwd());
  if (found !== null) return found;
  throw new CommandFailure("E_CONFIG", "no policy was named, and no agent-run.toml lies here or above", {
    hint: `name one: \`agent-run policy ${command} agent-run.toml\``,
  });
}

/** To standard error: what somebody who reads only a verdict must know of where it comes from. */
export function showOrigin({ banner }: SelectedPolicy): void {
  for (const text of banner) writeError(`agent-run: ${printableLine(text)}\n`);
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
