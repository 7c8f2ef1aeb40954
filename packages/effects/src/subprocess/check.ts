/**
 * The checked plan of `subprocess.exec`: the very program, its directory, variables and jail. Reads and compares only;
 * nothing is started here. Real paths that arguments lead to are added to the request and decided, also where the call
 * is bound to fail, so that a refusal does not tell what exists.
 */
import { statSync } from "node:fs";
import {
  type CanonicalRequest,
  type Checked,
  deniedBy,
  type Failure,
  fail,
  type JailPlan,
  type OperationContext,
  ok,
  type PinnedCommand,
  type ResolvedCommand,
  type Result,
  type Target,
} from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { Holding } from "../fs/descriptor.ts";
import { protection } from "../fs/inspect.ts";
import { locate } from "../fs/locate.ts";
import { pathTarget, withTargets } from "../fs/target.ts";
import type { ExecArguments } from "./arguments.ts";
import { isLocalOnly, type Sight, sightOf } from "./clearance.ts";
import { checkedCommand } from "./command.ts";
import { childEnvironment } from "./environment.ts";
import { gitEnvironment, isGit } from "./git/guard.ts";
import { planJail } from "./jail/plan.ts";
import { foundTargets } from "./path-arguments.ts";
import { localOnlyPath, typedCwd } from "./request.ts";

export type ExecPlan = Result<PinnedCommand>;

/** `sight`: of a command that is given a credential; else the policy says it. */
export function check(
  args: ExecArguments,
  typed: CanonicalRequest,
  context: OperationContext,
  sight: Sight = sightOf(args.argv[0], context),
): Result<Checked<ExecPlan>> {
  const directory = workingDirectory(args, context);
  const isBlind = sight.clearance !== "cleared";
  // Links are followed also where nothing is, so that this does not tell what is there.
  if (isBlind && [directory.real, ...directory.way].some((path) => isLocalOnly(path, context)))
    return fail(localOnlyPath(args.argv[0], args.cwd ?? "."));
  const call = { argv: args.argv, cwd: directory.real };
  const found = foundTargets(call, context);
  const open = found.filter(({ value }) => !isBlind || !isLocalOnly(value, context));
  // In a jail the command finds nothing at the end of such a link; without one only a refusal keeps it away.
  if (open.length < found.length && context.policy.subprocess.sandbox === "none") {
    return fail(localOnlyPath(args.argv[0], "an argument"));
  }
  // The operator chose the root; it is a target only if the script named it.
  const real = args.cwd === null ? [] : [pathTarget("read", directory.real)];
  const request = withTargets(typed, [...real, ...open]);
  const added = request.targets.filter(({ kind }) => kind === "path");
  const effects = new Set(added.map((target) => context.decide(target).effect));
  // Nothing more is looked at for a call that is refused anyway.
  const barred = effects.has("deny") ? refusedByTargets : protectedInode(added, context);
  const plan = barred === null ? planOf(args, directory, sight, context) : fail(barred);
  // Nobody is asked about a call that cannot succeed.
  if (!plan.ok && !effects.has("deny") && !effects.has("ask")) return plan;
  return ok({ request, plan, ...deniedBy(plan), release: () => undefined });
}

/** An argument that is another name (hard link) of a file that no path may reach. */
function protectedInode(targets: readonly Target[], context: OperationContext): Failure | null {
  for (const { value } of targets) {
    const stats = attempt(() => statSync(value));
    const barred = stats.ok ? protection(stats.value, "read", value, context) : null;
    if (barred !== null) return { ...barred, capability: "subprocess.exec" };
  }
  return null;
}

interface Directory {
  readonly real: string;
  /** What links led through. */
  readonly way: readonly string[];
  readonly exists: boolean;
}

/** `cwd` as it really is: the child is started there, not where a link leads later. */
function workingDirectory(args: ExecArguments, context: OperationContext): Directory {
  const path = typedCwd(args, context);
  const holding = new Holding();
  try {
    const found = locate(path.ok ? path.value : context.root, holding);
    const { real } = found;
    return { real, way: holding.way, exists: found.kind === "found" && found.handle.stats.isDirectory() };
  } finally {
    holding.release();
  }
}

function planOf(args: ExecArguments, directory: Directory, sight: Sight, context: OperationContext): ExecPlan {
  const [typed] = args.argv;
  if (!directory.exists) return fail(noDirectory(args.cwd ?? "."));
  const command = checkedCommand(typed, context);
  if (!command.ok) return command;
  const jail = context.policy.subprocess.sandbox === "none" ? ok(null) : planJail(typed, sight, context);
  if (!jail.ok) return jail;
  const env = environmentOf(args, command.value, directory.real, jail.value !== null, context);
  return env.ok ? ok(pinned(args, command.value, directory.real, env.value, jail.value, context)) : env;
}

function environmentOf(
  args: ExecArguments,
  command: ResolvedCommand,
  cwd: string,
  jailed: boolean,
  context: OperationContext,
): Result<Readonly<Record<string, string>>> {
  const env = childEnvironment(args.env, context, jailed);
  if (!isGit(args.argv[0], command.path)) return ok(env);
  const git = gitEnvironment({ argv: args.argv, cwd }, context);
  return git.ok ? ok({ ...env, ...git.value }) : git;
}

function pinned(
  { argv, stdin, timeoutMs }: ExecArguments,
  { path, dev, ino, interpreter }: ResolvedCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
  jail: JailPlan | null,
  { policy }: OperationContext,
): PinnedCommand {
  const limit = Math.ceil(policy.subprocess.timeoutSeconds * 1000);
  return {
    path,
    dev,
    ino,
    ...(interpreter === undefined ? {} : { interpreter }),
    argv,
    cwd,
    env,
    // Memory of its own, not of Node's pool: it goes to another thread.
    stdin: stdin === null ? null : new TextEncoder().encode(stdin),
    timeoutMs: Math.min(timeoutMs ?? limit, limit),
    maxOutputBytes: policy.subprocess.maxOutputBytes,
    jail,
  };
}

const noDirectory = (typed: string): Failure => ({
  code: "E_NOT_FOUND",
  message: `the working directory \`${typed}\` is not a directory that exists`,
  capability: "subprocess.exec",
  target: typed,
});

/** Stands in for a plan that the gate's refusal makes needless. */
const refusedByTargets: Failure = {
  code: "E_POLICY_DENIED",
  message: "the policy does not allow a path that the arguments name",
  capability: "subprocess.exec",
};
