/**
 * The copy in which a learning run changes files: a directory of our own that looks like the root. A directory gets its
 * entries when a call first comes to it; a file in it has the size and times of the real one and no content, which is
 * read from the real file until a call changes, moves or copies it here. The real tree is only ever read, by held
 * descriptors that are where they should be. Links that stay in the root lead to the same place of the copy.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { posix } from "node:path";
import type { ProtectedInode } from "@agent-run/gate";
import { attempt } from "../attempt.ts";
import { childPath, entriesOf, type Handle, Holding, openHeld, sameInode } from "../descriptor.ts";
import { isSpeakable, under } from "../enumerate.ts";
import { locate } from "../locate.ts";
import { writeAll } from "../replace.ts";
import { isTemporary } from "../temporary.ts";

/** Entries of the copy, and bytes of real files in it. */
const MAX_ENTRIES = 200_000;
const MAX_BYTES = 1024 ** 3;
// As the kernel's own bound (MAXSYMLINKS).
const MAX_LINKS = 40;
const CHUNK = 256 * 1024;

/** A bound of the copy is reached; the call fails with `message`. */
export class OverlayFull extends Error {}

export class Overlay {
  readonly #root: string;
  readonly #top: string;
  readonly #base: string;
  readonly #barred: () => readonly ProtectedInode[];
  /** Directories of the copy that have not got their entries yet; by their NFC form, as policies are asked about that. */
  readonly #bare = new Map<string, string>();
  /** Files of the copy whose content is still that of the real file. */
  readonly #hollow = new Map<string, Stats>();
  readonly #protected: ProtectedInode[] = [];
  #entries = 0;
  #bytes = 0;

