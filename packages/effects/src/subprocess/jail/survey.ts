/**
 * Walks what a jail would show and finds what it must not: paths that the policy does not let the script read are
 * hidden, paths that it does not let it write become read-only inside a writable directory. The policy itself is asked
 * about every entry, so that a jail and `fs.read` never disagree. Sockets, pipes and devices are hidden, too: a child
 * could talk to the host through them.
 *
 * What appears after the walk is not seen: a file that somebody else creates in a shown directory is shown, even under
 * a name that is denied. What the child itself creates under such a name is dealt with at its end, in aside.ts.
 * (A few lines longer than other files: one walk.)
 */
import { accessSync, constants, type Dirent, lstatSync, readdirSync, readlinkSync } from "node:fs";
import type { JailPlan, OperationContext, PolicyData } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";
import { isLocalOnly, maySee, type Sight } from "../clearance.ts";

/** Entries looked at for one command; about two seconds of work. */
export const MAX_ENTRIES = 200_000;
/** Mounts of one jail. Each costs the kernel some 30 us, and bwrap takes 9,000 words. */
export const MAX_MOUNTS = 1_000;

export interface Hidden {
  readonly path: string;
  readonly kind: "file" | "directory";
}

/** Why no jail can be built. */
export class Unjailable extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

export const tooManyMounts = (): Unjailable =>
  new Unjailable(
    `more than ${MAX_MOUNTS} paths below the directories it could see would have to be guarded`,
    "grant directories that hold fewer denied files in `[filesystem] read_allow`",
  );

/** What a walk leaves. */
export interface Findings {
  readonly hidden: Hidden[];
  readonly readOnly: string[];
  /** Links with names that may not be written, in writable directories. */
  readonly links: JailPlan["links"][number][];
}

/** One directory's part of it. Kept while the directory does not change. */
interface Listing extends Findings {
  readonly directories: readonly string[];
  readonly entries: number;
  readonly stamp: string;
}

export class Survey {
  readonly #context: OperationContext;
  readonly #sight: Sight;
  readonly #closed: ReadonlySet<string>;
  readonly #cache: Map<string, Listing>;
  readonly #visited = new Set<string>();
  #left = MAX_ENTRIES;
  readonly findings: Findings = { hidden: [], readOnly: [], links: [] };

  /** `closed`: hidden, whatever is there. */
  constructor(context: OperationContext, sight: Sight, closed: ReadonlySet<string>) {
    this.#context = context;
    this.#sight = sight;
    this.#closed = closed;
    this.#cache = cacheOf(context, [sight.clearance, ...sight.accepts, "", ...closed].join("\0"));
  }

  /** Looks at everything below a directory that is shown. `writableRoots` are shown writable. */
  walk(root: string, writableRoots: ReadonlySet<string>): void {
    const waiting = [{ path: root, writable: writableRoots.has(root) }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (this.#visited.has(next.path)) continue;
      this.#visited.add(next.path);
      const listing = this.#list(next.path, next.writable);
      this.count(listing.entries);
      this.findings.hidden.push(...listing.hidden);
      this.findings.readOnly.push(...listing.readOnly);
      this.findings.links.push(...listing.links);
      for (const path of listing.directories) {
        const writable = writableRoots.has(path) || (next.writable && !listing.readOnly.includes(path));
        waiting.push({ path, writable });
      }
      this.#limitMounts();
    }
  }

  /** Files below a directory that the policy lets the script read (and write). For patterns that name no directory. */
  files(root: string, wanted: { readonly writable: boolean; readonly without: (path: string) => boolean }): string[] {
    const found: string[] = [];
    const waiting = [root];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const entry of readEntries(next) ?? []) {
        this.count(1);
        const path = join(next, entry.name);
        if (wanted.without(path) || entry.isSymbolicLink() || entry.name.includes("\uFFFD")) continue;
        if (this.#isClosed(path)) continue;
        if (entry.isDirectory()) waiting.push(path);
        else if (this.#isShown(path, entry) && (!wanted.writable || this.#may("write", path))) found.push(path);
      }
    }
    return found;
  }

  count(entries: number): void {
    this.#left -= entries;
    if (this.#left < 0) {
      throw new Unjailable(
        `more than ${MAX_ENTRIES} files lie below the directories it could see`,
        "grant narrower directories in `[filesystem] read_allow`",
      );
    }
  }

  #limitMounts(): void {
    const { hidden, readOnly, links } = this.findings;
    if (hidden.length + readOnly.length + links.length > MAX_MOUNTS) throw tooManyMounts();
  }

