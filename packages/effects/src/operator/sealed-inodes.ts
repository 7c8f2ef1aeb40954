/**
 * Files of local-only trees that have another name (a hard link): read by that one they would be in the open. Only files
 * with several names are of interest, so that the list is short however large the trees are.
 */
import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import type { PolicyData, ProtectedInode } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";

/** Entries that are looked at; the rest of larger trees is not (docs/limitations.md). */
const MAX_SEEN = 100_000;

export function sealedInodes({ rules, localOnly }: PolicyData): ProtectedInode[] {
  if (localOnly === null) return [];
  const patterns = rules.flatMap(({ sealed, match }) =>
    sealed === true && match.kind === "path" ? match.patterns : [],
  );
  const found: ProtectedInode[] = [];
  const waiting = [...new Set(patterns.map(literalStart))];
  for (let seen = 0; seen < MAX_SEEN; seen += 1) {
    const path = waiting.pop();
    if (path === undefined) break;
    const stats = attempt(() => lstatSync(path));
    if (!stats.ok) continue;
    const { dev, ino, nlink } = stats.value;
    if (stats.value.isDirectory()) waiting.push(...entriesBelow(path));
    else if (stats.value.isFile() && nlink > 1) found.push({ dev, ino, access: "all", what: "local-only data" });
  }
  return found;
}

/** The path before the first part that is a pattern. */
function literalStart(pattern: string): string {
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => /[*?[\\]/.test(part));
  return (wild === -1 ? parts : parts.slice(0, wild)).join("/") || "/";
}

function entriesBelow(path: string): string[] {
  const entries = attempt((): Dirent[] => readdirSync(path, { withFileTypes: true }));
  if (!entries.ok) return [];
  return entries.value
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(({ name }) => posix.join(path, name));
}
