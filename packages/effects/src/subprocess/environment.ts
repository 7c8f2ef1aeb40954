/**
 * The environment of a child, made from nothing: what `env.read` would give the script, what the policy lets the
 * script set, and a few fixed values. Ours is never passed on; names that make programs load code never are, either.
 */
import { posix } from "node:path";
import {
  type Decision,
  type Failure,
  fail,
  type OperationContext,
  ok,
  type Result,
  type SecretData,
} from "@agent-run/gate";
import { pathTarget } from "../fs/target.ts";
import type { ExecArguments } from "./arguments.ts";
import { isNeverForChildren } from "./child-names.ts";
import { partsOf } from "./command.ts";

export type ChildEnvironment = Readonly<Record<string, string>>;

const SYSTEM_DIRECTORIES = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Refuses a variable that a script may not set. Lexical, so that a refusal touches nothing. */
export function checkSetEnv(env: ExecArguments["env"], context: OperationContext): Result<null> {
  for (const [name] of env) {
    if (isNeverForChildren(name)) return fail(neverSet(name));
    if (!context.policy.subprocess.setEnv.includes(name)) return fail(notSet(name));
  }
  return ok(null);
}

/** What the child gets. `jailed`: it has a private `/tmp`, which is then its home, too. */
export function childEnvironment(
  set: ExecArguments["env"],
  context: OperationContext,
  jailed: boolean,
): ChildEnvironment {
  const granted = grantedVariables(context);
  const locale = "LANG" in granted || "LC_ALL" in granted ? {} : { LANG: "C.UTF-8" };
  return {
    // Nobody reads colours or answers prompts.
    TERM: "dumb",
    ...locale,
    ...(jailed ? { HOME: "/tmp" } : {}),
    ...granted,
    ...Object.fromEntries(set),
    PATH: pinnedPath(context),
  };
}

/** The variables that the script could read in the open. One that a person would have to be asked about is left out. */
function grantedVariables(context: OperationContext): ChildEnvironment {
  const readable = (name: string): boolean =>
    isPublic(context.decide({ on: "env.read", role: "read", kind: "variable", value: name }));
  const layers = [context.policy, ...context.policy.ceilings];
  const secret = new Set(layers.flatMap(({ localOnly }) => localOnly?.secrets ?? []).flatMap(nameOfSource));
  const entries = Object.entries(context.environment).filter(
    ([name]) => !isNeverForChildren(name) && !secret.has(name) && readable(name),
  );
  return Object.fromEntries(entries);
}

const isPublic = ({ effect, sealed }: Decision): boolean => effect === "allow" && sealed === undefined;

const nameOfSource = ({ source }: SecretData): readonly string[] => (source.kind === "env" ? [source.name] : []);

/**
 * The directories of the commands that were found at load, then the system's. A directory below the root or one that
 * the script may write is left out: a file planted there would be run by the next child that looks for its name.
 */
function pinnedPath(context: OperationContext): string {
  const found = context.policy.subprocess.commands.flatMap(partsOf).map(({ path }) => posix.dirname(path));
  const pinned = found.filter((directory) => !isBelow(directory, context.root) && !isWritable(directory, context));
  return [...new Set([...pinned, ...SYSTEM_DIRECTORIES])].filter((directory) => !directory.includes(":")).join(":");
}

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

const isWritable = (directory: string, context: OperationContext): boolean =>
  context.decide(pathTarget("write", directory)).effect === "allow";

const notSet = (name: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `the policy does not let a script set \`${name}\` for a command`,
  capability: "subprocess.exec",
  target: name,
  rule: { id: "default" },
  hint: `to allow it, the policy needs: [subprocess] set_env = ["${name}"]`,
});

const neverSet = (name: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${name}\` can make a program run other code, so nobody can set it for a command`,
  capability: "subprocess.exec",
  target: name,
  rule: { id: "builtin.child_environment" },
  hint: "leave it out; no policy key opens it",
});