  #list(directory: string, writable: boolean): Listing {
    const key = `${writable ? "w" : "r"}${directory}`;
    const stamp = stampOf(directory);
    const known = this.#cache.get(key);
    if (known !== undefined && stamp !== null && known.stamp === stamp) return known;
    const listing = this.#read(directory, writable, stamp ?? "");
    if (stamp !== null) this.#cache.set(key, listing);
    return listing;
  }

  #read(directory: string, writable: boolean, stamp: string): Listing {
    const hidden: Hidden[] = [];
    const readOnly: string[] = [];
    const links: Findings["links"] = [];
    const directories: string[] = [];
    const entries = readEntries(directory);
    // Its owner could open it to the child, which then would see what was never looked at.
    if (entries === null)
      return { hidden: [{ path: directory, kind: "directory" }], readOnly, links, directories, entries: 1, stamp };
    for (const entry of entries) {
      const path = join(directory, entry.name);
      // A link is only text: what it leads to is in the jail under its own path, or not at all.
      if (entry.isSymbolicLink()) {
        if (this.#isClosed(path)) throw localOnlyLink();
        if (!writable || this.#may("write", path)) continue;
        refuseUnnameable(entry.name);
        const text = attempt(() => readlinkSync(path));
        if (text.ok) links.push({ path, text: text.value });
        continue;
      }
      const kind = entry.isDirectory() ? "directory" : "file";
      if (!this.#isShown(path, entry)) {
        refuseUnnameable(entry.name);
        hidden.push({ path, kind });
        continue;
      }
      if (kind === "directory") {
        // What lies below it could not be named either.
        refuseUnnameable(entry.name);
        directories.push(path);
      }
      if (writable && !this.#isWritable(path, entry)) {
        refuseUnnameable(entry.name);
        readOnly.push(path);
      }
    }
    return { hidden, readOnly, links, directories, entries: entries.length, stamp };
  }

  #isShown(path: string, entry: Dirent): boolean {
    if (!entry.isDirectory() && !entry.isFile()) return false;
    return !this.#closed.has(path) && this.#may("read", path) && !this.#isProtectedInode(path, entry, false);
  }

  #isWritable(path: string, entry: Dirent): boolean {
    return this.#may("write", path) && !this.#isProtectedInode(path, entry, true);
  }

  #may(role: "read" | "write", path: string): boolean {
    return maySee(role, path, this.#sight, this.#context);
  }

  #isClosed(path: string): boolean {
    return this.#closed.has(path) || (this.#sight.clearance !== "cleared" && isLocalOnly(path, this.#context));
  }

  /** Another name (hard link) of a file that no path may reach. */
  #isProtectedInode(path: string, entry: Dirent, forWriting: boolean): boolean {
    const { protectedInodes } = this.#context;
    if (protectedInodes.length === 0 || !entry.isFile()) return false;
    const stats = attempt(() => lstatSync(path));
    if (!stats.ok) return stats.refusal.code !== "ENOENT";
    const { dev, ino } = stats.value;
    return protectedInodes.some((one) => one.dev === dev && one.ino === ino && (forWriting || one.access === "all"));
  }
}

const localOnlyLink = (): Unjailable =>
  new Unjailable("a local-only name is a link, which no mount can hide", "put the file or directory itself there");

/** A name that is not UTF-8 cannot be named to bwrap, hence not be hidden. */
function refuseUnnameable(name: string): void {
  if (!name.includes("\uFFFD")) return;
  throw new Unjailable(
    "a file that must be hidden, or a directory, has a name that is not UTF-8",
    "rename or remove it",
  );
}

/** Null: it is closed to us, for its names or for what they stand for. What fails otherwise is not known, so no jail. */
function readEntries(directory: string): readonly Dirent[] | null {
  const entries = attempt(() => {
    accessSync(directory, constants.R_OK | constants.X_OK);
    return readdirSync(directory, { withFileTypes: true });
  });
  if (entries.ok) return entries.value;
  const { code, says } = entries.refusal;
  if (code === "ENOENT" || code === "ENOTDIR") return [];
  if (code === "EACCES" || code === "EPERM") return null;
  throw new Unjailable(
    `a directory that it could see cannot be listed: ${says}`,
    "try again, or remove that directory",
  );
}

const join = (directory: string, name: string): string => (directory === "/" ? `/${name}` : `${directory}/${name}`);

/**
 * Changes whenever an entry comes, goes or is renamed. Null while the last change is too fresh to tell from the next
 * one: clocks of file systems tick every few milliseconds.
 */
export function stampOf(directory: string): string | null {
  const stats = attempt(() => lstatSync(directory, { bigint: true }));
  if (!stats.ok) return null;
  const { dev, ino, mtimeNs, ctimeNs } = stats.value;
  const settled = BigInt(Date.now() - 100) * 1_000_000n;
  return mtimeNs < settled && ctimeNs < settled ? `${dev} ${ino} ${mtimeNs} ${ctimeNs}` : null;
}

/** Lives as long as the policy it was made under, over many runs. */
const caches = new WeakMap<PolicyData, Cache>();

interface Cache {
  readonly inodes: OperationContext["protectedInodes"];
  readonly listings: Map<string, Map<string, Listing>>;
}

/** What was decided holds for the same policy, the same protected files and the same sight only. */
function cacheOf({ policy, protectedInodes }: OperationContext, sight: string): Map<string, Listing> {
  // A rule that asks who acts, or when, says something else at the next run.
  if (isConditional(policy)) return new Map();
  const known = caches.get(policy);
  const cache: Cache = known?.inodes === protectedInodes ? known : { inodes: protectedInodes, listings: new Map() };
  caches.set(policy, cache);
  const listings = cache.listings.get(sight) ?? new Map<string, Listing>();
  cache.listings.set(sight, listings);
  return listings;
}

const isConditional = ({ rules, ceilings }: PolicyData): boolean =>
  rules.some(({ when, hours, expires }) => (when ?? hours ?? expires) !== undefined) || ceilings.some(isConditional);
