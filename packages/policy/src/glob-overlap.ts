/**
 * Could one path match both patterns? Errs towards yes (two segments with wildcards are taken to meet), since who asks
 * refuses what overlaps. The grammar of patterns stands at `RuleMatch` in policy-data.ts.
 */
import { compileName } from "./glob.ts";
import { fold } from "./spelling.ts";

const ANY = "**";

/** Compared as denials are, without regard to case. */
export function patternsOverlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map(segmentsOf) as [readonly string[], readonly string[]];
  const seen = new Set<number>();
  const meet = (at: number, bt: number): boolean => {
    const key = at * (b.length + 1) + bt;
    if (seen.has(key)) return false;
    // Asked twice, the answer would be the same; and it was no, else nobody would ask again.
    seen.add(key);
    if (at === a.length && bt === b.length) return true;
    if (a[at] === ANY && meet(at + 1, bt)) return true;
    if (b[bt] === ANY && meet(at, bt + 1)) return true;
    const [left, right] = [a[at], b[bt]];
    if (left === undefined || right === undefined || !segmentsMeet(left, right)) return false;
    return meet(at + 1, bt + 1) || (left === ANY && meet(at, bt + 1)) || (right === ANY && meet(at + 1, bt));
  };
  return meet(0, 0);
}

/** A directory without wildcards and everything below it, or null: what a jail and a person can name. */
export function treeOf(pattern: string): string | null {
  const directory = pattern.endsWith("/**") ? pattern.slice(0, -3) : null;
  return directory === null || isWild(directory) ? null : directory;
}

export const isWild = (pattern: string): boolean => /[*?[]/.test(pattern.replace(/\\./gsu, ""));

/** What holds what a pattern matches; null for a tree, whose own directory is matched by it. */
export function parentOf(pattern: string): string | null {
  if (treeOf(pattern) !== null) return null;
  const segments = segmentsOf(pattern);
  const last = segments.findLastIndex((segment) => segment !== ANY);
  // `**` alone: every directory.
  return last < 0 ? "/**" : `/${segments.slice(0, last).join("/")}`;
}

const segmentsOf = (pattern: string): readonly string[] => pattern.split("/").filter((segment) => segment !== "");

function segmentsMeet(one: string, other: string): boolean {
  if (one === ANY || other === ANY) return true;
  if (isWild(one) && isWild(other)) return true;
  const [pattern, plain] = isWild(one) ? [one, other] : [other, one];
  const text = plain.replace(/\\(.)/gsu, "$1");
  return fold(pattern.replace(/\\(.)/gsu, "$1")) === fold(text) || compileName(pattern, true)(text);
}
