/**
 * `fs.glob`: regular files whose path matches, in readable directories only. Each alternative of the pattern starts at
 * its leading names without wildcards: that place is what the policy decides, and nothing above it is looked at.
 */
import { posix } from "node:path";
import {
  type CanonicalRequest,
  compileGlob,
  expandBraces,
  type Failure,
  fail,
  type Json,
  type OperationContext,
  ok,
  validateGlob,
} from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure } from "./attempt.ts";
import { byText, destination, enumerate, type Sight, type Top } from "./enumerate.ts";
import { locate } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { pathTargets, typedRequest } from "./target.ts";

interface Args {
  readonly pattern: string;
  readonly branches: readonly Branch[];
}

/** One alternative without braces: where it starts, as a script types it, and what must match below. */
interface Branch {
  readonly base: string;
  readonly segments: readonly string[];
}

interface Start extends Branch {
  readonly top: Top;
}

interface Plan {
  readonly pattern: string;
  readonly starts: readonly Start[];
}

const MAX_FOUND = 20_000;

export const glob = fileOperation<Args, Plan>({
  name: "fs.glob",
  capabilities: ["fs.read"],
  parse(args) {
    const members = readMembers("fs.glob", args, { pattern: "text", cwd: "text?" });
    if (!members.ok) return members;
    const { pattern, cwd = "." } = members.value;
    const texts = expandBraces(pattern);
    if (texts === null) return fail(badPattern(`the pattern ${validateGlob(pattern) ?? "cannot be read"}`));
    const branches = texts.map((text) => branchOf(text, cwd));
    return ok({ pattern, branches });
  },
  canonicalize: ({ branches }, context) =>
    typedRequest(
      "fs.read",
      [...new Set(branches.map(({ base }) => base))].map((base) => ["read", base]),
      context,
    ),
  look({ pattern, branches }, typed, _context, holding) {
    const bases = [...new Set(branches.map(({ base }) => base))];
    const tops = new Map<string, Top>();
    const reals: string[] = [];
    let failure: Failure | null = null;
    for (const [index, base] of bases.entries()) {
      const path = pathAt(typed, index);
      const found = locate(path, holding);
      reals.push(found.real);
      const problem = found.kind === "unreachable" ? ioFailure(found.refusal, base) : null;
      // What is not there has no matches; what cannot be looked at is no answer.
      if (problem !== null && problem.code !== "E_NOT_FOUND") failure ??= problem;
      if (found.kind === "found") tops.set(base, { handle: found.handle, real: found.real, typed: path });
    }
    const starts = branches.flatMap((branch): Start[] => {
      const top = tops.get(branch.base);
      return top === undefined ? [] : [{ ...branch, top }];
    });
    return { targets: pathTargets("read", reals), plan: failure === null ? ok({ pattern, starts }) : fail(failure) };
  },
  act({ pattern, starts }, context) {
    const found = new Set<string>();
    for (const start of starts) {
      const failure = search(start, pattern, context, found);
      if (failure !== null) return fail(failure);
    }
    return ok({ value: [...found].sort(byText) satisfies Json });
  },
});

/** Adds what one branch finds. A start that is a file is found by a branch that asks for nothing below. */
function search(start: Start, pattern: string, context: OperationContext, found: Set<string>): Failure | null {
  const { top, base, segments } = start;
  if (segments.length === 0) {
    if (top.handle.stats.isFile()) found.add(posix.normalize(base));
    return null;
  }
  if (!top.handle.stats.isDirectory()) return null;
  const shape = new Shape(segments);
  const walked = attempt(() =>
    enumerate(top, pattern, context, (sight) => {
      if (found.size > MAX_FOUND) return false;
      if (shape.matches(sight.relative) && isFile(sight, top) && sight.readable()) {
        found.add(posix.join(base, sight.relative));
      }
      return shape.mayHoldMatches(sight.relative);
    }),
  );
  if (!walked.ok) return ioFailure(walked.refusal, base);
  return found.size > MAX_FOUND ? tooMany(pattern) : walked.value;
}

/** A pattern, and which directories are worth entering for it. */
class Shape {
  readonly matches: (relative: string) => boolean;
  readonly #leading: readonly ((name: string) => boolean)[];
  /** Infinity with `**`, else how many names a match has. */
  readonly #depth: number;

  constructor(segments: readonly string[]) {
    const anyDepth = segments.indexOf("**");
    this.matches = compileGlob(segments.join("/"));
    this.#leading = segments.slice(0, anyDepth === -1 ? segments.length : anyDepth).map(compileGlob);
    this.#depth = anyDepth === -1 ? segments.length : Number.POSITIVE_INFINITY;
  }

  mayHoldMatches(relative: string): boolean {
    const names = relative.split("/");
    return names.length < this.#depth && names.every((name, at) => this.#leading[at]?.(name) ?? true);
  }
}

function isFile({ kind, relative }: Sight, top: Top): boolean {
  if (kind === "symlink") return destination(`${top.real}/${relative}`).isFile;
  return kind === "file";
}

/** A pattern that starts at `/` or `~` does not hang under `cwd`. */
function branchOf(text: string, cwd: string): Branch {
  const segments = text.split("/");
  const wild = segments.findIndex((segment) => /[*?[\\]/.test(segment));
  const leading = segments.slice(0, wild === -1 ? segments.length : wild).join("/");
  const rooted = text.startsWith("/") || leading === "~" || leading.startsWith("~/");
  const below = wild === -1 ? [] : segments.slice(wild);
  if (rooted) return { base: leading === "" ? "/" : leading, segments: below };
  return { base: leading === "" ? cwd : posix.join(cwd, leading), segments: below };
}

function pathAt(typed: CanonicalRequest, index: number): string {
  const target = typed.targets[index];
  if (target === undefined) throw new RangeError("a glob request has fewer targets than bases");
  return target.value;
}

const badPattern = (message: string): Failure => ({ code: "E_ARGUMENT", message });

const tooMany = (pattern: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${pattern}\` matches more than ${MAX_FOUND} files`,
  target: pattern,
  hint: "use a narrower pattern",
});
