/**
 * The directory that a local-only place hangs under may lie in a public one, whose time and entries tell that it was made.
 * So it is made when a run begins, and never later: whether it is there must not depend on what is written, nor on whether
 * a private block writes at all. No script can remove it: nothing grants deleting what is local-only.
 */
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { type AnyOperation, type Failure, fail, type OperationContext, type Target } from "@agent-run/gate";

/** Directories that the policy makes places for sealed data, with all below them, and that do not lie in another. */
export function baseDirectories(context: OperationContext): readonly string[] {
  const patterns = context.policy.rules.flatMap(({ sealed, on, match }) =>
    sealed === true && match.kind === "path" && on.includes("fs.write") ? match.patterns : [],
  );
  const trees = patterns.filter((pattern) => /^[^*?[{]*\/\*\*$/.test(pattern.replace(/\\./gs, "")));
  return trees
    .map((tree) => tree.slice(0, -"/**".length).replace(/\\(.)/gs, "$1"))
    .filter((path) => path !== "" && isBase(path, context));
}

/** Local-only, and what holds it is not. */
function isBase(path: string, context: OperationContext): boolean {
  const isLocal = (at: string): boolean =>
    (["read", "write"] as const).some(
      (role) => context.decide({ on: `fs.${role}`, role, kind: "path", value: at }).sealed !== undefined,
    );
  return isLocal(path) && !isLocal(posix.dirname(path));
}

/** The same operation, but for one that would make such a directory: only the start of a run does. */
export const withinBases = (operation: AnyOperation): AnyOperation => ({
  ...operation,
  *check(args, typed, context) {
    const checked = yield* operation.check(args, typed, context);
    if (!checked.ok) return checked;
    const made = checked.value.request.targets.find((target) => makesBase(target, context));
    if (made === undefined) return checked;
    checked.value.release();
    return fail(noBase(made.value));
  },
});

const makesBase = ({ role, value }: Target, context: OperationContext): boolean =>
  role === "write" && baseDirectories(context).includes(value) && !existsSync(value);

const noBase = (path: string): Failure => ({
  code: "E_SINK",
  message: `the directory \`${path}\` was not there when the run began, and making it would show in the one above`,
  hint: "make the directory above it before the run",
});
