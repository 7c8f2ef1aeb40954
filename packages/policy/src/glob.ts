/**
 * What a path pattern means. `*` and `?` never cross `/`, `**` is any number of whole segments and matches every
 * character (dots and newlines too), `[a-z]` and `[^a-z]` are classes, `\` makes the next character literal; everything
 * else, parentheses included, is itself. The same language as picomatch with `dot`, without negation and extglob (a
 * test compares the two), but a star is only ever widened from the last one on, never an earlier one: the work is at
 * most length of path times length of pattern, so no pattern and no path of an attacker can make it explode.
 * How people write patterns (braces, what is refused) is glob-text.ts; here arrive the results, see `RuleMatch`.
 */

import type { PathText } from "./path.ts";
import { fold } from "./spelling.ts";

export interface Glob {
  /** Leading segments without a wildcard: everything that matches lies at or below them. */
  readonly literal: readonly string[];
  /** No wildcard at all: the pattern names one path. */
  readonly exact: boolean;
  /** `below`: also true for everything under what the pattern names. */
  matches(segments: readonly string[], below: boolean): boolean;
  /** Could this path, or one below it, match? */
  reaches(segments: readonly string[], below: boolean): boolean;
}

/** One absolute pattern of a rule, in both readings. */
export interface PathGlob extends Glob {
  /** For denials: as written, or with both sides folded. */
  matchesFolded(path: PathText, below: boolean): boolean;
}

