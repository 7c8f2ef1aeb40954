/**
 * The one way from a path to the disk (CHECKED-IS-USED). A path is first *held*: a descriptor to the inode itself, got
 * without following a final link, without opening what it is, without waiting. From then on the inode is what is looked
 * at, decided, opened and used, whatever is renamed meanwhile. Only regular files and directories are ever opened.
 *
 * Linux: `O_PATH` holds, `/proc/self/fd/N` names the held inode, and its link text is its real path now.
 * Elsewhere (macOS) there is neither: the real path is asked for and compared by device and inode before and after each
 * use, which leaves a window of microseconds to a program of the same user that swaps directories. Weaker, and said so.
 */
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { posix } from "node:path";
import { InvariantViolation } from "@agent-run/gate";
import { attempt, Changed, isRefusal } from "./attempt.ts";

/** An inode that stays the same until it is released. */
export interface Handle {
  /** -1 where the platform cannot hold this kind (links and special files outside Linux). */
  readonly fd: number;
  readonly stats: Stats;
  /** A path that names this inode in a system call. */
  readonly at: string;
}

/** The platform's way. All throw what the operating system throws. */
interface Descriptors {
  hold(path: string): Handle;
  realPath(handle: Handle): string;
  open(handle: Handle, flags: number): number;
  entries(directory: Handle): Dirent[];
}

// Node adds O_CLOEXEC to every open. O_PATH is of <fcntl.h>, the same number on every Linux that Node runs on.
const O_PATH = 0o10000000;
const CAREFUL = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

const linux: Descriptors = {
  hold(path) {
    const fd = openSync(path, O_PATH | constants.O_NOFOLLOW);
    return heldBy(fd, () => ({ fd, stats: fstatSync(fd), at: `/proc/self/fd/${fd}` }));
  },
  realPath(handle) {
    const path = readlinkSync(handle.at);
    // Pseudo-paths (`pipe:[1]`, `(unreachable)/x`) and names that are not UTF-8 cannot be decided, so they are not used.
    if (!path.startsWith("/") || path.includes("\uFFFD")) throw new Changed();
    // The kernel appends this when the name is gone; a real file may be called so, too.
    if (path.endsWith(" (deleted)") && !isAt(path, handle)) throw new Changed();
    return path;
  },
  // Opening through the magic link opens the held inode and no other, so there is no final link to refuse.
  open: (handle, flags) => openSync(handle.at, (flags | CAREFUL) & ~constants.O_NOFOLLOW),
  entries: (directory) => readdirSync(directory.at, { withFileTypes: true }),
};

function isAt(path: string, handle: Handle): boolean {
  const stats = attempt(() => lstatSync(path));
  return stats.ok && sameInode(stats.value, handle.stats);
}

const portable: Descriptors = {
  hold(path) {
    const stats = lstatSync(path);
    const parent = realpathSync.native(posix.dirname(path));
    const at = stats.isSymbolicLink() ? posix.join(parent, posix.basename(path)) : realpathSync.native(path);
    if (!stats.isFile() && !stats.isDirectory()) return { fd: -1, stats, at };
    const fd = openSync(at, constants.O_RDONLY | CAREFUL);
    return heldBy(fd, () => {
      if (!sameInode(fstatSync(fd), stats) || !sameInode(lstatSync(at), stats)) throw new Changed();
      return { fd, stats, at };
    });
  },
  realPath(handle) {
    if (!sameInode(lstatSync(handle.at), handle.stats)) throw new Changed();
    return handle.stats.isSymbolicLink() ? handle.at : realpathSync.native(handle.at);
  },
  open(handle, flags) {
    const fd = opened(handle.at, flags | CAREFUL);
    return heldBy(fd, () => {
      if (!sameInode(fstatSync(fd), handle.stats)) throw new Changed();
      return fd;
    });
  },
  entries(directory) {
    const entries = readdirSync(directory.at, { withFileTypes: true });
    if (!sameInode(lstatSync(directory.at), directory.stats)) throw new Changed();
    return entries;
  },
};

/**
 * Reading leaves no time of access where the file is ours: a copy to a local-only place, dropped or not by how long sealed
 * work took, would show in it.
 */
function opened(path: string, flags: number): number {
  try {
    return openSync(path, flags | constants.O_NOATIME);
  } catch (error) {
    if (!isRefusal(error, "EPERM")) throw error;
    return openSync(path, flags);
  }
}

const platform = process.platform === "linux" ? linux : portable;

/** Holds what is at `path`: a final link itself, not what it leads to. */
export const hold = (path: string): Handle => platform.hold(path);

export const holdChild = (directory: Handle, name: string): Handle => platform.hold(childPath(directory, name));

export const holdParent = (directory: Handle): Handle => platform.hold(`${directory.at}/..`);

/** Where the held inode is now, without links. Throws `Changed` if it has no name any more. */
export const realPath = (handle: Handle): string => platform.realPath(handle);

/** Throws `Changed` unless the held inode is still where it was decided. */
export function stillAt(handle: Handle, path: string): void {
  if (platform.realPath(handle) !== path) throw new Changed();
}

/** Opens the held inode, and no other, for reading or writing. */
export function openHeld(handle: Handle, flags: number): number {
  if (!handle.stats.isFile() && !handle.stats.isDirectory()) {
    throw new InvariantViolation("something other than a file or directory was about to be opened");
  }
  return platform.open(handle, flags);
}

/** Path of a name inside a held directory, for calls that act on names (rename, unlink, mkdir, exclusive create). */
export function childPath(directory: Handle, name: string): string {
  // The kernel would walk out through these; nothing that reaches this line may hold one.
  if (name === "" || name === "." || name === ".." || name.includes("/")) {
    throw new InvariantViolation("a name inside a directory was not a single name");
  }
  return `${directory.at}/${name}`;
}

/** What a held directory has, with kinds, in no order. Names that are not UTF-8 hold U+FFFD. */
export const entriesOf = (directory: Handle): Dirent[] => platform.entries(directory);

export function release(handle: Handle): void {
  if (handle.fd >= 0) closeSync(handle.fd);
}

/** Everything one call holds, released together when the gate is done with it. */
export class Holding {
  readonly #handles: Handle[] = [];
  /** Real paths that links led through, and away from again: whether they are there shows in what is at the end. */
  readonly way: string[] = [];

  keep<H extends Handle>(handle: H): H {
    this.#handles.push(handle);
    return handle;
  }

  /** Releases at once if `work`, which holds things here, throws. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    for (const handle of this.#handles.splice(0)) release(handle);
  }
}

export interface InodeId {
  readonly dev: number;
  readonly ino: number;
}

export const sameInode = (a: InodeId, b: InodeId): boolean => a.dev === b.dev && a.ino === b.ino;

function heldBy<T>(fd: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
