/**
 * `fs.glob`: regular files whose path matches and that the policy lets be read. Before anything is looked at, the policy
 * decides about the place where the pattern begins, its leading names without wildcards: could something there be read?
 * (a search). Then every path that is found is decided as a read of its own, by its typed and its real path, and what is
 * not allowed is silently left out; nothing above the beginning is looked at.
 */
import { lstatSync, type Stats } from "node:fs";
import { posix } from "node:path";
import {
  type Failure,
  fail,
  type Json,
  type OperationContext,
  ok,
  type Result,
  readScriptGlob,
  type ScriptGlob,
} from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure } from "./attempt.ts";
import { childPath } from "./descriptor.ts";
import { byText, destination, enumerate, type Sight, type Top, under } from "./enumerate.ts";
import { protection } from "./inspect.ts";
import { type Located, locate } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { pathTarget, type Role, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly pattern: string;
  readonly glob: ScriptGlob;
  /** Where the pattern begins, as a script types it. */
  readonly base: string;
}

interface Plan extends Args {
  /** Null: there is nothing at the base, so nothing matches. */
  readonly top: Top | null;
}

const MAX_FOUND = 20_000;

export const glob = fileOperation<Args, Plan>({
  name: "fs.glob",
  capabilities: ["fs.read"],
  parse(args) {
    const members = readMembers("fs.glob", args, { pattern: "text", cwd: "text?" });
    if (!members.ok) return members;
    const { pattern, cwd = "." } = members.value;
    const read = readScriptGlob(pattern);
    return read.ok ? ok({ pattern, glob: read.value, base: baseOf(read.value, cwd) }) : read;
  },
  canonicalize: ({ glob, base }, context) => typedRequest("fs.read", [[roleOf(glob), base]], context),
  look(args, typed, _context, holding) {
    const path = typedPath(typed);
    const found = locate(path, holding);
    return { targets: [pathTarget(roleOf(args.glob), found.real)], plan: planOf(args, path, found) };
  },
  act({ pattern, glob, base, top }, context) {
    if (top === null) return ok({ value: [] });
    if (glob.isLiteral)
      return ok({ value: isShown(top.handle.stats, pattern, context) ? [posix.normalize(base)] : [] });
    if (!top.handle.stats.isDirectory()) return ok({ value: [] });
    const found: string[] = [];
    const walked = attempt(() =>
      enumerate(top, pattern, context, (sight) => {
        if (found.length > MAX_FOUND) return false;
        if (glob.matches(sight.relative) && sight.readable() && isFile(sight, top, pattern, context)) {
          found.push(posix.join(base, sight.relative));
        }
        return glob.mayHoldMatches(sight.relative);
      }),
    );
    if (!walked.ok) return fail(ioFailure(walked.refusal, base));
    if (found.length > MAX_FOUND) return fail(tooMany(pattern));
    return walked.value === null ? ok({ value: found.sort(byText) satisfies Json }) : fail(walked.value);
  },
});

/** Without a wildcard nothing is searched: the one path is read or not. */
const roleOf = ({ isLiteral }: ScriptGlob): Role & Top["role"] => (isLiteral ? "read" : "search");

/** A pattern that starts at `/` or `~` does not hang under `cwd`. */
function baseOf({ base }: ScriptGlob, cwd: string): string {
  if (base === "") return cwd;
  return /^(?:\/|~$|~\/)/.test(base) ? base : posix.join(cwd, base);
}

function planOf(args: Args, typed: string, found: Located): Result<Plan> {
  const role = roleOf(args.glob);
  if (found.kind === "found") {
    return ok({ ...args, top: { role, handle: found.handle, real: found.real, typed } });
  }
  const problem = found.kind === "unreachable" ? ioFailure(found.refusal, args.base) : null;
  // What is not there has no matches; what cannot be looked at is no answer.
  return problem === null || problem.code === "E_NOT_FOUND" ? ok({ ...args, top: null }) : fail(problem);
}

/** Links count as what they lead to. */
function isFile({ kind, relative, directory, name }: Sight, top: Top, pattern: string, context: OperationContext) {
  if (kind === "symlink") return isShown(destination(under(top.real, relative)).stats, pattern, context);
  if (kind !== "file") return false;
  const stats = attempt(() => lstatSync(childPath(directory, name)));
  return stats.ok && isShown(stats.value, pattern, context);
}

/** A regular file, and no other name of one that is protected. */
const isShown = (stats: Stats | null, pattern: string, context: OperationContext): boolean =>
  stats?.isFile() === true && protection(stats, "read", pattern, context) === null;

const tooMany = (pattern: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${pattern}\` matches more than ${MAX_FOUND} files`,
  target: pattern,
  hint: "use a narrower pattern",
});
