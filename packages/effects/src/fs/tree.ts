/**
 * What a recursive delete, a copy or a move would touch: every descendant, found before the first effect so that each is
 * decided, and found again by name and inode when its turn comes (CHECKED-IS-USED). Links are never followed, mounts
 * never crossed, and the tree is bounded, as all of it is one canonical request.
 */
import { readFileSync } from "node:fs";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { attempt, Changed, ioFailure } from "./attempt.ts";
import { entriesOf, type Handle, holdChild, type InodeId, release, sameInode, stillAt } from "./descriptor.ts";
import { isSpeakable, under } from "./enumerate.ts";
import { type Kind, kindOf, protection } from "./inspect.ts";
import { pathTarget } from "./target.ts";
import { isTemporary } from "./temporary.ts";

export interface Tree extends InodeId {
  readonly name: string;
  readonly kind: Kind;
  readonly mode: number;
  readonly size: number;
  readonly children: readonly Tree[];
}

/** Things in one request, and directories inside each other. */
const MAX_THINGS = 10_000;
const MAX_DEPTH = 64;

/** Looks at what is held, at `real`, and at everything below it. `path` is what the script typed. */
export function survey(
  handle: Handle,
  name: string,
  access: "read" | "write",
  path: string,
  context: OperationContext,
  real: string,
): Result<Tree> {
  const surveyor = new Surveyor(handle, access, path, context);
  const tree = attempt(() => surveyor.look(handle, name, 0, real));
  if (!tree.ok) return fail(ioFailure(tree.refusal, path));
  if (tree.value === null) return fail(surveyor.failure ?? tooMany(path));
  return ok(tree.value);
}

class Surveyor {
  readonly #access: "read" | "write";
  readonly #path: string;
  readonly #context: OperationContext;
  readonly #dev: number;
  readonly #mount: string;
  #things = 0;
  failure: Failure | null = null;

  constructor(top: Handle, access: "read" | "write", path: string, context: OperationContext) {
    this.#access = access;
    this.#path = path;
    this.#context = context;
    this.#dev = top.stats.dev;
    this.#mount = mountOf(top);
  }

  look(handle: Handle, name: string, depth: number, real: string): Tree | null {
    // Not even counted: how much local-only data there is must not show.
    const { effect, sealed } = this.#context.decide(pathTarget("read", real));
    if (effect === "deny" && sealed !== undefined) return this.#refuse(holdsLocalOnly(this.#path));
    const { stats } = handle;
    const { dev, ino, mode, size } = stats;
    const kind = kindOf(stats);
    this.#things += 1;
    if (this.#things > MAX_THINGS || depth > MAX_DEPTH) return null;
    const barred = protection(stats, this.#access, this.#path, this.#context);
    if (barred !== null) return this.#refuse(barred);
    if (dev !== this.#dev || (kind === "directory" && mountOf(handle) !== this.#mount)) {
      return this.#refuse(acrossMount(this.#path));
    }
    const children = kind === "directory" ? this.#below(handle, depth, real) : [];
    return children === null ? null : { name, kind, dev, ino, mode, size, children };
  }

  #below(directory: Handle, depth: number, real: string): Tree[] | null {
    const children: Tree[] = [];
    for (const { name } of entriesOf(directory)) {
      // What another write has not finished is no content yet; a delete takes it along.
      if (this.#access === "read" && isTemporary(name)) continue;
      if (!isSpeakable(name)) return this.#refuse(unspeakable(this.#path));
      const handle = holdChild(directory, name);
      try {
        const child = this.look(handle, name, depth + 1, under(real, name));
        if (child === null) return null;
        children.push(child);
      } finally {
        release(handle);
      }
    }
    return children;
  }

  #refuse(failure: Failure): null {
    this.failure = failure;
    return null;
  }
}

/** Paths of everything in the tree, which itself is at `top`. */
export function* treePaths(tree: Tree, top: string): Generator<string> {
  yield top;
  for (const child of tree.children) yield* treePaths(child, under(top, child.name));
}

/** The first thing in the tree, itself included, that is of none of these kinds. */
export function firstOther(tree: Tree, kinds: readonly Kind[]): Tree | null {
  if (!kinds.includes(tree.kind)) return tree;
  for (const child of tree.children) {
    const other = firstOther(child, kinds);
    if (other !== null) return other;
  }
  return null;
}

/** Holds a child that was surveyed, and makes sure that it is the same and the directory is where it was. */
export function holdSurveyed(directory: Handle, directoryReal: string, tree: Tree): Handle {
  stillAt(directory, directoryReal);
  const handle = holdChild(directory, tree.name);
  if (sameInode(handle.stats, tree) && kindOf(handle.stats) === tree.kind) return handle;
  release(handle);
  throw new Changed();
}

/** A bind mount has the device of what it shows, so on Linux the mount itself is asked for. */
function mountOf(handle: Handle): string {
  if (process.platform !== "linux") return "";
  const info = readFileSync(`/proc/self/fdinfo/${handle.fd}`, "utf8");
  return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1] ?? "";
}

const tooMany = (path: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${path}\` holds more than ${MAX_THINGS} things, or directories more than ${MAX_DEPTH} deep`,
  target: path,
  hint: "do it in parts",
});

const acrossMount = (path: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${path}\` holds another file system, which is never touched together with it`,
  target: path,
});

const holdsLocalOnly = (path: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${path}\` holds local-only data, which is never touched together with what is public`,
  target: path,
  rule: { id: "builtin.local_only" },
  hint: "do it in parts, without what is local-only",
});

const unspeakable = (path: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${path}\` holds a name that is not UTF-8 or has control characters, which no rule can be asked about`,
  target: path,
});