/** A pattern of a loaded rule. Throws on what no loader writes: it must not pass for a rule that never matches. */
export function compilePathGlob(pattern: string): PathGlob {
  if (!pattern.startsWith("/")) throw new TypeError("a path pattern of a rule must be absolute");
  const plain = compileSegments(pattern, false);
  const folded = compileSegments(pattern, true);
  // Folding keeps every match of literals and stars; of `?` and classes only where it changes no lengths and ranges.
  const isPlain = /^[^?[\u0080-\uffff]*$/.test(pattern);
  return {
    ...plain,
    matchesFolded: (path, below) =>
      folded.matches(path.folded, below) || (!(isPlain && path.isAscii) && plain.matches(path.segments, below)),
  };
}

/** A pattern over segments that were cut at `/`; its own leading `/` is of no account. */
export function compileSegments(pattern: string, folded: boolean): Glob {
  const normal = pattern.normalize("NFC").replace(/^\//, "");
  const texts = normal === "" ? [] : normal.split("/");
  if (texts.some((text) => text === "." || text === "..")) throw new TypeError("a pattern has a dot segment");
  // A trailing slash covers what lies below.
  if (texts.at(-1) === "") texts[texts.length - 1] = "**";
  const parts = texts.map((text) => (text === "**" ? ANY_DEPTH : compileSegment(text, folded)));
  const wild = parts.findIndex((part) => part === ANY_DEPTH || part.literal === null);
  const leading = wild === -1 ? parts : parts.slice(0, wild);
  return {
    literal: leading.flatMap((part) => (part === ANY_DEPTH || part.literal === null ? [] : [part.literal])),
    exact: wild === -1,
    matches: (segments, below) => matchParts(parts, segments, below),
    reaches: (segments, below) => reachParts(parts, segments, below),
  };
}

/** A text as one segment, for names of variables and words of arguments: `/` is an ordinary character there. */
export function compileName(pattern: string, folded: boolean): (text: string) => boolean {
  const { test } = compileSegment(pattern, folded);
  return folded ? (text) => test(fold(text)) : test;
}

const ANY_DEPTH = "any depth";
type Part = Segment | typeof ANY_DEPTH;

/** Left to right; at a mismatch the last `**` takes one segment more. */
function matchParts(parts: readonly Part[], segments: readonly string[], below: boolean): boolean {
  let part = 0;
  let at = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < segments.length) {
    const current = parts[part];
    if (current === undefined && below) return true;
    if (current === ANY_DEPTH) {
      starPart = ++part;
      starAt = at;
    } else if (current?.test(segments[at] ?? "")) {
      part++;
      at++;
    } else if (starPart >= 0) {
      part = starPart;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (parts[part] === ANY_DEPTH) part++;
  return part === parts.length;
}

/** Exact: whatever names come up to the first `**`, it can take the rest of the path, and what follows lies below. */
function reachParts(parts: readonly Part[], segments: readonly string[], below: boolean): boolean {
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (part === undefined) return below;
    if (part === ANY_DEPTH) return true;
    if (!part.test(segment)) return false;
  }
  return true;
}

interface Segment {
  /** The one text that it matches, or null if there is a wildcard. */
  readonly literal: string | null;
  test(text: string): boolean;
}

/** A character, a wildcard or a class. */
export type Token = string | { readonly kind: "star" | "one" } | CharacterClass;
export interface CharacterClass {
  readonly kind: "class";
  readonly negated: boolean;
  readonly ranges: readonly (readonly [number, number])[];
}

/** The common forms get a direct test: policies are made of `name`, `*`, `*.ext` and `name*`. */
function compileSegment(text: string, folded: boolean): Segment {
  const tokens = tokenize(text);
  const star = tokens.findIndex((token) => typeof token !== "string");
  const literal = (part: readonly Token[]) => (folded ? fold(part.join("")) : part.join(""));
  if (star === -1) {
    const whole = literal(tokens);
    return { literal: whole, test: (candidate) => candidate === whole };
  }
  const after = tokens.slice(star + 1);
  const wild = tokens[star];
  if (
    isStar(wild) &&
    star === 0 &&
    isStar(after.at(-1)) &&
    after.slice(0, -1).every((token) => typeof token === "string")
  ) {
    const middle = literal(after.slice(0, -1));
    return { literal: null, test: (candidate) => candidate !== "" && candidate.includes(middle) };
  }
  if (isStar(wild) && after.every((token) => typeof token === "string")) {
    const head = literal(tokens.slice(0, star));
    const tail = literal(after);
    const least = Math.max(head.length + tail.length, 1);
    return {
      literal: null,
      test: (candidate) => candidate.length >= least && candidate.startsWith(head) && candidate.endsWith(tail),
    };
  }
  const foldToken = (token: Token): readonly Token[] => (typeof token === "string" ? [...fold(token)] : [token]);
  const expected = folded ? tokens.flatMap(foldToken) : tokens;
  return { literal: null, test: (candidate) => matchTokens(expected, [...candidate], folded) };
}

const isStar = (token: Token | undefined): boolean => typeof token === "object" && token.kind === "star";

/** As `matchParts`, over the characters (code points) of one segment. */
function matchTokens(tokens: readonly Token[], characters: readonly string[], folded: boolean): boolean {
  let token = 0;
  let at = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < characters.length) {
    const current = tokens[token];
    if (isStar(current)) {
      starToken = ++token;
      starAt = at;
    } else if (current !== undefined && matchesOne(current, characters[at] ?? "", folded)) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken;
      at = ++starAt;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every(isStar);
}

function matchesOne(token: Token, character: string, folded: boolean): boolean {
  if (typeof token === "string") return token === character;
  if (token.kind !== "class") return true;
  const inside = inRanges(token.ranges, character) || (folded && inRanges(token.ranges, character.toUpperCase()));
  return inside !== token.negated;
}

function inRanges(ranges: CharacterClass["ranges"], character: string): boolean {
  const code = character.codePointAt(0) ?? -1;
  return ranges.some(([low, high]) => low <= code && code <= high);
}

/** One segment as the matcher takes it apart; for who reasons about patterns instead of matching them. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "\\") tokens.push(characters[++at] ?? "\\");
    else if (character === "*") tokens.push({ kind: "star" });
    else if (character === "?") tokens.push({ kind: "one" });
    else if (character === "[") at = pushClass(characters, at, tokens);
    else tokens.push(character);
  }
  return tokens;
}

/** Reads the class that starts at `[`; gives the place of its `]`. Without one, `[` is itself. */
function pushClass(characters: readonly string[], open: number, tokens: Token[]): number {
  let at = open + 1;
  const negated = characters[at] === "!" || characters[at] === "^";
  if (negated) at++;
  const ranges: [number, number][] = [];
  while (at < characters.length && characters[at] !== "]") {
    if (characters[at] === "\\") at++;
    const low = codeAt(characters, at++);
    if (characters[at] !== "-" || characters[at + 1] === "]" || at + 1 >= characters.length) {
      ranges.push([low, low]);
      continue;
    }
    if (characters[++at] === "\\") at++;
    ranges.push([low, codeAt(characters, at++)]);
  }
  if (at >= characters.length) {
    tokens.push("[");
    return open;
  }
  tokens.push({ kind: "class", negated, ranges });
  return at;
}

const codeAt = (characters: readonly string[], at: number): number => characters[at]?.codePointAt(0) ?? 0;
