import { closeSync, constants, openSync, readSync } from "node:fs";
import { posix } from "node:path";
import { attempt } from "../fs/attempt.ts";

// The kernel reads no more of a first line (BINPRM_BUF_SIZE).
const MAX_LINE = 256;

/**
 * The program that the `#!` line of a file names: an absolute path, or the bare name that `env` will look up. Null for
 * a file without such a line. A relative interpreter is given as it stands and will not be found.
 */
export function interpreterOf(path: string): string | null {
  const line = firstLine(path);
  if (line === null || !line.startsWith("#!")) return null;
  const [program = "", ...words] = line
    .slice(2)
    .trim()
    .split(/[ \t]+/);
  if (program === "") return null;
  if (posix.basename(program) !== "env") return program;
  return words.find((word) => !word.startsWith("-") && !word.includes("=")) ?? program;
}

function firstLine(path: string): string | null {
  const read = attempt(() => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const buffer = Buffer.alloc(MAX_LINE);
      return buffer.toString("latin1", 0, readSync(fd, buffer, 0, MAX_LINE, 0));
    } finally {
      closeSync(fd);
    }
  });
  return read.ok ? (read.value.split("\n", 1)[0] ?? null) : null;
}
