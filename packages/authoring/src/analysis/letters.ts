/**
 * Which characters an analysis must try, so that it has tried them all. Denials compare folded texts, so for a letter of
 * a pattern these are all characters that fold to it, and those that fold to several or to none: what is between two of
 * them behaves alike. Not covered: a letter and a combining mark that only compose in another case (docs/policy-tools.md).
 */
import { fold } from "@agent-run/policy";

export type Ranges = readonly (readonly [low: number, high: number])[];

export const LAST = 0x10ffff;

/** Stable under NFC: what folds to texts with an ASCII letter, besides that letter itself. A test holds it complete. */
const TO_ASCII = "\u00df\u0130\u0131\u0149\u017f\u1e9a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06";
const ASCII_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Left out of account by folding, as all of its kind. */
export const IGNORED = 0x200c;

/** Characters whose folded text begins with another character, and that character. */
let whole: readonly Folded[] | null = null;
type Folded = readonly [code: number, first: number];

const foldedFirst = (code: number): number => fold(String.fromCodePoint(code)).codePointAt(0) ?? code;

const SMALL: readonly Folded[] = [...ASCII_LETTERS, ...TO_ASCII].map((letter) => {
  const code = letter.codePointAt(0) ?? 0;
  return [code, foldedFirst(code)];
});

const SEVERAL: readonly number[] = [...TO_ASCII]
  .filter((letter) => [...fold(letter)].length > 1)
  .map((letter) => letter.codePointAt(0) ?? 0);

/** All of Unicode that has case; made once, when a pattern holds what is not ASCII. */
function wholeTable(): readonly Folded[] {
  if (whole !== null) return whole;
  const found: Folded[] = [];
  for (let code = 0; code <= 0x1ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    if (/\p{Changes_When_Casemapped}/u.test(letter) && letter.normalize("NFC") === letter) {
      const first = foldedFirst(code);
      if (first !== code) found.push([code, first]);
    }
  }
  whole = found;
  return found;
}

/**
 * Where the characters of an edge begin and end, as the text has them. `folded`: the edge reads folded characters.
 * `counts`: it reads exactly one, so what folds to several behaves in its own way.
 */
export function cutsOf(ranges: Ranges, folded: boolean, counts: boolean): readonly number[] {
  const cuts = new Set<number>();
  for (const [low, high] of ranges) cuts.add(low).add(high + 1);
  if (!folded) return [...cuts];
  const own = (code: number) => cuts.add(code).add(code + 1);
  if (counts) for (const code of SEVERAL) own(code);
  for (const [code, first] of isAscii(ranges) ? SMALL : wholeTable())
    if (isIn(ranges, first) !== isIn(ranges, code)) own(code);
  return [...cuts];
}

const isAscii = (ranges: Ranges): boolean =>
  ranges.every(([low, high]) => low < 0x80 && (high < 0x80 || high === LAST));

export function isIn(ranges: Ranges, code: number): boolean {
  for (const [low, high] of ranges) if (low <= code && code <= high) return true;
  return false;
}

/** What a class of a pattern takes where both it and the text are folded: as glob.ts, the character or its capital. */
export function foldedRanges(ranges: Ranges): Ranges {
  const extra = new Set<number>();
  const letters = isAscii(ranges)
    ? [...ASCII_LETTERS.toLowerCase(), "\u00df", "\u01f0", "\u1e96", "\u1e97", "\u1e98", "\u1e99"]
    : null;
  const codes = letters?.map((letter) => letter.codePointAt(0) ?? 0) ?? lowerCase();
  for (const code of codes) {
    const capital = String.fromCodePoint(code).toUpperCase().codePointAt(0) ?? 0;
    if (isIn(ranges, capital)) extra.add(code);
  }
  return normal([...ranges, ...[...extra].map((code) => [code, code] as const)]);
}

const lowerCase = (): readonly number[] => {
  const found: number[] = [];
  for (let code = 0; code <= 0x1ffff; code++)
    if (/\p{Changes_When_Uppercased}/u.test(String.fromCodePoint(code))) found.push(code);
  return found;
};

/** Sorted and joined. */
export function normal(ranges: Ranges): Ranges {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

export function complement(ranges: Ranges): Ranges {
  const gaps: [number, number][] = [];
  let from = 0;
  for (const [low, high] of normal(ranges)) {
    if (low > from) gaps.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= LAST) gaps.push([from, LAST]);
  return gaps;
}

/** In the order in which a reader likes to see them in an example. */
const LIKED = [
  ..."xabcdefghijklmnopqrstuvwyz0123456789-_",
  ...ASCII_LETTERS,
  ..." .!#$%&'()*+,/:;<=>?@[\\]^`{|}~\"",
  ..."\u00e9\u0436\u4e2d",
].map((letter) => letter.codePointAt(0) ?? 0);
const RANK: ReadonlyMap<number, number> = new Map(LIKED.map((code, at) => [code, at]));

/** One character of `low` to `high` for an example. */
export function exampleIn(low: number, high: number): number {
  if (low === high) return low;
  for (const code of LIKED) if (low <= code && code <= high) return code;
  return low;
}

/** What a character costs in an example: a shorter text of plain letters is a better one. */
export function costOf(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? 3 : 2;
  return 9;
}

/** At most what the cheapest character of the ranges costs. */
export function cheapestOf(ranges: Ranges): number {
  return Math.min(...ranges.map(([low, high]) => (low < 0x80 ? (low >= 0x41 && high <= 0x5a ? 3 : 2) : 9)));
}

export const rankOf = (code: number): number => RANK.get(code) ?? LIKED.length + code;
