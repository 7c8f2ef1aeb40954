/**
 * Looks at a held inode before anything is done with it: only regular files and directories, and never an inode that is
 * protected under another name (a hard link to a policy file is the policy file).
 */
import type { Stats } from "node:fs";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { ioFailure } from "./attempt.ts";
import { type Handle, type InodeId, sameInode } from "./descriptor.ts";
import type { Located } from "./locate.ts";

export type Kind = "file" | "directory" | "symlink" | "other";

type Access = "read" | "write";

interface Typed {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export function kindOf(thing: Typed): Kind {
  if (thing.isFile()) return "file";
  if (thing.isDirectory()) return "directory";
  return thing.isSymbolicLink() ? "symlink" : "other";
}

/** The handle of what was found, if it exists and is not protected. */
export function existing(located: Located, access: Access, path: string, context: OperationContext): Result<Handle> {
  if (located.kind === "unreachable") return fail(ioFailure(located.refusal, path));
  if (located.kind === "missing") return fail(notFound(path));
  const barred = protection(located.handle.stats, access, path, context);
  return barred === null ? ok(located.handle) : fail(barred);
}

/** As `existing`, and a regular file. `instead` says what a directory is good for. */
export function existingFile(
  located: Located,
  access: Access,
  path: string,
  context: OperationContext,
  instead: string,
): Result<Handle> {
  const handle = existing(located, access, path, context);
  if (!handle.ok || handle.value.stats.isFile()) return handle;
  return fail(wrongKind(handle.value.stats, "file", path, instead));
}

export function existingDirectory(
  located: Located,
  access: Access,
  path: string,
  context: OperationContext,
  instead: string,
): Result<Handle> {
  const handle = existing(located, access, path, context);
  if (!handle.ok || handle.value.stats.isDirectory()) return handle;
  return fail(wrongKind(handle.value.stats, "directory", path, instead));
}

export const notFound = (path: string): Failure => ({
  code: "E_NOT_FOUND",
  message: `\`${path}\` does not exist`,
  target: path,
});

/** Why this inode may not be touched under any name, or null. */
export function protection(
  inode: InodeId,
  access: Access,
  path: string,
  { protectedInodes }: OperationContext,
): Failure | null {
  const barred = protectedInodes.find(
    (held) => sameInode(held, inode) && (held.access === "all" || access === "write"),
  );
  if (barred === undefined) return null;
  return {
    code: "E_POLICY_DENIED",
    message: `\`${path}\` is, or holds, another name of ${barred.what}, which no rule can open`,
    target: path,
    hint: "leave it out: what is protected is so under every name that it has",
    rule: { id: `builtin.protected.${barred.what.toLowerCase().replace(/[^a-z0-9]+/g, "_")}` },
  };
}

function wrongKind(stats: Stats, wanted: "file" | "directory", path: string, instead: string): Failure {
  const is = kindOf(stats);
  if (is === "other") {
    const message = `\`${path}\` is a ${specialName(stats)}; only regular files and directories can be used`;
    return { code: "E_ARGUMENT", message, target: path };
  }
  return { code: "E_ARGUMENT", message: `\`${path}\` is a ${is}, not a ${wanted}`, target: path, hint: instead };
}

function specialName(stats: Stats): string {
  if (stats.isFIFO()) return "named pipe";
  return stats.isSocket() ? "socket" : "device";
}
