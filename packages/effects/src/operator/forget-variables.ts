/**
 * Takes variables out of this process for good. Deleting one from `process.env` leaves `/proc/PID/environ` as it was, and
 * every child can read that of its parent. So the block itself is overwritten, through `/proc/self/mem`: its place is in
 * `/proc/self/stat` (proc(5): fields 50 and 51). Elsewhere than on Linux the block stays; the docs say so.
 */
import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { platform } from "node:process";

/** True: no trace of these variables is left in the block; false: it could not be overwritten. */
export function forgetVariables(names: readonly string[]): boolean {
  const present = names.filter((name) => process.env[name] !== undefined);
  for (const name of present) delete process.env[name];
  if (present.length === 0) return true;
  if (platform !== "linux") return false;
  try {
    overwrite(new Set(present));
    const left = readFileSync("/proc/self/environ", "latin1").split("\0");
    return !left.some((entry) => present.includes(entry.slice(0, entry.indexOf("="))));
  } catch {
    return false;
  }
}

function overwrite(names: ReadonlySet<string>): void {
  const [start, end] = blockPlace();
  const memory = openSync("/proc/self/mem", "r+");
  try {
    const block = Buffer.alloc(Number(end - start));
    readSync(memory, block, 0, block.length, start);
    let at = 0;
    while (at < block.length) {
      const next = block.indexOf(0, at);
      const stop = next === -1 ? block.length : next;
      const equals = block.indexOf("=", at);
      if (equals !== -1 && equals < stop && names.has(block.toString("utf8", at, equals))) {
        const blank = Buffer.alloc(stop - at, "x");
        writeSync(memory, blank, 0, blank.length, Number(start) + at);
      }
      at = stop + 1;
    }
    block.fill(0);
  } finally {
    closeSync(memory);
  }
}

/** The name of the command may hold anything but a last parenthesis: fields are counted behind it. */
function blockPlace(): readonly [bigint, bigint] {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [BigInt(fields[47] ?? 0), BigInt(fields[48] ?? 0)];
}
