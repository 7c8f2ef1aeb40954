/**
 * The library, as `import ... from "agent-run"` gives it: a policy, a runtime, runs. The command and the MCP server are
 * made of the same parts, so a script meets the same wall wherever it comes from.
 */
import { boundBy, formatProblems, type PolicyData, type PolicyProblem } from "@agent-run/policy";
import { loadCeilings } from "./ceilings.ts";
import { withFoundCommands } from "./found-commands.ts";
import { openPolicy, ownWorld } from "./open-policy.ts";
import { stateDirectory } from "./places.ts";
import { Runtime, type RuntimeOptions as RuntimeParts } from "./runtime.ts";
import { unknownTools } from "./tool-rules.ts";

export type { Ticket } from "@agent-run/approvals";
export type { Decision } from "@agent-run/policy";
export { defineCapability, type OwnCapability } from "./define-capability.ts";
export type { RunReport } from "./report.ts";
export type { RunOptions, Runtime } from "./runtime.ts";

/** A policy that loaded; for `createRuntime`. Plain data. */
export type LoadedPolicy = PolicyData;

/**
 * `audit`: directory of the record; default: the user's state directory, `$XDG_STATE_HOME/agent-run`. `ceiling`: files of
 * policies that bound this one, besides those that it was loaded under.
 */
export type RuntimeOptions = Omit<RuntimeParts, "spare" | "audit" | "channels"> & {
  readonly audit?: string;
  readonly ceiling?: string | readonly string[];
};

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
 * `ceiling`: files of policies that bound it; that of the machine does so in any case. Rejects with a PolicyError; never a part of a policy.
 */
export async function loadPolicy(
  path: string,
  options: { readonly root?: string; readonly cwd?: string; readonly ceiling?: string | readonly string[] } = {},
): Promise<LoadedPolicy> {
  const { ceiling = [], ...place } = options;
  const opened = openPolicy({ cwd: process.cwd(), ...place, path, ceilings: [ceiling].flat() });
  if (!opened.ok) throw new PolicyError(opened.problems);
  return opened.data;
}

/**
 * A runtime keeps workers warm; `close` it, or declare it with `await using`. Rejects with a PolicyError for a ceiling that
 * does not load, and for a rule about a capability of your own that you do not define.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { ceiling = [], policy, audit = stateDirectory(), ...rest } = options;
  const bound = bounded(policy, [ceiling].flat());
  const unknown = unknownTools(bound, options.capabilities ?? []);
  if (unknown.length > 0) throw new PolicyError(unknown);
  return new Runtime({ ...rest, policy: bound, audit });
}

function bounded(policy: LoadedPolicy, paths: readonly string[]): LoadedPolicy {
  if (paths.length === 0) return policy;
  const world = ownWorld();
  const opened = loadCeilings(paths, world);
  if (!opened.ok) throw new PolicyError(opened.problems);
  const bound = boundBy(policy, opened.ceilings, world);
  if (!bound.ok) throw new PolicyError(bound.problems);
  return withFoundCommands(bound.data);
}
