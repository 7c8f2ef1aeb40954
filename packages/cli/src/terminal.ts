/**
 * The command's own input and output: the only file of this package that touches files, standard streams and the
 * terminal. What it reads are the operator's own arguments, never a script's.
 */
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isatty } from "node:tty";
import { CommandFailure, UnwritableOutput } from "./exit.ts";

/** Largest script, input or policy that is read, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** How many characters a line of the terminal has; null in a pipe. */
export function columnsOf(fd: 1 | 2): number | null {
  const { columns } = fd === 1 ? process.stdout : process.stderr;
  return isTerminal(fd) && columns > MIN_COLUMNS ? columns : null;
}

/** Below it nothing is gained by breaking lines, and some terminals say 0. */
const MIN_COLUMNS = 20;

/**
 * Writes all of it to standard output, or throws an UnwritableOutput. A reader that went away ends the output quietly,
 * as it does for other commands.
 */
export function writeOut(text: string): void {
  try {
    write(1, text);
  } catch (error) {
    throw new UnwritableOutput(reasonOf(error));
  }
}

/** What cannot be told on standard error cannot be told at all; the exit code still says it. */
export function writeError(text: string): void {
  try {
    write(2, text);
  } catch {
    // nowhere left to say it
  }
}

function write(fd: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** A text file named on the command line; `-` is standard input. Must be UTF-8. `ifAbsent`: a hint where it is not there. */
export const readText = (path: string, what: string, ifAbsent?: string): string =>
  readExactText(path, what, ifAbsent).replace(/^\uFEFF/, "");

/** With the mark that may stand at its start. */
export function readExactText(path: string, what: string, ifAbsent?: string): string {
  const bytes = readBytes(path, what, ifAbsent);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandFailure("E_CONFIG", `${what} \`${path}\` is not UTF-8 text`);
  }
}

/** The bytes of a file named on the command line; `-` is standard input. */
export function readBytes(path: string, what: string, ifAbsent?: string): Uint8Array {
  try {
    if (path === "-") return readFileSync(0);
    const stat = statSync(path);
    if (stat.isDirectory()) throw new CommandFailure("E_CONFIG", `${what} \`${path}\` is a directory`);
    if (stat.size > MAX_BYTES) throw new CommandFailure("E_CONFIG", `${what} \`${path}\` is larger than 64 MiB`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
    const hint = isAbsent && ifAbsent !== undefined ? { hint: ifAbsent } : {};
    throw new CommandFailure("E_CONFIG", `${what} \`${path}\` cannot be read: ${reasonOf(error)}`, hint);
  }
}

export const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Names of a directory's entries, sorted; none where it cannot be listed. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** Puts a file in the place of the one that is there, if one is: whole or not at all. A link is replaced, not followed. */
export function replaceFile(path: string, text: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink())
    throw new CommandFailure("E_CONFIG", `\`${path}\` is no regular file, so it was left as it is`);
  const beside = `${path}.${process.pid}.new`;
  createFile(beside, text);
  try {
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new CommandFailure("E_CONFIG", `\`${path}\` cannot be written: ${reasonOf(error)}`);
  }
}

/** Creates a file, whole or not at all; never overwrites one. `ifThere`: a hint for that case. */
export function createFile(path: string, text: string, ifThere?: string): void {
  if (existsSync(path)) {
    const hint = ifThere === undefined ? {} : { hint: ifThere };
    throw new CommandFailure("E_CONFIG", `\`${path}\` is already there and was left as it is`, hint);
  }
  let isOurs = false;
  try {
    const fd = openSync(path, "wx", 0o644);
    isOurs = true;
    try {
      writeFileSync(fd, text);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Half a policy may load, and deny less.
    if (isOurs) rmSync(path, { force: true });
    throw new CommandFailure("E_CONFIG", `\`${path}\` cannot be written: ${reasonOf(error)}`);
  }
}

/** A new text for a file that is there, all of it or nothing; a link stays a link, and who may read the file stays so. */
export function rewriteFile(path: string, text: string): void {
  let draft: string | null = null;
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (!stat.isFile()) throw new Error("it is no regular file");
    const name = `${real}.${process.pid}.new`;
    const fd = openSync(name, "wx", stat.mode & 0o777);
    draft = name;
    try {
      // Whatever mask the shell has set.
      fchmodSync(fd, stat.mode & 0o777);
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, real);
  } catch (error) {
    if (draft !== null) rmSync(draft, { force: true });
    throw new CommandFailure("E_CONFIG", `\`${path}\` cannot be replaced: ${reasonOf(error)}`);
  }
}

/** Replaces a report of an earlier run, which begins with `start`; never any other file, nor what a link leads to. */
export function replaceReport(path: string, text: string, start: string): void {
  if (existsSync(path) && !readText(path, "the report").startsWith(start)) {
    throw new CommandFailure("E_CONFIG", `\`${path}\` is there and is no such report, so it was left as it is`);
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new CommandFailure("E_CONFIG", `\`${path}\` is a link, so nothing was written`);
  replaceFile(path, text);
}

/** Where a name leads; null where nothing is there. */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

export const isTerminal = (fd: 0 | 1 | 2): boolean => isatty(fd);

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES") return "permission denied";
  if (code === "ENOSPC") return "no space is left on the device";
  return code ?? message;
};

/** A temporary directory of the command's own. */
export interface Playground {
  readonly directory: string;
  remove(): void;
}

export function makePlayground(files: Readonly<Record<string, string>>): Playground {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-demo-")));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
