/**
 * Puts a whole file in place: written under a temporary name in the same directory, then renamed, so that a reader or a
 * kill sees the old file or the new one and never a part. Nothing is synced: a power cut may lose the change, not mix it.
 * Everything goes through the held directory, which must be where it was decided before and after (CHECKED-IS-USED).
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs";
import { attempt, Changed } from "./attempt.ts";
import { childPath, holdChild, type InodeId, release, sameInode, stillAt } from "./descriptor.ts";
import { type Place, placePath } from "./place.ts";
import { temporaryName } from "./temporary.ts";

/** Permissions without setuid, setgid and sticky bits: those are never carried over to content of a script. */
export const permissions = (mode: number): number => mode & 0o777;

export interface Replacement {
  /** Permissions of the file that is replaced, or null: `created` and the process's umask then decide. */
  readonly kept: number | null;
  readonly created: number;
  /** `[a-z0-9]{16}`, for the temporary name. */
  readonly random: string;
  fill(fd: number): void;
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** Throws what the system throws, and `Changed`; then the old file is still there and the temporary one is not. */
export function replaceFile(place: Place, replacement: Replacement): void {
  const temporary: Place = { ...place, name: temporaryName(replacement.random) };
  // Nobody but us may look into what replaces a file that nobody but its owner may read.
  const mode = replacement.kept === null ? replacement.created : 0o600;
  const fd = openSync(placePath(temporary), NEW, mode);
  try {
    const written = filled(fd, replacement);
    const from = placePath(temporary);
    renameSync(from, childPath(place.directory, place.name));
    verify(place, written);
  } catch (error) {
    rmSync(childPath(temporary.directory, temporary.name), { force: true });
    throw error;
  }
}

/** Creates a file that must not exist. Not atomic: for content that is appended. */
export function createFile(place: Place, fill: (fd: number) => void): void {
  const fd = openSync(placePath(place), NEW | constants.O_APPEND, 0o666);
  let made: Stats;
  try {
    made = fstatSync(fd);
    fill(fd);
  } finally {
    closeSync(fd);
  }
  verify(place, made);
  // What is appended is lost with the file.
  if (!isOurs(place, made)) throw new Changed();
}

/** Writes all of it, however often the system takes only a part. */
export function writeAll(fd: number, content: Uint8Array): void {
  for (let done = 0; done < content.length; ) done += writeSync(fd, content, done, content.length - done);
}

function filled(fd: number, { kept, fill }: Replacement): Stats {
  try {
    fill(fd);
    if (kept !== null) fchmodSync(fd, permissions(kept));
    return fstatSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * If the directory was moved under our hands, what we made in it is taken away again. That another writer has replaced
 * it by now is no failure: each of us put a whole file there.
 */
function verify(place: Place, made: InodeId): void {
  try {
    stillAt(place.directory, place.directoryReal);
  } catch (error) {
    if (isOurs(place, made)) unlinkSync(childPath(place.directory, place.name));
    throw error;
  }
}

function isOurs(place: Place, made: InodeId): boolean {
  const there = attempt(() => holdChild(place.directory, place.name));
  if (there.ok) release(there.value);
  return there.ok && sameInode(there.value.stats, made);
}
