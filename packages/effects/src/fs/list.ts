/** `fs.list`: what a directory holds, as far as the policy lets it be read. Sizes are those of regular files, else 0. */
import { lstatSync } from "node:fs";
import { posix } from "node:path";
import { type Failure, fail, type Json, type OperationContext, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure } from "./attempt.ts";
import { childPath } from "./descriptor.ts";
import { byText, enumerate, type Sight, type Top } from "./enumerate.ts";
import { existingDirectory, protection } from "./inspect.ts";
import { locate } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { pathTarget, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly path: string;
  readonly recursive: boolean;
}

interface Plan extends Args {
  readonly top: Top;
}

type Entry = { readonly name: string; readonly path: string; readonly type: string; readonly size: number };

/** More would not fit into the memory of a usual script. */
const MAX_LISTED = 20_000;

export const list = fileOperation<Args, Plan>({
  name: "fs.list",
  capabilities: ["fs.read"],
  parse(args) {
    const members = readMembers("fs.list", args, { path: "text", recursive: "flag?" });
    return members.ok ? ok({ path: members.value.path, recursive: members.value.recursive ?? false }) : members;
  },
  canonicalize: (args, context) => typedRequest("fs.read", [["read", args.path]], context),
  look(args, typed, context, holding) {
    const path = typedPath(typed);
    const found = locate(path, holding);
    const directory = existingDirectory(found, "read", args.path, context, "use `fs.stat` or `fs.read` for a file");
    const plan: Result<Plan> = directory.ok
      ? ok({ ...args, top: { role: "read", handle: directory.value, real: found.real, typed: path } })
      : directory;
    return { targets: [pathTarget("read", found.real)], plan };
  },
  act({ path, recursive, top }, context) {
    const entries: Entry[] = [];
    const walked = attempt(() =>
      enumerate(top, path, context, (sight) => {
        if (entries.length > MAX_LISTED || !sight.readable()) return false;
        const size = sizeOf(sight, path, context);
        if (size === null) return false;
        entries.push({ name: sight.name, path: posix.join(path, sight.relative), type: sight.kind, size });
        return recursive;
      }),
    );
    if (!walked.ok) return fail(ioFailure(walked.refusal, path));
    if (walked.value !== null) return fail(walked.value);
    if (entries.length > MAX_LISTED) return fail(tooLong(path));
    return ok({ value: entries.sort((a, b) => byText(a.path, b.path)) satisfies Json });
  },
});

/** Null: gone meanwhile, or protected under another name. */
function sizeOf({ directory, name, kind }: Sight, path: string, context: OperationContext): number | null {
  if (kind !== "file") return 0;
  const stats = attempt(() => lstatSync(childPath(directory, name)));
  if (!stats.ok || protection(stats.value, "read", path, context) !== null) return null;
  return stats.value.isFile() ? stats.value.size : 0;
}

const tooLong = (path: string): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${path}\` has more than ${MAX_LISTED} entries to list`,
  target: path,
  hint: "list its directories one by one, or use `fs.glob` with a narrower pattern",
});
