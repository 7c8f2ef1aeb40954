/**
 * The trust store: which discovered policies may apply. An entry is the real path of the main policy and the hashes of
 * all files that take part, so a policy that changed, moved, or gained an inherited file is not trusted any more.
 * A store that cannot be read trusts nothing (DEFAULT-NO).
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { isJsonArray, isJsonObject, type Json, type PolicyData } from "@agent-run/gate";

interface TrustEntry {
  readonly path: string;
  readonly files: string;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

export function isTrusted(store: string, policy: PolicyData): boolean {
  const wanted = entryOf(policy);
  return readStore(store).some(({ path, files }) => path === wanted.path && files === wanted.files);
}

/** This policy was trusted, with other files or other text in them. */
export const wasTrusted = (store: string, policy: PolicyData): boolean =>
  readStore(store).some(({ path }) => path === entryOf(policy).path) && !isTrusted(store, policy);

/** Adds a policy; a former entry for the same path is replaced. Throws what the system throws. */
export function addTrust(store: string, policy: PolicyData): void {
  const entry = entryOf(policy);
  const others = readStore(store).filter(({ path }) => path !== entry.path);
  mkdirSync(dirname(store), { recursive: true, mode: 0o700 });
  const temporary = `${store}.${process.pid}.tmp`;
  const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ v: 1, trusted: [...others, entry] }, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, store);
}

/** The main policy's path and one line a file: hash and name. */
function entryOf({ files }: PolicyData): TrustEntry {
  return { path: files[0]?.path ?? "", files: files.map(({ path, sha256 }) => `${sha256} ${path}`).join("\n") };
}

function readStore(store: string): TrustEntry[] {
  try {
    const value = JSON.parse(readOwn(store)) as Json;
    if (!isJsonObject(value) || value.v !== 1 || !isJsonArray(value.trusted)) return [];
    return value.trusted.flatMap((entry) =>
      isJsonObject(entry) && typeof entry.path === "string" && typeof entry.files === "string"
        ? [{ path: entry.path, files: entry.files }]
        : [],
    );
  } catch {
    return [];
  }
}

/** Only a regular file that is ours and that nobody else can write is believed. */
function readOwn(path: string): string {
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW);
  try {
    const { uid, mode, nlink } = fstatSync(fd);
    const own = uid === process.getuid?.() && (mode & 0o022) === 0 && nlink === 1;
    if (!own) throw new Error("the trust store can be written by others");
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
