/** Settings files on the disk: read only if they are plainly the user's own, written whole or not at all. */
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, sep } from "node:path";
import { SetupRefusal } from "./host.ts";

/** Bytes; the largest known, `~/.claude.json`, has some hundred thousand. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Null: not there. A link could lead to a file of another meaning, a file of another user can change under us; `below` is the
 * directory (a project or a home) down from which no link is followed.
 */
export function readSettings(path: string, below: string): string | null {
  for (const directory of directoriesOf(path, below)) {
    const there = lstatSync(directory, { throwIfNoEntry: false });
    if (there?.isSymbolicLink())
      throw new SetupRefusal(`\`${directory}\` is a link, and settings are not changed through one`);
    if (there !== undefined && isForeign(there.uid)) throw new SetupRefusal(`\`${directory}\` belongs to another user`);
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (there.isSymbolicLink()) throw new SetupRefusal("it is a link, and settings are not changed through one");
  if (!there.isFile()) throw new SetupRefusal("it is no regular file");
  return readChecked(path);
}

function readChecked(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new SetupRefusal(`it cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    const { uid, size, nlink } = fstatSync(fd);
    if (isForeign(uid)) throw new SetupRefusal("it belongs to another user");
    if (nlink > 1)
      throw new SetupRefusal("it has several names (hard links), of which only one would get the new text");
    if (size > MOST_BYTES) throw new SetupRefusal("it is larger than 16 MiB");
    // The mark of a byte order is part of the text, as it must come back.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(fd));
  } catch (error) {
    if (error instanceof SetupRefusal) throw error;
    throw new SetupRefusal("it is not UTF-8 text");
  } finally {
    closeSync(fd);
  }
}

const isForeign = (uid: number): boolean => process.getuid !== undefined && uid !== process.getuid();

/** From below a directory down to the one of the file. */
function directoriesOf(path: string, below: string): string[] {
  const found: string[] = [];
  for (let at = dirname(path); at.startsWith(below.endsWith(sep) ? below : below + sep); at = dirname(at))
    found.unshift(at);
  return found;
}

/**
 * Puts `next` in the place of `before`, which must still be what is there. Null: no file. Who may read it stays so; a new
 * file is for the user alone.
 */
export function writeSettings(path: string, below: string, before: string | null, next: string | null): void {
  if (readSettings(path, below) !== before) throw new SetupRefusal("it changed meanwhile; try again");
  if (next === null) removeSettings(path, below);
  else replaceSettings(path, below, next);
}

function replaceSettings(path: string, below: string, next: string): void {
  for (const directory of directoriesOf(path, below)) mkdirSync(directory, { recursive: true });
  const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0o600;
  const draft = `${path}.${process.pid}.agent-run-new`;
  try {
    const fd = openSync(draft, "wx", 0o600);
    try {
      writeFileSync(fd, next);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    chmodSync(draft, mode & 0o7777);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new SetupRefusal(`it cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** And the directories that held nothing else. */
function removeSettings(path: string, below: string): void {
  rmSync(path, { force: true });
  try {
    for (const directory of directoriesOf(path, below).reverse()) rmdirSync(directory);
  } catch {
    // it holds something else
  }
}

export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Keeps the text of before for the user. Never over another one. */
export function keepBackup(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let number = 1; ; number += 1) {
    const path = `${directory}${sep}${name}.${number}`;
    try {
      writeFileSync(path, text, { flag: "wx", mode: 0o600 });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw new SetupRefusal(`no backup can be kept in \`${directory}\`: ${(error as NodeJS.ErrnoException).code}`);
      }
    }
  }
}
