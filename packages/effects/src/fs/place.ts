/**
 * A place is a name in a held directory. What is made, replaced, moved or removed is named so, never by a whole path:
 * links above it were followed once, when the directory was held, and a link that has the name itself is never followed.
 */
import { posix } from "node:path";
import { attempt, Changed, type SystemRefusal } from "./attempt.ts";
import { childPath, type Handle, type Holding, hold, holdChild, release, sameInode, stillAt } from "./descriptor.ts";
import { type Found, locate, lookUp } from "./locate.ts";
import { isTemporary } from "./temporary.ts";

export interface Place {
  readonly directory: Handle;
  /** Where the directory was decided to be. */
  readonly directoryReal: string;
  readonly name: string;
}

export const placeReal = ({ directoryReal, name }: Place): string => posix.join(directoryReal, name);

/** Path of the place for a call that acts on names. Throws `Changed` if the directory is not where it was decided. */
export function placePath({ directory, directoryReal, name }: Place): string {
  stillAt(directory, directoryReal);
  return childPath(directory, name);
}

export type Placed =
  | { readonly kind: "place"; readonly place: Place; readonly there: Handle | null; readonly real: string }
  | { readonly kind: "nowhere"; readonly refusal: SystemRefusal; readonly real: string };

const NOT_FOUND: SystemRefusal = { code: "ENOENT", says: "no such file or directory" };

/** The place of a canonical path itself: a final link is not followed. `there` is what has the name now. */
export function placeAt(path: string, holding: Holding): Placed {
  const name = posix.basename(path);
  const parent = locate(posix.dirname(path), holding);
  const real = posix.join(parent.real, name);
  if (parent.kind === "unreachable") return { kind: "nowhere", refusal: parent.refusal, real };
  if (parent.kind === "missing" || name === "" || isTemporary(name))
    return { kind: "nowhere", refusal: NOT_FOUND, real };
  if (!parent.handle.stats.isDirectory()) return { kind: "nowhere", refusal: NOT_FOUND, real };
  const directory = parent.handle;
  const found = attempt(() => lookUp(directory, name));
  if (found.ok) {
    const place = { directory, directoryReal: parent.real, name: found.value.name };
    return { kind: "place", place, there: holding.keep(found.value.handle), real };
  }
  if (found.refusal.code !== "ENOENT") return { kind: "nowhere", refusal: found.refusal, real };
  return { kind: "place", place: { directory, directoryReal: parent.real, name }, there: null, real };
}

/** The place of a file that was found: the directory of its real path, if the file is still in it. */
export function placeOf(found: Found, holding: Holding): Place {
  const directoryReal = posix.dirname(found.real);
  const directory = holding.keep(hold(directoryReal));
  stillAt(directory, directoryReal);
  const name = posix.basename(found.real);
  const there = holdChild(directory, name);
  release(there);
  if (!sameInode(there.stats, found.handle.stats)) throw new Changed();
  return { directory, directoryReal, name };
}
