/**
 * The library, as `import ... from "agent-run"` gives it: a policy, a runtime, runs. The command and the MCP server are
 * made of the same parts, so a script meets the same wall wherever it comes from.
 */
import { formatProblems, type PolicyData, type PolicyProblem } from "@agent-run/policy";
import { openPolicy } from "./open-policy.ts";
import { stateDirectory } from "./places.ts";
import { Runtime, type RuntimeOptions as RuntimeParts } from "./runtime.ts";

export type { ApprovalTicket } from "@agent-run/gate";
export type { Decision } from "@agent-run/policy";
export type { CheckReport, RunError, RunReport } from "./report.ts";
export type { RunOptions, Runtime } from "./runtime.ts";

/** A policy that loaded; for `createRuntime`. Plain data. */
export type LoadedPolicy = PolicyData;

/** `audit`: directory of the record; default: the user's state directory, `$XDG_STATE_HOME/agent-run`. */
export type RuntimeOptions = Omit<RuntimeParts, "spare" | "audit"> & { readonly audit?: string };

/** A policy that does not load. `message` shows every problem with file, line, column and the line itself. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly code = "E_POLICY_INVALID";
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/**
 * Loads a policy file with all it inherits; naming it is trusting it. `root`: what relative paths of the policy and of
 * scripts hang under; default: the policy's directory. Relative names hang under `cwd`, by default the process's.
 * Rejects with a PolicyError; never a part of a policy.
 */
export async function loadPolicy(
  path: string,
  options: { readonly root?: string; readonly cwd?: string } = {},
): Promise<LoadedPolicy> {
  const opened = openPolicy({ cwd: process.cwd(), ...options, path });
  if (!opened.ok) throw new PolicyError(opened.problems);
  return opened.data;
}

/** A runtime keeps workers warm; `close` it, or declare it with `await using`. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  return new Runtime({ ...options, audit: options.audit ?? stateDirectory() });
}
