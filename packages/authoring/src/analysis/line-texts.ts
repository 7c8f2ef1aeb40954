/**
 * Arguments as one text, so that the automata of texts read them: each word with a NUL before it, which no word holds. No
 * arguments are the empty text, and an empty word is a NUL alone.
 */
import { fold, tokenize } from "@agent-run/policy";
import { Automaton } from "./automaton.ts";
import { complement, normal, type Ranges } from "./letters.ts";
import { type Loom, NOT_NUL, type Node, NUL } from "./nodes.ts";
import { matches, type TextTest } from "./text-test.ts";

export const textOfArgs = (args: readonly string[]): string => args.map((word) => `\0${word}`).join("");
export const argsOfText = (text: string): readonly string[] => text.split("\0").slice(1);

const code = (letter: string): number => letter.codePointAt(0) ?? 0;
const only = (...letters: readonly string[]): Ranges => normal(letters.map((one) => [code(one), code(one)] as const));
export const without = (ranges: Ranges, ...letters: readonly string[]): Ranges =>
  complement([...complement(ranges), ...only(...letters)]);

const DASH = only("-");
const ASCII: Ranges = [[1, 0x7e]];
const NOT_ASCII: Ranges = [[0x7f, 0x10ffff]];
const PLAIN_BEGIN = without(NOT_NUL, "-");

/** Every list of words. */
export function argsDomain(): TextTest {
  return test((loom) => {
    const inside = loom.many(complement([[0xd800, 0xdfff]]), loom.end(0, false));
    return [loom.either(loom.end(0, false), loom.one(NUL, inside))];
  });
}

export function test(nodes: (loom: Loom) => readonly Node[]): TextTest {
  const automaton = new Automaton();
  automaton.add(...nodes(automaton.loom));
  return matches(automaton);
}

const end = (loom: Loom): Node => loom.end(0, false);
/** Where a word ended: any more words. */
export const anyWords = (loom: Loom): Node => loom.either(end(loom), loom.one(NUL, loom.full(0, false)));

/** Nodes of one word begin at its NUL, and `next` where it ends. */
export const word = (loom: Loom, inside: Node): Node => loom.one(NUL, inside, false);
export const literal = (loom: Loom, text: string, next: Node): Node =>
  [...text].reduceRight((node, letter) => loom.one(only(letter), node, false), next);
export const anyRest = (loom: Loom, next: Node): Node => loom.many(NOT_NUL, next);
/** A word that is no option, or all of its text. */
const plainInside = (loom: Loom, next: Node): Node =>
  loom.either(next, loom.one(PLAIN_BEGIN, anyRest(loom, next), false));
/** A word that begins with a dash. */
export const dashed = (loom: Loom, inside: Node): Node => word(loom, loom.one(DASH, inside, false));

/** Words as a grant reads them (`matchesWords`). */
export function grantedWords(patterns: readonly (readonly string[])[]): TextTest {
  return test((loom) =>
    patterns.map((pattern) => {
      const isOpen = pattern.at(-1) === "**";
      const words = isOpen ? pattern.slice(0, -1) : pattern;
      return words.reduceRight(
        (next, one) => word(loom, one === "*" ? plainInside(loom, next) : literal(loom, one, next)),
        isOpen ? anyWords(loom) : end(loom),
      );
    }),
  );
}

/** One of the words is this very text. */
export const hasWord = (text: string): TextTest =>
  test((loom) => [loom.words(word(loom, literal(loom, text, anyWords(loom))))]);

/** In any case of ASCII letters. */
export const caseless = (loom: Loom, text: string, next: Node): Node =>
  [...text].reduceRight(
    (node, letter) => loom.one(only(letter.toLowerCase(), letter.toUpperCase()), node, false),
    next,
  );

/** A word (or the rest of one) with a character that is not ASCII: how it folds is left open. */
export const foreign = (loom: Loom, next: Node): Node =>
  loom.many(NOT_NUL, loom.one(NOT_ASCII, loom.many(NOT_NUL, next), false));

/**
 * What a word of a denial takes for it, `isWord` of the engine, as far as it is certain; `isWide`: and what it may take.
 * Certain are the text itself, and what is ASCII on both sides.
 */
export function wordLike(loom: Loom, wanted: string, next: Node, isWide: boolean): readonly Node[] {
  const open = isWide ? [foreign(loom, next)] : [];
  if (/[*?]/.test(wanted)) {
    const folded = isWide ? fold(wanted) : wanted.toLowerCase();
    if (!/^[\x20-\x7e]*$/.test(folded)) return open;
    return [...open, globNode(loom, folded, next, isWide)];
  }
  const folded = fold(wanted);
  const itself = literal(loom, wanted, next);
  // Folding may be of several characters, so that only plain text is taken apart into letters.
  return /^[\x20-\x7e]*$/.test(isWide ? folded : wanted)
    ? [...open, itself, caseless(loom, folded, next)]
    : [...open, itself];
}

