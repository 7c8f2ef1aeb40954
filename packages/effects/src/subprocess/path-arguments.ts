/**
 * The files that a command's arguments name. A child opens them itself, out of our sight, so each must be readable
 * under the file rules before it is started. What is decided is the text made absolute, and where it really leads: a
 * kernel follows links before `..`, so the two can differ. Between here and the child's own open a link may be changed
 * by somebody else; only the jail closes that gap.
 */
import { lstatSync, realpathSync } from "node:fs";
import { posix } from "node:path";
import { argumentPaths, type OperationContext, type Target } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { pathTarget } from "../fs/target.ts";
import { isLocalOnly } from "./clearance.ts";
import { findCommand } from "./command.ts";

/** PATH_MAX of Linux: the kernel takes no longer one, so it names nothing. */
const MAX_PATH_BYTES = 4096;

export interface PathArguments {
  readonly argv: readonly [string, ...string[]];
  /** Absolute. */
  readonly cwd: string;
}

/**
 * The first word that may name a local-only path, by its text alone: whether something is there makes no difference.
 * Words that are no path by their form count as well; in doubt a public command does not get the word.
 */
export function localOnlyWord(call: PathArguments, context: OperationContext): string | null {
  const isNamed = (text: string) =>
    meanings(text, call.cwd, context).some((path) => isLocalOnly(lexical(path), context));
  return argumentPaths(call.argv).find(({ text }) => isNamed(text))?.text ?? null;
}

/** Lexical: what is a path by its form. */
export function typedTargets(call: PathArguments, context: OperationContext): readonly Target[] {
  const texts = argumentPaths(call.argv).flatMap(({ text, certain }) => (certain ? [text] : []));
  return heldTargets(call, texts.flatMap((text) => meanings(text, call.cwd, context)).map(lexical), context);
}

/** With the disk: real paths, and words that happen to name something under `cwd`. */
export function foundTargets(call: PathArguments, context: OperationContext): readonly Target[] {
  const paths = argumentPaths(call.argv).flatMap(({ text, certain }) => {
    const places = meanings(text, call.cwd, context);
    return certain ? places : places.filter(isThere);
  });
  return heldTargets(
    call,
    paths.flatMap((path) => [lexical(path), whereItLeads(path)]),
    context,
  );
}

/**
 * With `args = "free"` arguments need no grant, but a deny always holds: of their targets only those stay that a rule
 * denies. A target that nothing matches (rule `default`) is what `free` opens.
 */
function heldTargets({ argv }: PathArguments, paths: readonly string[], context: OperationContext): readonly Target[] {
  const targets = [...new Set(paths)].map((path) => pathTarget("read", path));
  const name = findCommand(argv[0], context)?.name ?? argv[0];
  if (!context.policy.subprocess.freeArgs.includes(name)) return targets;
  return targets.filter((target) => {
    const { effect, rule } = context.decide(target);
    return effect === "deny" && rule.id !== "default";
  });
}

/** Absolute, not yet normalized. Some programs expand a leading `~`, most take it as a name: both are meant. */
function meanings(text: string, cwd: string, context: OperationContext): readonly string[] {
  if (text === "" || Buffer.byteLength(text) > MAX_PATH_BYTES) return [];
  const plain = text.startsWith("/") ? text : `${cwd}/${text}`;
  return text === "~" || text.startsWith("~/") ? [plain, `${context.home}/${text.slice(1)}`] : [plain];
}

/** Without dot segments; as a person reads the text. */
function lexical(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

const isThere = (path: string): boolean => attempt(() => lstatSync(path)).ok;

/** As the kernel walks it. Of what does not exist: its nearest existing parent, and the rest as written. */
export function whereItLeads(path: string): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const head = path.slice(0, end);
    const real = attempt(() => realpathSync.native(head));
    if (real.ok) return lexical(`${real.value}/${path.slice(end)}`);
  }
  return lexical(path);
}
