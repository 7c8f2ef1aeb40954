/**
 * The storage port of a segment and its file implementation: the only place of this package that touches the disk.
 * A segment is created exclusively and without following links, readable by its owner only, and only ever appended to.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";
import { objectionTo, type Self } from "./private-place.ts";

/** Throws what the system throws; the segment turns that into "nothing may happen". */
export interface SegmentStorage {
  /** All bytes or a throw; a throw may leave a torn line. */
  append(text: string): void;
  /** Returns once everything appended is on disk. */
  sync(): void;
  close(): void;
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants;

/** The file of a run below the record's directory. */
export const segmentPath = (directory: string, run: string): string => join(directory, "runs", `${run}.jsonl`);

/**
 * Makes the directory of the segments, 0700, if it is not there, and gives the real path of the record's directory. That
 * one may be a link, and where it leads is what counts; a `runs` that is not ours alone is refused.
 */
export function openRecordDirectory(directory: string): Result<string> {
  try {
    makeDirectory(resolve(directory, "runs"));
    const real = realpathSync(directory);
    const objection = objectionTo(lstatSync(join(real, "runs")), lstatSync(real), self());
    return objection === null ? ok(real) : fail(objection);
  } catch {
    return fail(unmakeable);
  }
}

const unmakeable: Failure = {
  code: "E_AUDIT",
  message: "the directory of the record cannot be made, so nothing ran",
  hint: "name a directory that can be written with --audit",
};

/**
 * Parents first, each tried once: Node's own `recursive` never returns where the system says that a new directory in an
 * existing one does not exist, as below /proc.
 */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function self(): Self {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  return uid === undefined || gid === undefined ? null : { uid, gid };
}

/** Creates the segment's file; fails if it exists. */
export function createSegmentFile(path: string): SegmentStorage {
  return storageOf(openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600));
}

/** Reopens a segment to finish it after a crash: everything behind `length` bytes is cut off. */
export function reopenSegmentFile(path: string, length: number): SegmentStorage {
  const fd = openSync(path, O_RDWR | O_APPEND | O_NOFOLLOW);
  ftruncateSync(fd, length);
  return storageOf(fd);
}

/** Keeps the torn bytes of a crash beside the segment, for a person to look at. */
export function keepResidue(path: string, bytes: Uint8Array): void {
  const fd = openSync(`${path}.residue`, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeAll(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

/** Reads a whole segment as bytes. */
export const readSegmentFile = (path: string): Uint8Array => readFileSync(path);

const storageOf = (fd: number): SegmentStorage => ({
  append: (text) => writeAll(fd, Buffer.from(text, "utf8")),
  sync: () => fsyncSync(fd),
  close: () => closeSync(fd),
});

/** `write(2)` may write less than asked (full disk, signals). */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
