/**
 * What can be written into a policy as it is, and what is too sensitive to be written on anybody's behalf. Names come
 * from scripts and disks: one that a policy cannot hold, or that could be read as something else, is left out.
 */

import { basename, dirname } from "node:path/posix";
import type { Policy, PolicyData } from "@agent-run/policy";
import type { Fact, Place } from "./fact.ts";

const UNSPEAKABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\uFFFD]/u;
/** What stands for a value that was kept out of the record. */
const REDACTED = /\[(?:redacted|sealed)[ \]]|sealed0[0-9a-f]{8}/i;
const PATTERN = /[*?[\]{}\\!]/;
const MAX_LENGTH = 2000;

/** Why a fact becomes no rule, or null. `bare`: a policy that grants nothing, so that only what always holds denies. */
export function unwritable({ on, place }: Fact, bare: Policy): string | null {
  const texts = textsOf(place);
  if (texts.some((text) => text.length > MAX_LENGTH)) return "its name is too long for a rule";
  if (texts.some((text) => UNSPEAKABLE.test(text))) return "its name holds characters that a policy cannot";
  if (texts.some((text) => REDACTED.test(text))) return "its name was redacted, or holds a sealed value";
  if (place.kind === "command") return unwritableWords(place.words);
  // A script may look up whatever it likes, `*` too; in a policy that would be every variable.
  if (place.kind === "variable" && PATTERN.test(place.name)) return "its name would be read as a pattern";
  if (place.kind === "url" && place.method === "") return "it is no request that the record tells enough of";
  return closedAnyway(on, place, bare);
}

function unwritableWords(words: readonly string[]): string | null {
  if (words.length === 0) return "it was called without arguments, and a rule can only grant that with all others";
  return words.some((word) => word === "" || /[\s*]/.test(word))
    ? "an argument is empty or holds a space or `*`, which argument patterns cannot say"
    : null;
}

/** What only a line that a person wrote may open. */
function closedAnyway(on: Fact["on"], place: Place, bare: Policy): string | null {
  if (place.kind !== "path" && place.kind !== "variable") return null;
  const value = place.kind === "path" ? place.path : place.name;
  const role = on === "fs.write" ? "write" : on === "fs.delete" ? "delete" : "read";
  const { rule } = bare.decideTarget({ on, role, kind: place.kind, value });
  return rule.id === "default" ? null : `\`${rule.id}\` closes it, which only an entry that you write yourself opens`;
}

const textsOf = (place: Place): readonly string[] =>
  place.kind === "path"
    ? [place.path]
    : place.kind === "variable"
      ? [place.name]
      : place.kind === "url"
        ? [place.host, place.urlPath]
        : [place.name, ...place.words];

/** Directories in which more than what was seen is never granted: dotted ones, homes, and everything outside of the root. */
export function isSensitiveDirectory(directory: string, { root }: PolicyData, homes: readonly string[]): boolean {
  if (directory !== root && !directory.startsWith(`${root}/`)) return true;
  if (homes.includes(directory) || directory === "/" || directory === "/etc" || directory.startsWith("/etc/"))
    return true;
  return directory
    .slice(root.length)
    .split("/")
    .some((name) => name.startsWith("."));
}

/** `ts` of `a.ts`; null where there is none, and for dotfiles. */
export function extensionOf(path: string): string | null {
  return /^[^.].*\.([A-Za-z0-9_]{1,16})$/s.exec(basename(path))?.[1] ?? null;
}

export const directoryOf = (path: string): string => dirname(path);
