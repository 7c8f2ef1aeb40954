/**
 * Walks a held directory for `fs.list` and `fs.glob`. It enters only directories that the policy lets be read (list) or
 * searched (glob: something in them may be read), never through a link, and shows a name only if reading it would be no
 * stricter than the walk itself. A link is shown only if the place it leads to may be read, too, so that names are never
 * a way to learn of hidden things.
 */
import type { Stats } from "node:fs";
import type { Failure, OperationContext } from "@agent-run/gate";
import { isRefusal } from "./attempt.ts";
import { entriesOf, type Handle, Holding, holdChild, release, stillAt } from "./descriptor.ts";
import { type Kind, kindOf } from "./inspect.ts";
import { type Located, locate } from "./locate.ts";
import { pathTarget } from "./target.ts";
import { isTemporary } from "./temporary.ts";

export interface Top {
  /** What was decided about the directory, and is asked about each one in it before it is entered. */
  readonly role: "read" | "search";
  readonly handle: Handle;
  readonly real: string;
  /** Canonical form of what the script typed. */
  readonly typed: string;
}

export interface Sight {
  /** Below the top, names joined by `/`. */
  readonly relative: string;
  readonly name: string;
  readonly kind: Kind;
  readonly directory: Handle;
  /** Asks the policy, about the typed and the real path. */
  readable(): boolean;
}

/** True: enter this directory (if the policy lets it be). */
type Visit = (sight: Sight) => boolean;

/** Entries looked at in one call, and directories inside each other. */
const MAX_SEEN = 200_000;
const MAX_DEPTH = 100;

/** Visits every entry once, in no order. Null: all were visited. */
export function enumerate(top: Top, path: string, context: OperationContext, visit: Visit): Failure | null {
  stillAt(top.handle, top.real);
  const walk = new Enumeration(top, context, visit);
  return walk.into(top.handle, "", 0) ? null : tooMany(path);
}

const NOT_ENTERED = ["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ECHANGED"];

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

class Enumeration {
  readonly #top: Top;
  readonly #context: OperationContext;
  readonly #visit: Visit;
  /** What the directory itself takes: in an asked-for listing, entries that would be asked about are shown. */
  readonly #strictest: number;
  #seen = 0;

  constructor(top: Top, context: OperationContext, visit: Visit) {
    this.#top = top;
    this.#context = context;
    this.#visit = visit;
    const strictness = [top.real, top.typed].map((path) => this.#strictness(path, top.role));
    this.#strictest = Math.min(STRICTNESS.ask, Math.max(...strictness));
  }

  /** False once a bound is reached. */
  into(directory: Handle, below: string, depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    for (const entry of entriesOf(directory)) {
      this.#seen += 1;
      if (this.#seen > MAX_SEEN) return false;
      const { name } = entry;
      if (isTemporary(name) || !isSpeakable(name)) continue;
      const relative = below + name;
      const kind = kindOf(entry);
      const readable = () => this.#isReadable(relative, kind);
      const enter = this.#visit({ relative, name, kind, directory, readable });
      if (!enter || kind !== "directory" || !this.#isOpen(relative, this.#top.role)) continue;
      if (!this.#enter(directory, name, relative, depth)) return false;
    }
    return true;
  }

  /** A directory that may not be entered, or is gone or swapped by now, has no entries. */
  #enter(parent: Handle, name: string, relative: string, depth: number): boolean {
    try {
      const child = holdChild(parent, name);
      try {
        stillAt(child, under(this.#top.real, relative));
        return !child.stats.isDirectory() || this.into(child, `${relative}/`, depth + 1);
      } finally {
        release(child);
      }
    } catch (error) {
      if (NOT_ENTERED.some((code) => isRefusal(error, code))) return true;
      throw error;
    }
  }

  #isReadable(relative: string, kind: Kind): boolean {
    if (!this.#isOpen(relative, "read")) return false;
    if (kind !== "symlink") return true;
    const { real, way } = destination(under(this.#top.real, relative));
    const isSealed = way.some((path) => this.#context.decide(pathTarget("read", path)).sealed !== undefined);
    return !isSealed && this.#strictness(real, "read") <= this.#strictest;
  }

  /** By its typed and by its real path. */
  #isOpen(relative: string, role: Top["role"]): boolean {
    const paths = new Set([under(this.#top.typed, relative), under(this.#top.real, relative)]);
    for (const path of paths) if (this.#strictness(path, role) > this.#strictest) return false;
    return true;
  }

  #strictness(path: string, role: Top["role"]): number {
    return STRICTNESS[this.#context.decide(pathTarget(role, path)).effect];
  }
}

interface Destination {
  readonly real: string;
  /** What the link leads through. */
  readonly way: readonly string[];
  readonly stats: Stats | null;
}

/** Where a link leads, and what is there. */
export function destination(path: string): Destination {
  const holding = new Holding();
  try {
    const found: Located = locate(path, holding);
    return { real: found.real, way: holding.way, stats: found.kind === "found" ? found.handle.stats : null };
  } finally {
    holding.release();
  }
}

export const under = (directory: string, relative: string): string =>
  directory === "/" ? `/${relative}` : `${directory}/${relative}`;

/** Names that a script could not type: not UTF-8 (shown with U+FFFD), or with control characters. */
export const isSpeakable = (name: string): boolean => !/[\p{Cc}\u2028\u2029\uFFFD]/u.test(name);

/** Order of everything that lists: by UTF-16 code units, the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const tooMany = (path: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${path}\` holds more than ${MAX_SEEN} entries, or directories more than ${MAX_DEPTH} deep`,
  target: path,
  hint: "start at a directory further down",
});
