/**
 * The directory that a local-only place hangs under is made when the first sealed write to it is ordered, whatever comes
 * of the write: whether it is there must not depend on what is written.
 */
import { posix } from "node:path";
import { canonicalPath, isJsonObject, type Json, type OperationContext } from "@agent-run/gate";

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
