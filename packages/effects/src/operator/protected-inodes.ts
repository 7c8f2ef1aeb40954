/**
 * The inodes behind protected paths, so that another name (a hard link) of such a file is refused like the file. Of a
 * protected directory what it holds counts, too, as far as a bound allows; what is made there later is out of a
 * script's reach by path, and by its mode.
 */
import { type Dirent, readdirSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { ProtectedInode, ProtectedPath } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";

const MAX_INODES = 2_000;

export function protectedInodes(paths: readonly ProtectedPath[]): ProtectedInode[] {
  const found = new Map<string, ProtectedInode>();
  // Named paths first: what is below them may be more than the bound.
  const waiting = paths.filter(({ alone }) => alone !== true);
  for (let next = waiting.shift(); next !== undefined && found.size < MAX_INODES; next = waiting.shift()) {
    const { path, access, what } = next;
    const stats = attempt(() => statSync(path));
    if (!stats.ok) continue;
    const { dev, ino } = stats.value;
    const key = `${dev}:${ino}`;
    if (found.get(key)?.access === "all") continue;
    found.set(key, { dev, ino, access, what });
    if (stats.value.isDirectory()) waiting.push(...below(next));
  }
  return [...found.values()];
}

/** Links in a protected directory lead elsewhere, and protect nothing there. */
function below({ path, access, what }: ProtectedPath): ProtectedPath[] {
  const entries = attempt((): Dirent[] => readdirSync(path, { withFileTypes: true }));
  if (!entries.ok) return [];
  return entries.value
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(({ name }) => ({ path: posix.join(path, name), access, what }));
}
