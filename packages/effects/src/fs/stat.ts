/**
 * `fs.stat` and `fs.exists`: what is at a path, links followed, without opening it. A path that the policy does not
 * allow is refused by both, so that neither tells what exists elsewhere.
 */
import { fail, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { ioFailure } from "./attempt.ts";
import type { Handle } from "./descriptor.ts";
import { existing, kindOf } from "./inspect.ts";
import { locate } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { pathTarget, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly path: string;
}

const canonicalize = (args: Args, context: Parameters<typeof typedRequest>[2]) =>
  typedRequest("fs.read", [["read", args.path]], context);

export const stat = fileOperation<Args, Handle>({
  name: "fs.stat",
  capabilities: ["fs.read"],
  parse: (args) => readMembers("fs.stat", args, { path: "text" }),
  canonicalize,
  look(args, typed, context, holding) {
    const found = locate(typedPath(typed), holding);
    return { targets: [pathTarget("read", found.real)], plan: existing(found, "read", args.path, context) };
  },
  /** `mtime`: milliseconds since 1970. The size of a directory says nothing, and differs between file systems. */
  act({ stats }, { latestTimeMs }) {
    const type = kindOf(stats);
    return ok({
      value: { type, size: type === "file" ? stats.size : 0, mtime: shownTime(stats.mtimeMs, latestTimeMs) },
    });
  },
});

/** What changed during the run changed when it began, as far as a script can tell: when exactly would be a clock. */
const shownTime = (ms: number, latest: number | null): number =>
  latest === null ? Math.floor(ms) : Math.floor(Math.min(ms, latest) / 1000) * 1000;

export const exists = fileOperation<Args, boolean>({
  name: "fs.exists",
  capabilities: ["fs.read"],
  parse: (args) => readMembers("fs.exists", args, { path: "text" }),
  canonicalize,
  look(args, typed, context, holding) {
    const found = locate(typedPath(typed), holding);
    const targets = [pathTarget("read", found.real)];
    if (found.kind === "missing") return { targets, plan: ok(false) };
    if (found.kind === "found") {
      const handle = existing(found, "read", args.path, context);
      return { targets, plan: handle.ok ? ok(true) : handle };
    }
    const failure = ioFailure(found.refusal, args.path);
    const plan: Result<boolean> = failure.code === "E_NOT_FOUND" ? ok(false) : fail(failure);
    return { targets, plan };
  },
  act: (there) => ok({ value: there }),
});
