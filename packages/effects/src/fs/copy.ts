/**
 * `fs.copy`: a file, or a directory with all it holds, to a place that has no directory yet. Everything that is read and
 * everything that is written is decided first. Links in a directory are refused: following one would read what was not
 * decided, and copying one would make a link, which a script cannot do otherwise.
 */
import { chmodSync, closeSync, constants, readSync } from "node:fs";
import { posix } from "node:path";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, Changed, ioFailure } from "./attempt.ts";
import { type Handle, type Holding, openHeld, release, sameInode } from "./descriptor.ts";
import { under } from "./enumerate.ts";
import { existing, notFound, protection } from "./inspect.ts";
import { type Located, locate } from "./locate.ts";
import { newDirectory } from "./mkdir.ts";
import { fileOperation } from "./operation.ts";
import { type Place, placeOf, placeReal } from "./place.ts";
import { tooLarge } from "./read.ts";
import { permissions, replaceFile, writeAll } from "./replace.ts";
import { pathTarget, pathTargets, typedPath, typedRequest } from "./target.ts";
import { firstOther, holdSurveyed, survey, type Tree, treePaths } from "./tree.ts";

interface Args {
  readonly from: string;
  readonly to: string;
}

interface Plan extends Args {
  readonly source: Handle;
  readonly sourceReal: string;
  readonly tree: Tree;
  readonly place: Place;
  /** Permissions of a file that is overwritten; null where there is none. */
  readonly kept: number | null;
}

export const copy = fileOperation<Args, Plan>({
  name: "fs.copy",
  capabilities: ["fs.write", "fs.read"],
  parse: (args) => readMembers("fs.copy", args, { from: "text", to: "text" }),
  canonicalize({ from, to }, context) {
    const touched = [
      ["read", from],
      ["write", to],
    ] as const;
    return typedRequest("fs.write", touched, context);
  },
  look(args, typed, context, holding) {
    const [from, to] = [typedPath(typed, 0), typedPath(typed, 1)];
    const source = locate(from, holding);
    const destination = locate(to, holding);
    const ends = [pathTarget("read", source.real), pathTarget("write", destination.real)];
    const handle = existing(source, "read", args.from, context);
    if (!handle.ok) return { targets: ends, plan: handle };
    const tree = survey(handle.value, posix.basename(source.real), "read", args.from, context, source.real);
    if (!tree.ok) return { targets: ends, plan: tree };
    const targets = [
      ...ends,
      ...[...new Set([from, source.real])].flatMap((top) => pathTargets("read", treePaths(tree.value, top))),
      ...[...new Set([to, destination.real])].flatMap((top) => pathTargets("write", treePaths(tree.value, top))),
    ];
    const problem = treeProblem(tree.value, args.from, context);
    if (problem !== null) return { targets, plan: fail(problem) };
    const end = destinationOf(destination, source.real, tree.value, args, context, holding);
    const plan: Result<Plan> = end.ok
      ? ok({ ...args, ...end.value, source: handle.value, sourceReal: source.real, tree: tree.value })
      : end;
    return { targets, bytes: totalBytes(tree.value), plan };
  },
  act({ from, to, source, sourceReal, tree, place, kept }, context) {
    const { maxFileBytes } = context.limits;
    const copier = new Copier(maxFileBytes, () => context.randomName());
    const tried = attempt(() => copier.copy(source, sourceReal, tree, place, kept));
    if (!tried.ok) return fail(ioFailure(tried.refusal, to));
    return tried.value ? ok({ value: null, bytes: copier.bytes }) : fail(tooLarge(from, maxFileBytes));
  },
});

/** Why this tree cannot be copied, or null. */
export function treeProblem(tree: Tree, path: string, { limits }: OperationContext): Failure | null {
  const other = firstOther(tree, ["file", "directory"]);
  if (other !== null) {
    const what = other.kind === "symlink" ? "a symbolic link" : "something that is no regular file";
    const message = `\`${path}\` holds ${what} (\`${other.name}\`), which is not copied`;
    return { code: "E_ARGUMENT", message, target: path, hint: "copy its files one by one" };
  }
  return largestFile(tree) > limits.maxFileBytes ? tooLarge(path, limits.maxFileBytes) : null;
}

