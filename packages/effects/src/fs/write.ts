/**
 * `fs.write`: a whole file, atomically, or bytes appended to one. A link is followed to the file it leads to, which must
 * be allowed itself; a link that leads nowhere never creates anything. Parents are made only on request, each decided.
 */
import { accessSync, closeSync, constants, fstatSync } from "node:fs";
import { posix } from "node:path";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { readMembers } from "./arguments.ts";
import { attempt, ioFailure, type Tried } from "./attempt.ts";
import { type Handle, type Holding, openHeld, stillAt } from "./descriptor.ts";
import { existingFile, notFound } from "./inspect.ts";
import { type Located, locate, MAX_TRIES, type Missing } from "./locate.ts";
import { makeDirectories, missingPaths } from "./mkdir.ts";
import { fileOperation } from "./operation.ts";
import { type Place, placeOf } from "./place.ts";
import { previewOfWrite } from "./preview.ts";
import { createFile, replaceFile, writeAll } from "./replace.ts";
import { pathTarget, pathTargets, typedPath, typedRequest } from "./target.ts";

interface Args {
  readonly path: string;
  readonly content: Buffer;
  readonly append: boolean;
  readonly createParents: boolean;
}

interface Plan extends Args {
  readonly destination: Destination;
}

type Destination =
  | { readonly kind: "file"; readonly file: Handle; readonly real: string; readonly place: Place }
  | { readonly kind: "new"; readonly missing: Missing };

export const write = fileOperation<Args, Plan>({
  name: "fs.write",
  capabilities: ["fs.write"],
  parse(args) {
    const shape = { path: "text", data: "text", append: "flag?", base64: "flag?", createParents: "flag?" } as const;
    const members = readMembers("fs.write", args, shape);
    if (!members.ok) return members;
    const { path, data, append = false, base64 = false, createParents = false } = members.value;
    if (path.endsWith("/")) return fail(namesDirectory(path));
    const content = base64 ? decodeBase64(data) : encodeText(data);
    return content.ok ? ok({ path, content: content.value, append, createParents }) : content;
  },
  canonicalize: ({ path, content }, context) => typedRequest("fs.write", [["write", path]], context, content.length),
  carries: ({ content, append }) => ({ as: append ? "appended" : "written", bytes: content }),
  look(args, typed, context, holding) {
    const path = typedPath(typed);
    const { found, place } = placed(path, holding);
    const destination = destinationOf(found, place, args, context);
    const parents = found.kind === "missing" && args.createParents ? missingPaths(found, path) : [];
    return {
      targets: [pathTarget("write", found.real), ...pathTargets("write", parents)],
      plan: destination.ok ? ok({ ...args, destination: destination.value }) : destination,
    };
  },
  act({ path, content, append, destination }, context) {
    const { maxFileBytes } = context.limits;
    const tried = attempt(() => {
      if (destination.kind === "new") return create(destination.missing, content, append, context.randomName());
      return append
        ? appendTo(destination, content, maxFileBytes)
        : replace(destination, content, context.randomName());
    });
    if (!tried.ok) return fail(ioFailure(tried.refusal, path));
    return tried.value
      ? ok({ value: { bytes: content.length }, bytes: content.length })
      : fail(tooLarge(path, maxFileBytes));
  },
  preview: ({ destination, ...change }, context) =>
    previewOfWrite({ ...change, old: destination.kind === "file" ? destination : null }, context),
});

const namesDirectory = (path: string): Failure => ({
  code: "E_ARGUMENT",
  message: `\`${path}\` names a directory, not a file`,
  target: path,
  hint: "leave out the last slash, or make the directory with `fs.mkdir`",
});

/** A file that another writer replaces between two steps is looked for again: whoever renames last wins. */
function placed(path: string, holding: Holding): { readonly found: Located; readonly place: Tried<Place> | null } {
  for (let tries = 1; ; tries++) {
    const found = locate(path, holding);
    if (found.kind !== "found" || !found.handle.stats.isFile()) return { found, place: null };
    const place = attempt(() => placeOf(found, holding));
    if (place.ok || place.refusal.code !== "ECHANGED" || tries === MAX_TRIES) return { found, place };
  }
}

function destinationOf(
  found: Located,
  place: Tried<Place> | null,
  args: Args,
  context: OperationContext,
): Result<Destination> {
  const { maxFileBytes } = context.limits;
  if (args.content.length > maxFileBytes) return fail(tooLarge(args.path, maxFileBytes));
  if (found.kind === "missing") {
    if (found.names.length === 1 || args.createParents) return ok({ kind: "new", missing: found });
    return fail({
      ...notFound(posix.dirname(args.path)),
      hint: "make its directory with `fs.mkdir`, or pass `createParents: true` to `fs.write`",
    });
  }
  const file = existingFile(found, "write", args.path, context, "name a file in it");
  if (!file.ok || place === null) return file.ok ? fail(notFound(args.path)) : file;
  if (!place.ok) return fail(ioFailure(place.refusal, args.path));
  return ok({ kind: "file", file: file.value, real: found.real, place: place.value });
}

function create(missing: Missing, content: Buffer, append: boolean, random: string): boolean {
  return makeDirectories(missing, (place) => {
    const fill = (fd: number) => writeAll(fd, content);
    if (append) createFile(place, fill);
    else replaceFile(place, { kept: null, created: 0o666, random, fill });
    return true;
  });
}

function replace(destination: Extract<Destination, { kind: "file" }>, content: Buffer, random: string): boolean {
  // A rename asks for no right to the old file; who made it read-only is heard all the same.
  accessSync(destination.file.at, constants.W_OK);
  const { mode } = destination.file.stats;
  replaceFile(destination.place, { kept: mode, created: 0o666, random, fill: (fd) => writeAll(fd, content) });
  return true;
}

/** False: it would become too large. */
function appendTo(
  { file, real }: Extract<Destination, { kind: "file" }>,
  content: Buffer,
  maxFileBytes: number,
): boolean {
  const fd = openHeld(file, constants.O_WRONLY | constants.O_APPEND);
  try {
    stillAt(file, real);
    if (fstatSync(fd).size + content.length > maxFileBytes) return false;
    writeAll(fd, content);
    return true;
  } finally {
    closeSync(fd);
  }
}

function encodeText(data: string): Result<Buffer> {
  if (!/\p{Surrogate}/u.test(data)) return ok(Buffer.from(data, "utf8"));
  const hint = "write bytes with `base64: true`";
  return fail({ code: "E_ARGUMENT", message: "`data` of `fs.write` is not valid Unicode", hint });
}

/** Strict: what Node would skip is a mistake of the caller, and the bytes that are written must be those meant. */
function decodeBase64(data: string): Result<Buffer> {
  const content = Buffer.from(data, "base64");
  if (content.toString("base64") === data) return ok(content);
  return fail({ code: "E_ARGUMENT", message: "`data` of `fs.write` is not base64 with padding" });
}

const tooLarge = (path: string, maxFileBytes: number): Failure => ({
  code: "E_TOO_LARGE",
  message: `\`${path}\` would be larger than the ${maxFileBytes} bytes that \`max_file\` allows`,
  target: path,
  hint: "write less, or raise `max_file` in the policy",
});
