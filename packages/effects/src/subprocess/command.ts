/**
 * Which program a typed command name is, and whether it still is that program (CHECKED-IS-USED). Names were looked up
 * once, when the policy was loaded; a call never searches PATH. Identity is device and inode, the interpreter of `#!`
 * included. Content is not compared: who may write the file may change what it does, hence a program that the script
 * itself may write is refused.
 */
import { statSync } from "node:fs";
import { posix } from "node:path";
import {
  canonicalPath,
  type Failure,
  fail,
  type OperationContext,
  ok,
  type ResolvedCommand,
  type Result,
} from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { pathTarget } from "../fs/target.ts";

type Identity = { readonly path: string; readonly dev: number; readonly ino: number };

/**
 * The listed command that a script typed: by its name in the policy, or by its real path. Null: not listed, or not
 * there when the policy was loaded.
 */
export function findCommand(typed: string, context: OperationContext): ResolvedCommand | null {
  const { commands } = context.policy.subprocess;
  const named = commands.find(({ name }) => name === typed);
  if (named !== undefined) return named;
  if (!typed.includes("/")) return null;
  const path = canonicalPath(typed, context);
  if (!path.ok) return null;
  return commands.find((command) => path.value === command.path && keepsItsName(command)) ?? null;
}

/**
 * A program with many names (busybox, a version switcher) does what the first word of its argv says. Its real path
 * would run it as something else than the policy lists, so only the listed name is taken.
 */
const keepsItsName = ({ name, path }: ResolvedCommand): boolean => posix.basename(name) === posix.basename(path);

/** What stands in the request: the real path, or what was typed where nothing was found. */
export const commandValue = (typed: string, context: OperationContext): string =>
  findCommand(typed, context)?.path ?? typed;

/** The program, if it is the one that was found at load and out of the script's reach. */
export function checkedCommand(typed: string, context: OperationContext): Result<ResolvedCommand> {
  const command = findCommand(typed, context);
  if (command === null) return fail(notFound(typed));
  for (const part of partsOf(command)) {
    if (!isUnchanged(part)) return fail(changed(typed));
    const decision = context.decide(pathTarget("write", part.path));
    // Where a person is asked about each write, that person decides.
    if (decision.effect === "allow") return fail(writable(typed, decision.rule));
  }
  return ok(command);
}

/** Is the file that this path names now the one that was found? */
export function isUnchanged({ path, dev, ino }: Identity): boolean {
  const stats = attempt(() => statSync(path));
  return stats.ok && stats.value.isFile() && stats.value.dev === dev && stats.value.ino === ino;
}

/** The program and its interpreter. */
export const partsOf = (command: Identity & { readonly interpreter?: Identity }): readonly Identity[] =>
  command.interpreter === undefined ? [command] : [command, command.interpreter];

export const changed = (typed: string): Failure => ({
  code: "E_EXEC",
  message: `the program behind \`${typed}\` changed since the policy was loaded, so it was not run`,
  capability: "subprocess.exec",
  target: typed,
  hint: "start a new run, which looks the command up again",
});

const notFound = (typed: string): Failure => ({
  code: "E_NOT_FOUND",
  message: `the command \`${typed}\` was not found when the policy was loaded`,
  capability: "subprocess.exec",
  target: typed,
  hint: "install it in a directory of PATH that the script cannot write, or list its absolute path in `[subprocess] allow_commands`",
});

const writable = (typed: string, rule: Failure["rule"]): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` is a program that the script may write, so it is not run`,
  capability: "subprocess.exec",
  target: typed,
  ...(rule === undefined ? {} : { rule }),
  hint: "a file is either written by scripts or run by them: narrow `[filesystem] write_allow`",
});
