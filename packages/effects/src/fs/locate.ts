/**
 * Finds what a path leads to, one name at a time, following links as text (never as the kernel's magic), and holds it.
 * What is not there is found too: the place where it would be is decided like one that exists, so that a refusal is the
 * same for both. `..` in a typed path is gone before this (lexical); in a link it means the real parent.
 */
import { readlinkSync } from "node:fs";
import { posix } from "node:path";
import { attempt, type SystemRefusal } from "./attempt.ts";
import {
  childPath,
  entriesOf,
  type Handle,
  type Holding,
  hold,
  holdChild,
  holdParent,
  realPath,
  release,
} from "./descriptor.ts";
import { isTemporary } from "./temporary.ts";

/** `real` is always the place to decide: without links, absolute. */
export type Located = Found | Missing | Unreachable;

export interface Found {
  readonly kind: "found";
  readonly handle: Handle;
  readonly real: string;
}

/** `names` lead from `parent`, a directory, to the typed path: first a directory that is missing, last the path itself. */
export interface Missing {
  readonly kind: "missing";
  readonly parent: Handle;
  readonly parentReal: string;
  readonly names: readonly [string, ...string[]];
  readonly real: string;
}

/** Nothing can be there, or nothing may be known of it. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly refusal: SystemRefusal;
  readonly real: string;
}

// The kernel's own bound (MAXSYMLINKS).
const MAX_LINKS = 40;

const NOT_FOUND: SystemRefusal = { code: "ENOENT", says: "no such file or directory" };
const TOO_MANY_LINKS: SystemRefusal = { code: "ELOOP", says: "too many symbolic links" };

/** Others may replace a file while it is looked for; a name that will not stand still is given up. */
export const MAX_TRIES = 10;

/** Follows links, the last one too. `path` is canonical: absolute, without dot segments. */
export function locate(path: string, holding: Holding): Located {
  let found = directly(path) ?? walk(path, holding.way);
  for (let tries = 1; tries < MAX_TRIES && isChanged(found); tries++) found = walk(path, holding.way);
  if (found.kind === "found") holding.keep(found.handle);
  if (found.kind === "missing") holding.keep(found.parent);
  if (`${path}/${found.real}`.split("/").some(isTemporary)) {
    return { kind: "unreachable", refusal: NOT_FOUND, real: found.real };
  }
  return found;
}

/** The common case in one system call: everything is there and no name is a link. */
function directly(path: string): Found | null {
  const held = attempt(() => hold(path));
  if (!held.ok) return null;
  const handle = held.value;
  const real = handle.stats.isSymbolicLink() ? null : attempt(() => realPath(handle));
  if (real?.ok && real.value === path) return { kind: "found", handle, real: path };
  release(handle);
  return null;
}

const isChanged = (found: Located): boolean => found.kind === "unreachable" && found.refusal.code === "ECHANGED";

function walk(path: string, way: string[]): Located {
  const walked = attempt(() => new Walk(way).to(path));
  return walked.ok ? walked.value : { kind: "unreachable", refusal: walked.refusal, real: path };
}

interface Step {
  readonly name: string;
  /** False: it comes from the text of a link, so nothing is ever created at it. */
  readonly typed: boolean;
}

class Walk {
  readonly #way: string[];
  #here: Handle = hold("/");
  #links = 0;
  #steps: Step[] = [];

  /** `way`: gets what is looked at from the first link on. */
  constructor(way: string[]) {
    this.#way = way;
  }

  to(path: string): Located {
    this.#steps = steps(path, true);
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      const stop = this.#take(step);
      if (stop !== null) return stop;
    }
    const real = attempt(() => realPath(this.#here));
    if (real.ok) return { kind: "found", handle: this.#here, real: real.value };
    release(this.#here);
    return { kind: "unreachable", refusal: real.refusal, real: path };
  }

  /** One name further, or the end of the way. */
  #take(step: Step): Missing | Unreachable | null {
    const here = this.#here;
    if (this.#links > 0) {
      const real = attempt(() => realPath(here));
      if (real.ok) this.#way.push(posix.join(real.value, step.name));
    }
    const next = attempt(() =>
      step.name === ".." ? { handle: holdParent(here), name: ".." } : lookUp(here, step.name),
    );
    if (!next.ok) return this.#stop(step, next.refusal);
    const { handle, name } = next.value;
    if (handle.stats.isSymbolicLink()) {
      release(handle);
      return this.#follow(step, name);
    }
    release(here);
    this.#here = handle;
    return null;
  }

  #follow(step: Step, storedName: string): Missing | Unreachable | null {
    this.#links += 1;
    if (this.#links > MAX_LINKS) return this.#stop(step, TOO_MANY_LINKS);
    const text = attempt(() => readlinkSync(childPath(this.#here, storedName)));
    if (!text.ok) return this.#stop(step, text.refusal);
    this.#steps.unshift(...steps(text.value, false));
    if (text.value.startsWith("/")) {
      release(this.#here);
      this.#here = hold("/");
    }
    return null;
  }

  #stop(step: Step, refusal: SystemRefusal): Missing | Unreachable {
    const parent = this.#here;
    const rest = [step, ...this.#steps];
    const parentReal = attempt(() => realPath(parent));
    const names = rest.map(({ name }) => name);
    const real = posix.join(parentReal.ok ? parentReal.value : "/", ...names);
    if (refusal.code === "ENOENT" && parentReal.ok && rest.every(({ typed }) => typed)) {
      const [first = step.name, ...more] = names;
      return { kind: "missing", parent, parentReal: parentReal.value, names: [first, ...more], real };
    }
    release(parent);
    return { kind: "unreachable", refusal, real };
  }
}

/**
 * Holds what has this name in a directory. Scripts type NFC; a name stored in another Unicode form is found as on a file
 * system that ignores the difference. `name` is the stored form.
 */
export function lookUp(directory: Handle, name: string): { readonly handle: Handle; readonly name: string } {
  const exact = attempt(() => holdChild(directory, name));
  if (exact.ok) return { handle: exact.value, name };
  const stored = isAscii(name) || exact.refusal.code !== "ENOENT" ? undefined : storedName(directory, name);
  return { handle: holdChild(directory, stored ?? name), name: stored ?? name };
}

function storedName(directory: Handle, name: string): string | undefined {
  const names = attempt(() => entriesOf(directory).map((entry) => entry.name));
  return names.ok ? names.value.sort().find((stored) => stored.normalize("NFC") === name) : undefined;
}

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

const steps = (path: string, typed: boolean): Step[] =>
  path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .map((name) => ({ name, typed }));