  /** `base`: an empty directory of our own. `barred`: real inodes that have to stay barred under the names here. */
  constructor(root: string, base: string, barred: () => readonly ProtectedInode[]) {
    this.#root = root;
    this.#base = base;
    this.#top = posix.join(base, "root");
    this.#barred = barred;
    mkdirSync(this.#top, 0o700);
    this.#bare.set(this.#top, this.#top);
  }

  /** Inodes of the copy that stand for protected ones. */
  get protectedInodes(): readonly ProtectedInode[] {
    return this.#protected;
  }

  /** Where a real path is in the copy; what is not below the root is not copied. */
  inside = (path: string): string => rebased(path, this.#root, this.#top) ?? path;

  /** The real path that a path of the copy stands for. */
  outside = (path: string): string => rebased(path, this.#top, this.#root) ?? path;

  holds(path: string): boolean {
    return rebased(path, this.#top, this.#root) !== null;
  }

  /**
   * Makes the way to a path of the copy walkable, the entries of the last directory included. Returns where it leads,
   * links followed; null: to nothing, or out of the copy.
   */
  open(path: string): string | null {
    const names = path.slice(this.#top.length).split("/").filter(Boolean);
    let here = this.#top;
    for (let links = 0; names.length > 0; ) {
      this.furnish(here);
      const name = names.shift() ?? "";
      if (name === ".") continue;
      const next = name === ".." ? posix.dirname(here) : this.#child(here, name);
      if (next === null || !this.holds(next)) return null;
      const stats = attempt(() => lstatSync(next));
      if (!stats.ok) return null;
      if (!stats.value.isSymbolicLink()) {
        here = next;
        continue;
      }
      links += 1;
      const text = readlinkSync(next);
      if (links > MAX_LINKS || (text.startsWith("/") && !this.holds(text))) return null;
      names.unshift(...(text.startsWith("/") ? text.slice(this.#top.length) : text).split("/").filter(Boolean));
      if (text.startsWith("/")) here = this.#top;
    }
    this.furnish(here);
    return here;
  }

  /** Gives a directory and all that is below it their entries, up to `most` of them. */
  openAll(path: string, most: number): void {
    const directories = [path];
    for (let seen = 0, at = directories.pop(); at !== undefined && seen <= most; at = directories.pop()) {
      this.furnish(at);
      const directory = at;
      const entries = attempt(() => readdirSync(directory, { withFileTypes: true }));
      if (!entries.ok) continue;
      seen += entries.value.length;
      for (const entry of entries.value) if (entry.isDirectory()) directories.push(under(at, entry.name));
    }
  }

  /** Files at or below a path whose content is not here. */
  hollowBelow(path: string): string[] {
    const found = this.isHollow(path) ? [path] : [];
    for (const file of this.#hollow.keys()) if (file.startsWith(`${path}/`) && this.isHollow(file)) found.push(file);
    return found;
  }

  /** Brings the content of a real file here. False: it is not there any more, or larger than `most`. */
  fill(path: string, most: number): boolean {
    const holding = new Holding();
    try {
      const real = this.outside(path);
      const found = locate(real, holding);
      if (found.kind !== "found" || found.real !== real || !found.handle.stats.isFile()) return false;
      if (found.handle.stats.size > most) return false;
      this.#bytes += found.handle.stats.size;
      if (this.#bytes > MAX_BYTES) throw new OverlayFull("a learning run copies at most 1 GiB of files");
      pour(found.handle, path, most);
      this.#hollow.delete(path);
      return true;
    } finally {
      holding.release();
    }
  }

  /** Is the content of this file still the real one's? */
  isHollow(path: string): boolean {
    const then = this.#hollow.get(path);
    const now = then === undefined ? null : attempt(() => lstatSync(path));
    // Another file may have got the name, and even the inode, but not the time of the real one.
    return (
      then !== undefined &&
      now?.ok === true &&
      sameInode(now.value, then) &&
      now.value.mtimeMs === then.mtimeMs &&
      now.value.size === then.size
    );
  }

  /** A name as scripts type it, in the form in which it is stored. */
  #child(directory: string, name: string): string | null {
    const exact = under(directory, name);
    if (attempt(() => lstatSync(exact)).ok || Buffer.byteLength(name) === name.length) return exact;
    const names = attempt(() => readdirSync(directory));
    const stored = names.ok ? names.value.sort().find((one) => one.normalize("NFC") === name) : undefined;
    return stored === undefined ? exact : under(directory, stored);
  }

  /** Gives a directory its entries, if it still lacks them. */
  furnish(path: string): void {
    const links: string[] = [];
    this.#furnishOne(path, links);
    // A listing looks at where its links lead.
    for (let link = links.pop(); link !== undefined; link = links.pop()) this.#openLink(link, links);
  }

  #openLink(link: string, links: string[]): void {
    const text = attempt(() => readlinkSync(link));
    if (!text.ok) return;
    const to = posix.resolve(posix.dirname(link), text.value);
    const names = this.holds(to) ? to.slice(this.#top.length).split("/").filter(Boolean) : [];
    let here = this.#top;
    for (const name of names) {
      this.#furnishOne(here, links);
      here = under(here, name);
    }
  }

  #furnishOne(asked: string, links: string[]): void {
    const path = this.#bare.get(asked.normalize("NFC"));
    if (path === undefined) return;
    this.#bare.delete(asked.normalize("NFC"));
    const holding = new Holding();
    try {
      const real = this.outside(path);
      const found = locate(real, holding);
      if (found.kind !== "found" || found.real !== real || !found.handle.stats.isDirectory()) return;
      const directory = found.handle;
      const entries = attempt(() => entriesOf(directory));
      for (const { name } of entries.ok ? entries.value : []) {
        if (isTemporary(name) || !isSpeakable(name) || under(real, name) === this.#base) continue;
        const made = attempt(() => this.#mirror(directory, real, path, name));
        if (made.ok && made.value === "symlink") links.push(under(path, name));
      }
      utimesSync(path, directory.stats.atimeMs / 1000, directory.stats.mtimeMs / 1000);
    } finally {
      holding.release();
    }
  }

  #mirror(directory: Handle, real: string, path: string, name: string): "symlink" | "other" {
    this.#entries += 1;
    if (this.#entries > MAX_ENTRIES)
      throw new OverlayFull(`a learning run copies at most ${MAX_ENTRIES} names of files`);
    const from = childPath(directory, name);
    const stats = lstatSync(from);
    const to = under(path, name);
    if (stats.isSymbolicLink()) {
      symlinkSync(this.#linkText(readlinkSync(from), real), to);
      return "symlink";
    }
    if (stats.isDirectory()) {
      mkdirSync(to, 0o700 | (stats.mode & 0o777));
      utimesSync(to, stats.atimeMs / 1000, stats.mtimeMs / 1000);
      this.#bare.set(to.normalize("NFC"), to);
    } else if (stats.isFile()) {
      this.#hollow.set(to, shell(to, stats));
    } else return "other";
    this.#bar(stats, to);
    return "other";
  }

  /** A protected inode stays so: the name here stands for it. */
  #bar(stats: Stats, to: string): void {
    const barred = this.#barred().filter((held) => sameInode(held, stats));
    if (barred.length === 0) return;
    const { dev, ino } = lstatSync(to);
    for (const { access, what } of barred) this.#protected.push({ dev, ino, access, what });
  }

  /** Where a link leads in the root, it leads in the copy; elsewhere it leads out of it, to where the real one does. */
  #linkText(text: string, directory: string): string {
    const to = posix.resolve(directory, text);
    if (rebased(to, this.#root, this.#top) === null) return to;
    return text.startsWith("/") ? this.inside(to) : text;
  }
}

function rebased(path: string, from: string, to: string): string | null {
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? to + path.slice(from.length) : null;
}

/** A file with the size, permissions and times of another, and none of its content; its blocks are not there. */
function shell(path: string, { mode, size, atimeMs, mtimeMs }: Stats): Stats {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(path, flags, mode & 0o777);
  try {
    ftruncateSync(fd, size);
    futimesSync(fd, atimeMs / 1000, mtimeMs / 1000);
  } finally {
    closeSync(fd);
  }
  return lstatSync(path);
}

/** In place, so that who held the empty file holds the full one. */
function pour(from: Handle, path: string, most: number): void {
  const { atimeMs, mtimeMs } = from.stats;
  const source = openHeld(from, constants.O_RDONLY);
  try {
    const target = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      const buffer = Buffer.allocUnsafeSlow(CHUNK);
      for (let done = 0; done < most; ) {
        const got = readSync(source, buffer, 0, Math.min(CHUNK, most - done), done);
        if (got === 0) break;
        writeAll(target, buffer.subarray(0, got));
        done += got;
      }
      futimesSync(target, atimeMs / 1000, mtimeMs / 1000);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}
