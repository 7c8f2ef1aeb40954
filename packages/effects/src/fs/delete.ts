/**
 * `fs.delete`: a file, a link (itself, never what it leads to) or a directory; what a directory holds only with
 * `recursive`. Everything that would go is decided first, and one refusal keeps all of it.
 */
import { rmdirSync, unlinkSync } from "node:fs";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure } from "./attempt.ts";
import { release } from "./descriptor.ts";
import { under } from "./enumerate.ts";
import { notFound } from "./inspect.ts";
import { fileOperation } from "./operation.ts";
import { type Place, placeAt, placePath, placeReal } from "./place.ts";
import { pathTarget, pathTargets, typedPath, typedRequest } from "./target.ts";
import { holdSurveyed, survey, type Tree, treePaths } from "./tree.ts";

interface Args {
  readonly path: string;
  readonly recursive: boolean;
}

interface Plan extends Args {
  readonly place: Place;
  readonly tree: Tree;
}

export const remove = fileOperation<Args, Plan>({
  name: "fs.delete",
  capabilities: ["fs.delete"],
  parse(args) {
    const members = readMembers("fs.delete", args, { path: "text", recursive: "flag?" });
    return members.ok ? ok({ path: members.value.path, recursive: members.value.recursive ?? false }) : members;
  },
  canonicalize: (args, context) => typedRequest("fs.delete", [["delete", args.path]], context),
  look(args, typed, context, holding) {
    const path = typedPath(typed);
    const placed = placeAt(path, holding);
    const target = pathTarget("delete", placed.real);
    if (placed.kind === "nowhere") return { targets: [target], plan: fail(ioFailure(placed.refusal, args.path)) };
    const { place, there } = placed;
    if (there === null) return { targets: [target], plan: fail(notFound(args.path)) };
    const tree = survey(there, place.name, "write", args.path, context, placeReal(place));
    if (!tree.ok) return { targets: [target], plan: tree };
    if (tree.value.children.length > 0 && !args.recursive)
      return { targets: [target], plan: fail(notEmpty(args.path)) };
    const descendants = [...new Set([path, placed.real])].flatMap((top) => [...treePaths(tree.value, top)]);
    const plan: Result<Plan> = ok({ ...args, place, tree: tree.value });
    return { targets: [target, ...pathTargets("delete", descendants)], plan };
  },
  act({ path, place, tree }) {
    const tried = attempt(() => removeTree(place, tree));
    if (tried.ok) return ok({ value: null });
    if (tried.refusal.code === "ENOTEMPTY") return fail({ ...notEmpty(path), code: "E_IO" });
    return fail(ioFailure(tried.refusal, path));
  },
});

/** Removes exactly what was surveyed; what appeared meanwhile keeps its directory. */
export function removeTree(place: Place, tree: Tree): void {
  const handle = holdSurveyed(place.directory, place.directoryReal, tree);
  try {
    const real = under(place.directoryReal, tree.name);
    for (const child of tree.children) {
      removeTree({ directory: handle, directoryReal: real, name: child.name }, child);
    }
  } finally {
    release(handle);
  }
  const at = placePath({ ...place, name: tree.name });
  if (tree.kind === "directory") rmdirSync(at);
  else unlinkSync(at);
}

const notEmpty = (path: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${path}\` is a directory that is not empty`,
  target: path,
  hint: "pass `recursive: true` to delete what it holds, too",
});
