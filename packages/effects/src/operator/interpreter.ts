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

/**
 * Would the kernel itself start this file? What it does not know is handed to `sh` by the C library (ENOEXEC), and no
 * command of ours ever goes through a shell. A file that only runs and cannot be read is no script.
 */
export function isProgram(path: string): boolean {
  const line = firstLine(path);
  return line === null || line.startsWith("#!") || MAGIC.some((magic) => line.startsWith(magic));
}

/** ELF; Mach-O of both byte orders, and the one for several processors. */
const MAGIC = ["\x7fELF", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xfe\xed\xfa\xcf", "\xca\xfe\xba\xbe"];

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
