/**
 * What `fs.write` would change, for who is asked: a unified diff of what is there against what would be written, or sizes
 * and digests where that is no text to read. The file is read through the descriptor that the check holds
 * (CHECKED-IS-USED). Of what is local-only nothing is shown, not even its size; nor anything where a script holds
 * local-only values in the open (`mode = "redact"`), since its text may hold them.
 */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, readSync } from "node:fs";
import type { Content, OperationContext, Preview } from "@agent-run/gate";
import { type Handle, openHeld } from "./descriptor.ts";
import { diffLines } from "./line-diff.ts";
import { pathTarget } from "./target.ts";

/** Above it nobody reads a diff, and the worker would take long to make one. */
const MAX_DIFF_BYTES = 256 * 1024;
/** Above it a file is not even hashed: who is asked would wait for it. */
const MAX_HASH_BYTES = 64 * 1024 * 1024;

export interface FileChange {
  /** What is there, and where it really is; null: nothing. */
  readonly old: { readonly file: Handle; readonly real: string } | null;
  readonly content: Buffer;
  readonly append: boolean;
}

export function previewOfWrite({ old, content, append }: FileChange, context: OperationContext): Preview | null {
  if (context.policy.localOnly?.mode === "redact") return null;
  if (old !== null && context.decide(pathTarget("read", old.real)).sealed !== undefined) return null;
  const there = old === null ? null : look(old.file);
  const before = there === null ? Buffer.alloc(0) : there.bytes;
  if (before === null) return sizes("large", there, content, append);
  const after = append ? Buffer.concat([before, content]) : content;
  if (after.length > MAX_DIFF_BYTES) return sizes("large", there, content, append);
  if (isBinary(before) || isBinary(after)) return sizes("binary", there, content, append);
  return diffLines(before.toString("utf8"), after.toString("utf8")) ?? sizes("different", there, content, append);
}

interface There {
  readonly size: number;
  readonly sha256: string | null;
  /** Null: more than a diff is made of. */
  readonly bytes: Buffer | null;
}

const isBinary = (bytes: Buffer): boolean => bytes.includes(0) || !isUtf8(bytes);

function look(handle: Handle): There {
  const fd = openHeld(handle, constants.O_RDONLY);
  try {
    const { size } = fstatSync(fd);
    if (size > MAX_HASH_BYTES) return { size, sha256: null, bytes: null };
    const hash = createHash("sha256");
    const kept: Buffer[] = [];
    let done = 0;
    for (let chunk = readAt(fd, done); chunk.length > 0; chunk = readAt(fd, done)) {
      hash.update(chunk);
      done += chunk.length;
      if (done <= MAX_DIFF_BYTES) kept.push(chunk);
      // It grows while it is read.
      if (done > MAX_HASH_BYTES) return { size: done, sha256: null, bytes: null };
    }
    return { size: done, sha256: hash.digest("hex"), bytes: done <= MAX_DIFF_BYTES ? Buffer.concat(kept) : null };
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, position: number): Buffer {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, position));
}

function sizes(
  why: Extract<Preview, { kind: "sizes" }>["why"],
  there: There | null,
  content: Buffer,
  append: boolean,
): Preview {
  const before = there === null ? null : { bytes: there.size, sha256: there.sha256 };
  return { kind: "sizes", why, before, after: afterwards(there, content, append) };
}

/** Of what is appended to, the whole is not hashed: the end is what is new. */
const afterwards = (there: There | null, content: Buffer, append: boolean): Content =>
  append && there !== null
    ? { bytes: there.size + content.length, sha256: null }
    : { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
