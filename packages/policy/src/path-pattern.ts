/**
 * Path patterns as people write them, to absolute patterns that name their root literally.
 * What this guards: a root such as `/home/u/[work]` must never become part of a glob. The syntax itself is judged in
 * glob-text.ts; here stand `~`, `/`, `.`, `..`, the `/` at the end and what a pattern
 * hangs under. The grammar of what comes out stands at `RuleMatch` in policy-data.ts.
 */
import { escapeGlob, expandBraces, validateGlob } from "./glob-text.ts";
import { type Misread, misread } from "./problem.ts";

export interface PathPlaces {
  /** Absolute spellings of the directory that relative patterns hang under (real and typed). */
  readonly roots: readonly string[];
  /** Absolute spellings of the homes that `~` stands for. */
  readonly homes: readonly string[];
}

export type PathPatterns =
  | {
      readonly ok: true;
      readonly patterns: readonly string[];
      /** The same as plain paths where the entry holds no wildcard; only such an entry opens a built-in deny. */
      readonly exact: readonly string[];
    }
  | Misread;

/** Characters of a rooted pattern; the matcher's own limit. */
const MAX_LENGTH = 4096;

/** `machineWide`: a leading `**` starts at `/`, as in deny; elsewhere it hangs under the root. */
export function compilePath(text: string, places: PathPlaces, machineWide: boolean): PathPatterns {
  const read = readAlternatives(text);
  if (!read.ok) return read;
  const patterns = new Set<string>();
  const exact = new Set<string>();
  for (const one of read.alternatives) {
    for (const base of basesOf(one, places, machineWide)) {
      const rooted = hang(one.replace(/^~/, ""), base);
      if (rooted === null) return misread("the pattern climbs above `/`");
      if (rooted.pattern.length > MAX_LENGTH) return misread("the pattern is too long below its root");
      patterns.add(rooted.pattern);
      if (rooted.exact !== null) exact.add(rooted.exact);
    }
  }
  if (patterns.size === 0) return misread("no home directory is known that `~` could stand for", "write the directory");
  return { ok: true, patterns: [...patterns], exact: read.alternatives.length === 1 ? [...exact] : [] };
}

/** A root as it is and a pattern below it (either may be empty) as one absolute pattern, the root literal. */
export function rootPattern(root: string, pattern: string): string {
  const literal = escapeGlob(root.normalize("NFC")).replace(/\/+$/, "");
  return pattern === "" ? literal || "/" : `${literal}/${pattern}`;
}

/** Without braces; a `/` at the end has become `/**`. */
function readAlternatives(text: string): { ok: true; alternatives: readonly string[] } | Misread {
  // It would be a name under the root, and as a denial deny nothing that was meant.
  if (/^(?:[A-Za-z]:[/\\]|\\\\\w)/.test(text)) {
    return misread("this is a path of Windows", "write it from `/`, with `/`; `./` goes before a name such as `c:`");
  }
  const problem = validateGlob(text === "~" ? "/" : text.replace(/^~\//, "/"));
  if (problem !== null) return misread(`the pattern ${problem}`);
  if (/(?<!\\)(?:\\\\)*\|/.test(text)) {
    return misread("the pattern holds `|`", "write `{a,b}` for a choice, `\\|` for the character");
  }
  const whole = text.normalize("NFC");
  const expanded = whole.includes("{") ? (expandBraces(whole) ?? []) : [whole];
  const alternatives = expanded.map((one) => one.replace(/\/$/, "/**"));
  if (alternatives.some((one) => /^~[^/]/.test(one))) {
    return misread("`~name` is not supported", "write the directory, `~/…` for the own home, `./~name` for a file");
  }
  if (new Set(alternatives.map((one) => /^[~/]/.exec(one)?.[0])).size > 1) {
    return misread("the braces mix absolute and relative paths", "write two entries");
  }
  return { ok: true, alternatives };
}

function basesOf(pattern: string, places: PathPlaces, machineWide: boolean): readonly string[] {
  if (pattern.startsWith("~")) return places.homes;
  if (pattern.startsWith("/")) return ["/"];
  return machineWide && /^\*\*(?:\/|$)/.test(pattern) ? ["/"] : places.roots;
}

/** Takes one directory of the base back for each leading `..`; null where the base has no more. */
function hang(pattern: string, base: string): { pattern: string; exact: string | null } | null {
  const root = base.split("/").filter((part) => part !== "" && part !== ".");
  const segments = pattern.split("/").filter((part) => part !== "" && part !== ".");
  while (segments[0] === "..") {
    segments.shift();
    if (root.pop() === undefined) return null;
  }
  const at = root.map((part) => `/${part}`).join("");
  const rest = literalText(segments.join("/"));
  const exact = rest === null ? null : `${at}${rest === "" ? "" : `/${rest}`}`.normalize("NFC") || "/";
  return { pattern: rootPattern(at, segments.join("/")), exact };
}

/** The text that a brace-free pattern stands for, or null where it holds a wildcard. */
function literalText(pattern: string): string | null {
  const plain = pattern.replace(/\\./gsu, "");
  return /[*?[]/.test(plain) ? null : pattern.replace(/\\(.)/gsu, "$1");
}
