/**
 * Path patterns as people write them, to absolute patterns that name their root literally.
 * What this guards: a root such as `/home/u/[work]` must never become part of a glob. The syntax itself is judged in
 * path-syntax.ts; here stand `~`, `/`, `.`, `..` and what a pattern hangs under. The grammar of what comes out stands
 * at `RuleMatch` in policy-data.ts.
 */
import { type Alternative, parseGlob, type Segment } from "./path-syntax.ts";
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

/** `machineWide`: a leading `**` starts at `/`, as in deny; elsewhere it hangs under the root. */
export function compilePath(text: string, places: PathPlaces, machineWide: boolean): PathPatterns {
  const glob = parseGlob(text);
  if (!glob.ok) return glob;
  const patterns = new Set<string>();
  const exact = new Set<string>();
  let wild = glob.alternatives.length > 1;
  for (const alternative of glob.alternatives) {
    for (const base of basesOf(alternative, places, machineWide)) {
      const rooted = climb(base, alternative);
      if (rooted === null) {
        return misread("`..` climbs above `/` or takes back a wildcard", "write the directory that is meant");
      }
      patterns.add(rootPattern(rooted.root, rooted.rest.map((segment) => segment.glob).join("/")));
      if (rooted.rest.some((segment) => segment.literal === null)) wild = true;
      exact.add(joinPath(rooted.root, rooted.rest.map((segment) => segment.literal ?? "").join("/")).normalize("NFC"));
    }
  }
  if (patterns.size === 0) return misread("no home directory is known that `~` could stand for", "write the directory");
  return { ok: true, patterns: [...patterns], exact: wild ? [] : [...exact] };
}

/** A root as it is and a pattern below it (either may be empty) as one absolute pattern, the root literal. */
export function rootPattern(root: string, pattern: string): string {
  return joinPath(escapeLiteral(root), pattern);
}

/** Writes a text so that the matcher takes every character of it as itself. */
export const escapeLiteral = (text: string): string => text.normalize("NFC").replace(/[\\*?[\]{}()|+@!^$"]/g, "\\$&");

/** Joins an absolute path and a relative one without doubling `/`. */
function joinPath(root: string, rest: string): string {
  if (rest === "") return root === "" ? "/" : root;
  return root === "/" || root === "" ? `/${rest}` : `${root}/${rest}`;
}

function basesOf(alternative: Alternative, places: PathPlaces, machineWide: boolean): readonly string[] {
  if (alternative.from === "home") return places.homes;
  if (alternative.from === "machine") return ["/"];
  return machineWide && alternative.segments[0]?.glob === "**" ? ["/"] : places.roots;
}

/** Takes back one directory per `..`; null where that would take back a wildcard or leave `/`. */
function climb(base: string, alternative: Alternative): { root: string; rest: readonly Segment[] } | null {
  const root = base.split("/").filter((part) => part !== "" && part !== ".");
  const rest: Segment[] = [];
  for (const segment of alternative.segments) {
    if (segment.literal === ".") continue;
    if (segment.literal !== "..") rest.push(segment);
    else if (rest.length > 0) {
      if (rest.pop()?.literal === null) return null;
    } else if (root.pop() === undefined) return null;
  }
  return { root: `/${root.join("/")}`, rest };
}
