/** `fs.read`: the content of one regular file, or a range of its bytes. Never more than the policy's `max_file`. */

import { isUtf8 } from "node:buffer";
import { closeSync, constants, readSync } from "node:fs";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure } from "./attempt.ts";
import { type Handle, openHeld } from "./descriptor.ts";
import { existingFile } from "./inspect.ts";
import { locate } from "./locate.ts";
import { fileOperation } from "./operation.ts";
import { pathTarget, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly path: string;
  readonly encoding: "utf8" | "base64";
  readonly offset: number;
  readonly length: number;
}

interface Plan extends Args {
  readonly handle: Handle;
}

export const read = fileOperation<Args, Plan>({
  name: "fs.read",
  capabilities: ["fs.read"],
  parse(args) {
    const shape = { path: "text", encoding: "text?", offset: "count?", length: "count?" } as const;
    const members = readMembers("fs.read", args, shape);
    if (!members.ok) return members;
    const { path, encoding = "utf8", offset = 0, length = Number.MAX_SAFE_INTEGER } = members.value;
    if (encoding === "utf8" || encoding === "base64") return ok({ path, encoding, offset, length });
    return fail({ code: "E_ARGUMENT", message: "`encoding` of `fs.read` must be `utf8` or `base64`" });
  },
  canonicalize: (args, context) => typedRequest("fs.read", [["read", args.path]], context),
  look(args, typed, context, holding) {
    const found = locate(typedPath(typed), holding);
    const file = existingFile(found, "read", args.path, context, "use `fs.list` to see what a directory holds");
    const plan: Result<Plan> = file.ok ? ok({ ...args, handle: file.value }) : file;
    return { targets: [pathTarget("read", found.real)], plan };
  },
  act({ path, encoding, offset, length, handle }, { limits: { maxFileBytes } }) {
    const tried = attempt(() => readRange(handle, offset, Math.min(length, maxFileBytes + 1)));
    if (!tried.ok) return fail(ioFailure(tried.refusal, path));
    const content = tried.value;
    if (content.length > maxFileBytes) return fail({ ...tooLarge(path, maxFileBytes), hint: READ_PARTS });
    if (encoding === "base64") return ok({ value: content.toString("base64"), bytes: content.length });
    if (!isUtf8(content)) return fail(notText(path));
    return ok({ value: content.toString("utf8"), bytes: content.length });
  },
});

export const tooLarge = (path: string, maxFileBytes: number): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${path}\` is larger than the ${maxFileBytes} bytes that \`max_file\` allows`,
  target: path,
  hint: "raise `max_file` in the policy",
});

const READ_PARTS = "read a part with `offset` and `length`, or raise `max_file` in the policy";

const notText = (path: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${path}\` is not valid UTF-8`,
  target: path,
  hint: 'read it with `encoding: "base64"`',
});

const FIRST_CHUNK = 64 * 1024;

/**
 * Up to `most` bytes from `offset`. Reads until the end of the file and not until its size: files of `/proc` say 0,
 * and others grow while they are read.
 */
function readRange(handle: Handle, offset: number, most: number): Buffer {
  const fd = openHeld(handle, constants.O_RDONLY);
  try {
    const expected = Math.max(0, handle.stats.size - offset) + 1;
    let buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(most, expected > 1 ? expected : FIRST_CHUNK));
    let filled = 0;
    while (filled < most) {
      if (filled === buffer.length) buffer = grown(buffer, most);
      const got = readSync(fd, buffer, filled, buffer.length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

function grown(buffer: Buffer, most: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(FIRST_CHUNK, buffer.length * 2)));
  buffer.copy(larger);
  return larger;
}