function globNode(loom: Loom, pattern: string, next: Node, isWide: boolean): Node {
  const tokens = tokenize(pattern.replace(/[[\\]/g, "\\$&"));
  const inside = tokens.reduceRight<Node>((node, token) => {
    if (typeof token === "string") return caseless(loom, token, node);
    return token.kind === "star" ? loom.many(ASCII, node) : loom.one(ASCII, node, false);
  }, next);
  const isOpen = tokens.every((token) => typeof token !== "string" && token.kind === "star");
  // Stars alone stand for no empty word.
  return isOpen && !isWide ? loom.one(ASCII, inside) : inside;
}

/** One of these nodes; where they come to `rest`, the rest of a word is read, and then (as where one ends) one of them once more. */
export function again(loom: Loom, ways: (rest: Node, ends: Blank[]) => readonly Node[]): Node {
  const [start, rest] = [loom.blank(0, false), loom.blank(0, false)];
  const ends: Blank[] = [];
  for (const node of ways(rest.node, ends)) {
    start.edges.push(...node.edges);
    if (node.accepts) start.accept();
  }
  rest.edges.push({ ranges: NOT_NUL, to: rest.node, counts: false }, ...start.edges);
  for (const end of ends) end.edges.push(...start.edges);
  if (start.node.accepts) for (const one of [rest, ...ends]) one.accept();
  return start.node;
}

type Blank = ReturnType<Loom["blank"]>;

/** A word that begins with a dash and is none of these: to the rest of a word, or where one `ends`. */
export function dashedBut(loom: Loom, texts: readonly string[], rest: Node, ends: Blank[]): Node {
  const from = (left: readonly string[]): Node => {
    const blank = loom.blank(0, false);
    if (!left.includes("")) ends.push(blank);
    const letters = new Set(left.flatMap((text) => [...text].slice(0, 1)));
    for (const letter of letters) {
      const behind = left.flatMap((text) => (text.startsWith(letter) ? [text.slice(letter.length)] : []));
      blank.edges.push(...literal(loom, letter, from(behind)).edges);
    }
    blank.edges.push({ ranges: without(NOT_NUL, ...letters), to: rest, counts: false });
    return blank.node;
  };
  return dashed(loom, from(texts.flatMap((text) => (text.startsWith("-") ? [text.slice(1)] : []))));
}

/** A name as options have it, `_` for `-` too, and perhaps a value. */
export function named(loom: Loom, name: string, next: Node): Node {
  const behind = loom.either(next, literal(loom, "=", anyRest(loom, next)));
  return [...name].reduceRight(
    (node, letter) =>
      letter === "-" ? loom.either(literal(loom, "-", node), literal(loom, "_", node)) : caseless(loom, letter, node),
    behind,
  );
}

/** What begins a word of these, but with a dash. */
export function undashed(loom: Loom, node: Node): Node {
  const made = loom.blank(0, false);
  for (const { ranges, to } of node.edges) made.edges.push({ ranges: without(ranges, "-"), to, counts: false });
  if (node.accepts) made.accept();
  return made.node;
}

export function orNode(loom: Loom, nodes: readonly Node[]): Node {
  const [first, ...others] = nodes;
  return first === undefined ? loom.blank(0, false).node : others.reduce((a, b) => loom.either(a, b), first);
}

/** The same for texts in which the beginnings of words read as spaces, `before` that has been read already. */
export function spacedTest(before: string, nodes: (loom: Loom) => readonly Node[]): TextTest {
  const automaton = new Automaton();
  const source = new Automaton();
  const begun = after(nodes(source.loom), before);
  const spaced = new Spaced(automaton.loom);
  automaton.add(...begun.map((node) => spaced.of(node)));
  return matches(automaton);
}

/** Where unfolded nodes are after a text. */
function after(nodes: readonly Node[], text: string): readonly Node[] {
  let at: readonly Node[] = nodes;
  for (const letter of text) {
    const one = code(letter);
    const found = at.flatMap(({ edges }) =>
      edges.flatMap(({ ranges, to }) => (ranges.some(([low, high]) => low <= one && one <= high) ? [to] : [])),
    );
    at = [...new Set(found)];
  }
  return at;
}

class Spaced {
  readonly #loom: Loom;
  readonly #known = new Map<Node, Node>();

  constructor(loom: Loom) {
    this.#loom = loom;
  }

  of(first: Node): Node {
    const made = (node: Node): Node => {
      const known = this.#known.get(node);
      if (known !== undefined) return known;
      const blank = this.#loom.blank(0, false);
      this.#known.set(node, blank.node);
      if (node.accepts) blank.accept();
      if (node.full) blank.fill();
      waiting.push(() => {
        for (const { ranges, to } of node.edges)
          blank.edges.push({ ranges: spaced(ranges), to: made(to), counts: false });
      });
      return blank.node;
    };
    const waiting: (() => void)[] = [];
    const found = made(first);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next();
    return found;
  }
}

function spaced(ranges: Ranges): Ranges {
  const takesSpace = ranges.some(([low, high]) => low <= 0x20 && 0x20 <= high);
  return takesSpace ? normal([...ranges, ...NUL]) : without(ranges, "\0");
}
