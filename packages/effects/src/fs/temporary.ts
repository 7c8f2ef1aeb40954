/**
 * Names of temporary files: random, so that nobody can wait for one; reserved, so that no script can reach one. A run
 * that is killed in a write leaves one behind; the host removes it with `sweepTemporaries`.
 */
import { rmSync } from "node:fs";
import { posix } from "node:path";
import type { CanonicalRequest } from "@agent-run/gate";
import { attempt } from "./attempt.ts";
import { childPath, entriesOf, hold, release } from "./descriptor.ts";

const BEFORE = ".agent-run-";
const AFTER = ".tmp";
// Upper case too: on a file system that ignores case it would be the same file.
const PATTERN = /^\.agent-run-[a-z0-9]{16}\.tmp$/i;

/** `random` as `context.randomName()` gives it: `[a-z0-9]{16}`. */
export const temporaryName = (random: string): string => `${BEFORE}${random}${AFTER}`;

export const isTemporary = (name: string): boolean => PATTERN.test(name);

/**
 * Where a call may have left one: the directories of what it writes. For a killed run, this of every request in its
 * record that has an intent and no outcome.
 */
export const directoriesWritten = ({ targets }: CanonicalRequest): string[] => [
  ...new Set(targets.filter(({ on }) => on === "fs.write").map(({ value }) => posix.dirname(value))),
];

/**
 * Removes what a killed run left. `prefix` is the part of `context.randomName()` that all names of that run share, at
 * least 4 characters, so that other runs keep theirs. Returns how many were removed; what cannot be removed stays.
 */
export function sweepTemporaries(prefix: string, directories: Iterable<string>): number {
  if (!/^[a-z0-9]{4,16}$/.test(prefix)) return 0;
  let removed = 0;
  for (const directory of new Set(directories)) {
    const swept = attempt(() => sweep(directory, BEFORE + prefix));
    if (swept.ok) removed += swept.value;
  }
  return removed;
}

function sweep(directory: string, start: string): number {
  const handle = hold(directory);
  try {
    if (!handle.stats.isDirectory()) return 0;
    const left = entriesOf(handle).filter((entry) => entry.isFile() && isLeft(entry.name, start));
    for (const { name } of left) rmSync(childPath(handle, name), { force: true });
    return left.length;
  } finally {
    release(handle);
  }
}

const isLeft = (name: string, start: string): boolean => name.startsWith(start) && isTemporary(name);
