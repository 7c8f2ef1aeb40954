/**
 * The directory that a local-only place hangs under may lie in a public one, whose time and entries tell that it was made.
 * So it is made before the first run: whether it is there must not depend on what is written, nor on whether a private
 * block writes at all. No script can remove it: nothing grants deleting what is local-only.
 */
import { posix } from "node:path";
import { canonicalPath, isJsonObject, type Json, type OperationContext } from "@agent-run/gate";

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

/** The topmost directory of this write that is itself a place for sealed data; null: the file hangs in no such directory. */
export function baseDirectory(op: string, args: Json, context: OperationContext): string | null {
  const typed = isJsonObject(args) ? (op === "fs.copy" ? args.to : args.path) : undefined;
  if (!["fs.write", "fs.copy", "fs.mkdir"].includes(op) || typeof typed !== "string") return null;
  const path = canonicalPath(typed, context);
  let base: string | null = null;
  for (let at = path.ok ? posix.dirname(path.value) : "/"; at !== "/"; at = posix.dirname(at)) {
    const decision = context.decide({ on: "fs.write", role: "write", kind: "path", value: at });
    if (decision.effect === "allow" && decision.sealed !== undefined) base = at;
  }
  return base;
}
