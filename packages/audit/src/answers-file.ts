/**
 * Guards where answers are kept for a run that may be parked: `answers/RUN.jsonl` beside the records, ours, regular, with one
 * name, readable by us alone, and never opened through a link. A file belongs to one process at a time: who resumes a run
 * first takes it by renaming it, which works once.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";
import { AnswerChain, type AnswerLine } from "./answer-lines.ts";
import { objectionTo, type Self } from "./private-place.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const KEY_BYTES = 32;
const NEWLINE = 0x0a;

export const answersPath = (directory: string, run: string): string => join(directory, "answers", `${run}.jsonl`);

/** ULIDs alone name files. */
const RUN = /^[0-9A-HJKMNP-TV-Z]{26}$/;
export const isRunName = (name: string): boolean => RUN.test(name);

/** Makes the directory, 0700, if it is not there. `directory`: the real path of the record's. */
export function openAnswersDirectory(directory: string): Result<string> {
  const place = join(directory, "answers");
  try {
    if (!existsSync(place)) mkdirSync(place, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return fail(unkeepable("cannot be made"));
  }
  try {
    const objection = objectionTo(lstatSync(place), lstatSync(directory), self());
    return objection === null
      ? ok(place)
      : fail({
          ...objection,
          message: objection.message.replace("`runs`, where the record goes,", "`answers`, where answers are kept,"),
        });
  } catch {
    return fail(unkeepable("cannot be used"));
  }
}

const unkeepable = (what: string): Failure => ({
  code: "E_AUDIT",
  message: `the directory of kept answers ${what}, so nothing ran`,
  hint: "name a directory that can be written with --audit",
});

function self(): Self {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return uid === undefined || gid === undefined ? null : { uid, gid };
}

/** The key that answers are authenticated with; made on first use. */
export function answersKey(path: string): Result<Uint8Array> {
  try {
    if (!existsSync(path)) createKey(path);
    const bytes = readOwn(path);
    if (typeof bytes !== "string" && bytes.length === KEY_BYTES) return ok(bytes);
    const what = typeof bytes === "string" ? bytes : "has another size than ours have";
    return fail({
      code: "E_AUDIT",
      message: `the key of kept answers ${what}`,
      hint: `look at ${path}; without it, nothing that was parked can be resumed`,
    });
  } catch {
    return fail({
      code: "E_AUDIT",
      message: "the key of kept answers cannot be read or made",
      hint: `look at ${path}`,
    });
  }
}

function createKey(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const fd = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, randomBytes(KEY_BYTES));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  // Two processes at once: the later key wins, and what the other has kept by then is refused as not ours.
  if (existsSync(path)) rmSync(draft);
  else renameSync(draft, path);
}

/** The bytes, or what is wrong with the file. Throws what the system throws. */
function readOwn(path: string): Uint8Array | string {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    return objectionToFile(fd) ?? readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function objectionToFile(fd: number): string | null {
  const { uid, mode, nlink, isFile } = { ...fstatSync(fd), isFile: fstatSync(fd).isFile() };
  if (!isFile) return "is no regular file";
  if (process.geteuid !== undefined && uid !== process.geteuid()) return "belongs to another user";
  if (nlink !== 1) return "has several names";
  return (mode & 0o077) === 0 ? null : "can be read or written by others";
}

export interface ReadAnswers {
  readonly lines: readonly AnswerLine[];
  /** Up to and with the last whole line. */
  readonly wholeBytes: number;
  /** Where the chain goes on. */
  readonly previous: string;
}

/** Null: there is no such file. A line that a kill tore is left out: what it was about had not begun, or is in doubt. */
export function readAnswers(path: string, key: Uint8Array): Result<ReadAnswers> | null {
  let bytes: Uint8Array | string;
  try {
    bytes = readOwn(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    return fail(refused(code === "ELOOP" ? "are a link" : "cannot be read"));
  }
  if (typeof bytes === "string")
    return fail(
      refused(bytes.replace(/^is /, "are ").replace(/^(belong|ha)s/, (has) => (has === "has" ? "have" : "belong"))),
    );
  const wholeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  const chain = new AnswerChain(key);
  const lines: AnswerLine[] = [];
  for (const text of Buffer.from(bytes).subarray(0, wholeBytes).toString("utf8").split("\n").slice(0, -1)) {
    const line = chain.read(text);
    if (line === null) return fail(refused(`were changed, or are not ours: line ${lines.length + 1}`));
    lines.push(line);
  }
  return ok({ lines, wholeBytes, previous: chain.previous });
}

const refused = (what: string): Failure => ({
  code: "E_AUDIT",
  message: `the answers that were kept of this run ${what}, so it is not resumed`,
  hint: "run the script anew; what it did before is in its record",
});

export const runsWithAnswers = (directory: string): readonly string[] => {
  try {
    return readdirSync(join(directory, "answers")).flatMap((name) =>
      name.endsWith(".jsonl") ? [name.slice(0, -6)] : [],
    );
  } catch {
    return [];
  }
};

/**
 * Takes the answers of `from` for the run `to`: false, another process took them first. Until the new owner stands in it,
 * the file has a name that nobody resumes.
 */
export function takeAnswers(
  directory: string,
  from: string,
  to: string,
  read: ReadAnswers,
  key: Uint8Array,
): string | null {
  const draft = join(directory, "answers", `.${to}`);
  try {
    renameSync(answersPath(directory, from), draft);
  } catch {
    return null;
  }
  const chain = new AnswerChain(key, read.previous);
  const fd = openSync(draft, O_RDWR | O_APPEND | O_NOFOLLOW);
  try {
    ftruncateSync(fd, read.wholeBytes);
    writeAll(fd, Buffer.from(chain.line(ownerLine(to))));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, answersPath(directory, to));
  return chain.previous;
}

export const ownerLine = (run: string): AnswerLine => ({
  kind: "owner",
  run,
  pid: process.pid,
  since: startOf(process.pid),
});

/** Whether the process that wrote this line is still there. */
export function isAlive({ pid, since }: Extract<AnswerLine, { kind: "owner" }>): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return since === "" || startOf(pid) === since;
}

/** Boot and start time, so that a number that was given away again is not taken for the old process; proc_pid_stat(5), field 22. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot} ${fields[19] ?? ""}`;
  } catch {
    return "";
  }
}

export function removeAnswers(path: string): void {
  rmSync(path, { force: true });
}

/** Writes answers; every method throws what the system throws. */
export class AnswersFile {
  readonly #fd: number;
  readonly #chain: AnswerChain;
  bytes: number;

  /** `previous`: the chain goes on in a file that is there; null: a new file. */
  constructor(path: string, key: Uint8Array, previous: string | null) {
    const flags = previous === null ? O_WRONLY | O_CREAT | O_EXCL : O_WRONLY;
    this.#fd = openSync(path, flags | O_APPEND | O_NOFOLLOW, 0o600);
    this.#chain = previous === null ? new AnswerChain(key) : new AnswerChain(key, previous);
    this.bytes = fstatSync(this.#fd).size;
  }

  append(line: AnswerLine): void {
    const bytes = Buffer.from(this.#chain.line(line), "utf8");
    writeAll(this.#fd, bytes);
    this.bytes += bytes.length;
  }

  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
