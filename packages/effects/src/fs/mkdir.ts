/**
 * `fs.mkdir`: a directory and the parents it lacks, each of which the policy decides. Every one is made by name in the
 * held parent and held before the next, so a link that appears meanwhile is never walked through.
 */
import { mkdirSync } from "node:fs";
import { posix } from "node:path";
import { fail, ok } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, Changed, ioFailure, isRefusal } from "./attempt.ts";
import { type Handle, holdChild, release, stillAt } from "./descriptor.ts";
import { existingDirectory } from "./inspect.ts";
import { locate, type Missing } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { type Place, placePath, placeReal } from "./place.ts";
import { pathTarget, pathTargets, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly path: string;
}

interface Plan extends Args {
  /** Null: it is there already, as with `mkdir -p`. */
  readonly missing: Missing | null;
}

export const mkdir = fileOperation<Args, Plan>({
  name: "fs.mkdir",
  capabilities: ["fs.write"],
  parse: (args) => readMembers("fs.mkdir", args, { path: "text" }),
  canonicalize: (args, context) => typedRequest("fs.write", [["write", args.path]], context),
  look(args, typed, context, holding) {
    const path = typedPath(typed);
    const found = locate(path, holding);
    const target = pathTarget("write", found.real);
    if (found.kind === "missing") {
      const targets = [target, ...pathTargets("write", missingPaths(found, path))];
      return { targets, plan: ok({ ...args, missing: found }) };
    }
    if (found.kind === "found" && !found.handle.stats.isDirectory()) {
      const message = `\`${args.path}\` already exists and is not a directory`;
      return { targets: [target], plan: fail({ code: "E_EXISTS", message, target: args.path }) };
    }
    const there = existingDirectory(found, "write", args.path, context, "");
    return { targets: [target], plan: there.ok ? ok({ ...args, missing: null }) : there };
  },
  act({ path, missing }) {
    if (missing === null) return ok({ value: null });
    const made = attempt(() => makeDirectories(missing, (place) => release(directoryAt(place))));
    return made.ok ? ok({ value: null }) : fail(ioFailure(made.refusal, path));
  },
});

/** Typed and real paths of the directories that would be made above the last name. */
export function missingPaths({ parentReal, names }: Missing, typed: string): string[] {
  const typedTop = typed.split("/").slice(0, -names.length).join("/");
  return names
    .slice(0, -1)
    .flatMap((_, at) => [typedTop, parentReal].map((top) => posix.join("/", top, ...names.slice(0, at + 1))));
}

/** Makes the missing directories above the last name, and hands its place to `then`. */
export function makeDirectories<T>(missing: Missing, then: (place: Place) => T): T {
  const name = missing.names[missing.names.length - 1] ?? missing.names[0];
  let place: Place = { directory: missing.parent, directoryReal: missing.parentReal, name };
  const made: Handle[] = [];
  try {
    for (const parent of missing.names.slice(0, -1)) {
      const at = { ...place, name: parent };
      const directory = directoryAt(at);
      made.push(directory);
      place = { directory, directoryReal: placeReal(at), name };
    }
    return then(place);
  } finally {
    made.forEach(release);
  }
}

/** Makes a directory, or takes one that somebody made meanwhile; never what a link leads to. */
function directoryAt(place: Place): Handle {
  try {
    return newDirectory(place);
  } catch (error) {
    if (!isRefusal(error, "EEXIST")) throw error;
    return holdDirectory(place);
  }
}

export function newDirectory(place: Place): Handle {
  mkdirSync(placePath(place));
  return holdDirectory(place);
}

function holdDirectory(place: Place): Handle {
  const handle = holdChild(place.directory, place.name);
  try {
    if (!handle.stats.isDirectory()) throw new Changed();
    stillAt(handle, placeReal(place));
    return handle;
  } catch (error) {
    release(handle);
    throw error;
  }
}
