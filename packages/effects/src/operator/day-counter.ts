/** Counts uses of a day (UTC) in a file of our own, over all processes of the user: one writer at a time. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { attempt } from "../fs/attempt.ts";

/** A lock that is older was left by a process that died: counting takes no time. */
const STALE_MS = 10_000;
const TRIES = 200;

/** `failed`: the file cannot be read, locked or written; nothing was counted then. */
export function countToday(file: string, name: string, max: number): "counted" | "used up" | "failed" {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return locked(`${file}.lock`, () => count(file, name, max));
  } catch {
    return "failed";
  }
}

function count(file: string, name: string, max: number): "counted" | "used up" {
  const day = new Date().toISOString().slice(0, 10);
  const stored = readCounts(file, day);
  const used = stored[name] ?? 0;
  if (used >= max) return "used up";
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ day, counts: { ...stored, [name]: used + 1 } }), { mode: 0o600 });
  renameSync(temporary, file);
  return "counted";
}

function readCounts(file: string, day: string): Readonly<Record<string, number>> {
  const read = attempt(() => readFileSync(file, "utf8"));
  if (!read.ok) {
    if (read.refusal.code === "ENOENT") return {};
    throw new Error("the counts cannot be read");
  }
  const stored = JSON.parse(read.value) as { day?: unknown; counts?: Record<string, number> };
  return stored.day === day ? (stored.counts ?? {}) : {};
}

function locked<T>(lock: string, work: () => T): T {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const opened = attempt(() => openSync(lock, "wx", 0o600));
    if (opened.ok) {
      try {
        return work();
      } finally {
        closeSync(opened.value);
        unlinkSync(lock);
      }
    }
    const age = attempt(() => Date.now() - statSync(lock).mtimeMs);
    if (age.ok && age.value > STALE_MS) attempt(() => unlinkSync(lock));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  throw new Error("the lock is held");
}
