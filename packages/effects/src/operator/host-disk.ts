/**
 * Looks at the disk for calls that somebody else will make: an agent host opens files and starts programs itself, so
 * what is found here is what was there a moment before. It only ever narrows an answer.
 */
import { accessSync, constants, type Dirent, lstatSync, readdirSync, statSync } from "node:fs";
import { attempt } from "../fs/attempt.ts";

export type DiskKind = "file" | "directory" | "other";

/** Follows links; null: nothing is there, or nothing can be known of it. */
export function kindAt(path: string): DiskKind | null {
  if (path.includes("\0")) return null;
  const stats = attempt(() => statSync(path));
  if (!stats.ok) return null;
  return stats.value.isDirectory() ? "directory" : stats.value.isFile() ? "file" : "other";
}

/** A link counts, wherever it leads. */
export const isThere = (path: string): boolean => !path.includes("\0") && attempt(() => lstatSync(path)).ok;

/** Names in a directory, and which of them are directories (links are not). Null: it cannot be listed. */
export function entriesIn(path: string): readonly { readonly name: string; readonly kind: DiskKind | "link" }[] | null {
  const entries = attempt(() => readdirSync(path, { withFileTypes: true }));
  return entries.ok ? entries.value.map((entry) => ({ name: entry.name, kind: kindOf(entry) })) : null;
}

const kindOf = (entry: Dirent): DiskKind | "link" =>
  entry.isSymbolicLink() ? "link" : entry.isDirectory() ? "directory" : entry.isFile() ? "file" : "other";

/** A file that this user may start. */
export const isProgram = (path: string): boolean =>
  kindAt(path) === "file" && attempt(() => accessSync(path, constants.X_OK)).ok;
