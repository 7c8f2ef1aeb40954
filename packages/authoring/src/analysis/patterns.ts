/**
 * Patterns of rules as automata, exactly as `compilePathGlob`, `compileName` and `compileHostPattern` match. A path is
 * read as its text, the root directory as the empty one; `/` is then the beginning of a segment and nothing else.
 */
import { type CharacterClass, fold, type Token, tokenize } from "@agent-run/policy";
import { complement, foldedRanges, LAST, normal, type Ranges } from "./letters.ts";
import { type Loom, NOT_SLASH, type Node } from "./nodes.ts";

export interface Reading {
  readonly label: number;
  /** Both sides folded. */
  readonly folded: boolean;
  /** The last segment may be empty, as in the paths of URLs. */
  readonly isUrl?: true;
}

const ANY: Ranges = [[0, LAST]];
const SLASH: Ranges = [[0x2f, 0x2f]];

/** `below`: also everything under what the pattern names. */
export function pathPattern(loom: Loom, pattern: string, reading: Reading, below: boolean): Node {
  const { texts, open } = partsOf(pattern);
  const end = loom.end(reading.label, reading.folded);
  const full = loom.full(reading.label, reading.folded);
  const last = open || below ? loom.either(end, loom.one(SLASH, full, false)) : end;
  return texts.reduceRight(
    (next, text) => (text === "**" ? loom.segments(next) : segment(loom, text, reading, next)),
    last,
  );
}

/** The directories above what the pattern names, as far as it names them without a wildcard: `isBelow` of the engine. */
export function pathsAbove(loom: Loom, pattern: string, reading: Reading): Node | null {
  const { texts } = partsOf(pattern);
  const wild = texts.findIndex((text) => tokenize(text).some((token) => typeof token !== "string"));
  const named = wild === -1 ? texts : texts.slice(0, wild);
  const end = loom.end(reading.label, reading.folded);
  if (named.length === 0) return null;
  return named.slice(0, -1).reduceRight((next, text) => loom.either(end, segment(loom, text, reading, next)), end);
}

/** A `**` at the end is the same as `below`. */
function partsOf(pattern: string): { readonly texts: readonly string[]; readonly open: boolean } {
  const normalized = pattern.normalize("NFC").replace(/^\//, "");
  const texts = normalized === "" ? [] : normalized.split("/");
  if (texts.at(-1) === "") texts[texts.length - 1] = "**";
  let open = false;
  while (texts.at(-1) === "**") {
    texts.pop();
    open = true;
  }
  return { texts, open };
}

function segment(loom: Loom, text: string, { folded, isUrl }: Reading, next: Node): Node {
  const tokens = tokenize(text);
  const inner = tokensBefore(loom, tokens, folded, NOT_SLASH, next);
  // `*` stands for no empty segment. In names of files there is none; one that folding makes empty still has a name.
  const whole = isUrl === true && tokens.every(isStar) ? loom.one(NOT_SLASH, inner, false) : inner;
  return loom.one(SLASH, whole, false);
}

/** The readings in which a denial takes a pattern. As written adds nothing where folding keeps every match (glob.ts). */
export const looseReadings = (pattern: string, label: number): readonly Reading[] => [
  { label, folded: true },
  ...(/^[^?[\u0080-\uffff]*$/.test(pattern) ? [] : [{ label, folded: false }]),
];

/** A whole text in which `/` is an ordinary character: names of variables. */
export function namePattern(loom: Loom, pattern: string, { label, folded }: Reading): Node {
  const tokens = tokenize(pattern);
  const open = isStar(tokens.at(-1));
  const end = open ? loom.full(label, folded) : loom.end(label, folded);
  return tokensBefore(loom, open ? tokens.slice(0, -1) : tokens, folded, ANY, end);
}

/** `*`, `*.example.com`, or a name. Hosts are lower case, so there is one reading. */
export function hostPattern(loom: Loom, host: string, label: number): Node {
  if (host === "*") return loom.full(label, false);
  const end = loom.end(label, false);
  if (!host.startsWith("*.")) return textBefore(loom, host, false, end);
  return loom.one(ANY, loom.many(ANY, textBefore(loom, host.slice(1), false, end)), false);
}

export const exactText = (loom: Loom, text: string, { label, folded }: Reading): Node =>
  textBefore(loom, text, folded, loom.end(label, folded));

export const prefixText = (loom: Loom, text: string, { label, folded }: Reading): Node =>
  textBefore(loom, text, folded, loom.full(label, folded));

export const suffixText = (loom: Loom, text: string, reading: Reading): Node =>
  loom.many(ANY, exactText(loom, text, reading));

export const innerText = (loom: Loom, text: string, reading: Reading): Node =>
  loom.many(ANY, prefixText(loom, text, reading));

/** `folded`: the text is folded here. */
function textBefore(loom: Loom, text: string, folded: boolean, next: Node): Node {
  const letters = [...(folded ? fold(text) : text)];
  return letters.reduceRight((node, letter) => loom.one(only(letter), node, false), next);
}

function tokensBefore(loom: Loom, tokens: readonly Token[], folded: boolean, any: Ranges, end: Node): Node {
  return tokens.reduceRight<Node>((next, token) => {
    if (typeof token === "string") return textBefore(loom, token, folded, next);
    if (token.kind === "star") return loom.many(any, next);
    return loom.one(token.kind === "one" ? any : within(rangesOf(token as CharacterClass, folded), any), next);
  }, end);
}

const isStar = (token: Token | undefined): boolean => typeof token === "object" && token.kind === "star";

/** One object a letter, as there are many of each. */
function only(letter: string): Ranges {
  const code = letter.codePointAt(0) ?? 0;
  const known = ONLY.get(code);
  if (known !== undefined) return known;
  const ranges: Ranges = [[code, code]];
  ONLY.set(code, ranges);
  return ranges;
}

const ONLY = new Map<number, Ranges>();

function rangesOf({ ranges, negated }: CharacterClass, folded: boolean): Ranges {
  const inside = folded ? foldedRanges(ranges) : normal(ranges);
  return negated ? complement(inside) : inside;
}

const within = (ranges: Ranges, any: Ranges): Ranges =>
  any === ANY ? ranges : complement([...complement(ranges), ...complement(any)]);