type End = Pick<Plan, "place" | "kept">;

function destinationOf(
  found: Located,
  sourceReal: string,
  tree: Tree,
  { from, to }: Args,
  context: OperationContext,
  holding: Holding,
): Result<End> {
  if (found.kind === "unreachable") return fail(ioFailure(found.refusal, to));
  if (tree.kind === "directory" && `${found.real}/`.startsWith(`${sourceReal}/`)) return fail(intoItself(from, to));
  if (found.kind === "missing") {
    if (found.names.length > 1) return fail(parentMissing(to));
    return ok({
      place: { directory: found.parent, directoryReal: found.parentReal, name: found.names[0] },
      kept: null,
    });
  }
  const { stats } = found.handle;
  if (sameInode(stats, tree)) return fail(intoItself(from, to));
  if (tree.kind === "directory" || !stats.isFile()) return fail(occupied(to));
  const barred = protection(stats, "write", to, context);
  if (barred !== null) return fail(barred);
  const place = attempt(() => placeOf(found, holding));
  return place.ok ? ok({ place: place.value, kept: stats.mode }) : fail(ioFailure(place.refusal, to));
}

const CHUNK = 256 * 1024;

/** Copies a surveyed tree. Each file appears whole; a failure leaves the files that were done. */
export class Copier {
  readonly #maxFileBytes: number;
  readonly #randomName: () => string;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  bytes = 0;

  constructor(maxFileBytes: number, randomName: () => string) {
    this.#maxFileBytes = maxFileBytes;
    this.#randomName = randomName;
  }

  /** False: a file grew meanwhile, and is too large. */
  copy(source: Handle, sourceReal: string, tree: Tree, place: Place, kept: number | null): boolean {
    if (tree.kind === "file") return this.#file(source, tree, place, kept);
    const made = newDirectory(place);
    try {
      const madeReal = placeReal(place);
      for (const child of tree.children) {
        const handle = holdSurveyed(source, sourceReal, child);
        try {
          const below = { directory: made, directoryReal: madeReal, name: child.name };
          if (!this.copy(handle, under(sourceReal, child.name), child, below, null)) return false;
        } finally {
          release(handle);
        }
      }
      chmodSync(made.at, permissions(tree.mode) & permissions(made.stats.mode | OWNER));
      return true;
    } finally {
      release(made);
    }
  }

  #file(source: Handle, tree: Tree, place: Place, kept: number | null): boolean {
    const from = openHeld(source, constants.O_RDONLY);
    try {
      const fill = (to: number) => this.#pump(from, to);
      replaceFile(place, { kept, created: permissions(tree.mode), random: this.#randomName(), fill });
      return true;
    } catch (error) {
      if (error instanceof TooLarge) return false;
      throw error;
    } finally {
      closeSync(from);
    }
  }

  #pump(from: number, to: number): void {
    for (let done = 0; ; ) {
      const got = readSync(from, this.#buffer, 0, CHUNK, done);
      if (got === 0) return;
      done += got;
      if (done > this.#maxFileBytes) throw new TooLarge();
      writeAll(to, this.#buffer.subarray(0, got));
      this.bytes += got;
    }
  }
}

/** Permissions of the owner, which the umask does not narrow in practice. */
const OWNER = 0o700;

/** Leaves `replaceFile`, which then removes what it began. */
class TooLarge extends Changed {}

const largestFile = (tree: Tree): number =>
  tree.children.reduce((most, child) => Math.max(most, largestFile(child)), tree.kind === "file" ? tree.size : 0);

const totalBytes = (tree: Tree): number =>
  tree.children.reduce((sum, child) => sum + totalBytes(child), tree.kind === "file" ? tree.size : 0);

export const intoItself = (from: string, to: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${to}\` is \`${from}\` itself, or lies in it`,
  target: to,
});

export const occupied = (to: string): Failure => ({
  code: "E_EXISTS",
  message: `\`${to}\` already exists and is not a file that could be replaced`,
  target: to,
  hint: "name the file or directory to make, not the one to put it into",
});

export const parentMissing = (to: string): Failure => ({
  ...notFound(posix.dirname(to)),
  hint: "make the directory with `fs.mkdir` first",
});
