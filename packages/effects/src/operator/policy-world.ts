/**
 * What loading a policy asks of this machine. A policy is read from one held inode, a regular file of bounded size in
 * strict UTF-8: what was judged is what was read, and a pipe or a device never keeps the host waiting.
 */
import { closeSync, constants, readdirSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { PolicyWorld, Unread } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { type Handle, Holding, openHeld } from "../fs/descriptor.ts";
import { locate } from "../fs/locate.ts";
import { homes } from "./homes.ts";
import { wayTo } from "./way.ts";

/** A policy that is larger is a mistake, or an attack on the reader. */
const MAX_POLICY_BYTES = 4 * 1024 * 1024;

/** `presets`: directory of those that come with the product. */
export function policyWorld(presets: string): PolicyWorld {
  return {
    readText,
    realPath(path) {
      const real = attempt(() => realpathSync(path));
      // A root that is a file would be a directory without entries: every grant below it an empty promise.
      const stats = real.ok ? attempt(() => statSync(real.value)) : real;
      return real.ok && stats.ok && stats.value.isDirectory() ? real.value : null;
    },
    homes: homes(),
    presets: presetTexts(presets),
    // Loaded where it is needed: an answer to one call needs no hash, and would wait for the module.
    sha256: (text) => process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest("hex"),
  };
}

function readText(path: string): ReturnType<PolicyWorld["readText"]> {
  if (path.includes("\0")) return refused("its name holds a NUL character");
  const holding = new Holding();
  try {
    const found = locate(posix.resolve(path), holding);
    if (found.kind === "missing") return refused("it does not exist");
    if (found.kind === "unreachable") return refused(reasonOf(found.refusal));
    if (found.handle.stats.isDirectory()) return refused("it is a directory");
    if (!found.handle.stats.isFile()) return refused("it is not a regular file");
    const content = attempt(() => contentOf(found.handle));
    if (!content.ok) return refused(reasonOf(content.refusal));
    if (content.value.length > MAX_POLICY_BYTES) return refused("it is larger than 4 MiB");
    const text = decoded(content.value);
    if (text === null) return { ...refused("it is not valid UTF-8"), near: firstBroken(content.value) };
    return { ok: true, text, realPath: found.real, links: wayTo(path).links };
  } finally {
    holding.release();
  }
}

/** At most one byte more than a policy may have. */
function contentOf(handle: Handle): Buffer {
  const fd = openHeld(handle, constants.O_RDONLY);
  try {
    const buffer = Buffer.alloc(Math.min(handle.stats.size, MAX_POLICY_BYTES) + 1);
    let filled = 0;
    for (let got = -1; got !== 0 && filled < buffer.length; filled += got) {
      got = readSync(fd, buffer, filled, buffer.length - filled, filled);
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

function decoded(content: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return null;
  }
}

/** Where the first byte stands that is no UTF-8: before it, the text as it will be shown stands for the bytes as they are. */
function firstBroken(content: Buffer): NonNullable<Unread["near"]> {
  const text = content.toString("utf8");
  const REPLACED = "\ufffd";
  for (let at = text.indexOf(REPLACED); at !== -1; at = text.indexOf(REPLACED, at + 1)) {
    const start = Buffer.byteLength(text.slice(0, at));
    if (content.toString("latin1", start, start + 3) === "\xef\xbf\xbd") continue;
    const before = text.slice(0, at).split("\n");
    return { text, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }
  return { text, line: 1, column: 1 };
}

const refused = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

const reasonOf = ({ code, says }: { code: string; says: string }): string =>
  code === "ENOENT" || code === "ENOTDIR" ? "it does not exist" : `${says} (${code})`;

/** Part of the installation; without it every `inherits` is an unknown preset. */
function presetTexts(directory: string): ReadonlyMap<string, string> {
  const names = attempt(() => readdirSync(directory).filter((name) => name.endsWith(".toml")));
  const texts = names.ok
    ? names.value.map((name) => [name.slice(0, -5), readFileSync(posix.join(directory, name), "utf8")] as const)
    : [];
  return new Map(texts);
}
