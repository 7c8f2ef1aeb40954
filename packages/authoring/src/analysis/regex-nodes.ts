/**
 * Regular expressions as automata: the engine's own program (RE2), so that an analysis reads them as a decision does. A
 * pattern is looked for anywhere in the text. What a place must be (begin, end, edge of a word) depends on the characters
 * on both sides, so a node knows the class of the one before, and an edge that of the one after.
 */
import { type RegexStep, regexProgram } from "@agent-run/policy";
import { complement, isIn, normal, type Ranges } from "./letters.ts";
import type { Loom, Node } from "./nodes.ts";
import type { Reading } from "./patterns.ts";
import { TooComplex } from "./work.ts";

/** Codes of the engine: instructions, and what an empty one asks of its place. */
const OP = { alt: 1, altMatch: 2, capture: 3, empty: 4, match: 6, nop: 7, rune: 8, rune1: 9, any: 10, anyButLine: 11 };
const PLACE = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, edge: 16, noEdge: 32 };
const FOLDS_CASE = 1;

const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const LINE: Ranges = [[0x0a, 0x0a]];
const CLASSES: Readonly<Record<Side, Ranges>> = { word: WORD, line: LINE, other: complement([...WORD, ...LINE]) };

type Side = "word" | "line" | "other";
const SIDES = Object.keys(CLASSES) as readonly Side[];

/** `isPath`: the root directory is the empty text, and means `/`. */
export function regexNode(loom: Loom, pattern: string, reading: Reading, isPath: boolean): Node {
  return new RegexLoom(loom, pattern, reading).root(isPath);
}

type Blank = ReturnType<Loom["blank"]>;

class RegexLoom {
  readonly #loom: Loom;
  readonly #reading: Reading;
  readonly #program: ReturnType<typeof regexProgram>;
  readonly #threads = new Map<string, Blank>();
  readonly #pattern: string;

  constructor(loom: Loom, pattern: string, reading: Reading) {
    this.#loom = loom;
    this.#reading = reading;
    this.#pattern = pattern;
    this.#program = regexProgram(pattern, reading.folded);
  }

  root(isPath: boolean): Node {
    const begin = this.#scan("begin");
    if (!isPath) return begin.node;
    const root = this.#loom.blank(this.#reading.label, this.#reading.folded);
    root.edges.push(...begin.node.edges);
    if (begin.node.edges.some(({ ranges, to }) => isIn(ranges, 0x2f) && to.accepts)) root.accept();
    return root.node;
  }

  /** A match may begin here, or anywhere later. */
  #scan(before: Side | "begin"): Blank {
    return this.#once(`scan ${before}`, (blank) => {
      this.#fill(blank, this.#program.start, before);
      for (const side of SIDES) blank.edges.push({ ranges: CLASSES[side], to: this.#scan(side).node, counts: false });
    });
  }

  #thread(at: number, before: Side): Node {
    return this.#once(`${at} ${before}`, (blank) => this.#fill(blank, at, before)).node;
  }

  #fill(blank: Blank, at: number, before: Side | "begin"): void {
    if (this.#closure(at, before, "end").some(({ op }) => op === OP.match)) blank.accept();
    for (const after of SIDES) {
      for (const step of this.#closure(at, before, after)) {
        if (step.op === OP.match) {
          const full = this.#loom.full(this.#reading.label, this.#reading.folded);
          blank.edges.push({ ranges: CLASSES[after], to: full, counts: false });
          continue;
        }
        const ranges = both(rangesOf(step), CLASSES[after]);
        if (ranges.length > 0) blank.edges.push({ ranges, to: this.#thread(step.out, after), counts: true });
      }
    }
  }

  /** What reads a character or ends, from an instruction on, between these two characters. */
  #closure(start: number, before: Side | "begin", after: Side | "end"): readonly RegexStep[] {
    const found: RegexStep[] = [];
    const seen = new Set<number>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const step = this.#program.steps[at];
      if (step === undefined || seen.has(at)) continue;
      seen.add(at);
      if (step.op === OP.alt || step.op === OP.altMatch) open.push(step.out, step.arg);
      else if (step.op === OP.capture || step.op === OP.nop) open.push(step.out);
      else if (step.op === OP.empty) {
        if (isPlace(step.arg, before, after)) open.push(step.out);
      } else if (step.op === OP.match || (step.op >= OP.rune && step.op <= OP.anyButLine)) found.push(step);
      else if (step.op > OP.anyButLine)
        throw new TooComplex(`the regular expression \`${this.#pattern}\` looks around`);
    }
    return found;
  }

  #once(key: string, fill: (blank: Blank) => void): Blank {
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    const blank = this.#loom.blank(this.#reading.label, this.#reading.folded);
    this.#threads.set(key, blank);
    fill(blank);
    return blank;
  }
}

function isPlace(asked: number, before: Side | "begin", after: Side | "end"): boolean {
  const isEdge = (before === "word") !== (after === "word");
  const holds = [
    [PLACE.beginLine, before === "begin" || before === "line"],
    [PLACE.endLine, after === "end" || after === "line"],
    [PLACE.beginText, before === "begin"],
    [PLACE.endText, after === "end"],
    [PLACE.edge, isEdge],
    [PLACE.noEdge, !isEdge],
  ] as const;
  return holds.every(([flag, isTrue]) => (asked & flag) === 0 || isTrue);
}

function rangesOf({ op, arg, runes }: RegexStep): Ranges {
  if (op === OP.any) return complement([]);
  if (op === OP.anyButLine) return complement(LINE);
  const [first = 0] = runes;
  if (runes.length === 1) return normal((arg & FOLDS_CASE) === 0 ? [[first, first]] : casesOf(first));
  return normal(runes.flatMap((low, at) => (at % 2 === 0 ? [[low, runes[at + 1] ?? low] as const] : [])));
}

/** A letter in any case. */
function casesOf(code: number): Ranges {
  const known = CASES.get(code);
  if (known !== undefined) return known;
  // Of both kinds of simple folding there is, the engine's and this one, letters such as U+03C2 have three forms.
  const isSame = new RegExp(`^\\u{${code.toString(16)}}$`, "iu");
  const found = [code, ...casedLetters()].filter((one) => isSame.test(String.fromCodePoint(one)));
  const cases = normal(found.map((one) => [one, one] as const));
  CASES.set(code, cases);
  return cases;
}

const CASES = new Map<number, Ranges>();
let cased: readonly number[] | null = null;

/** All of Unicode that has case. */
function casedLetters(): readonly number[] {
  if (cased !== null) return cased;
  const found: number[] = [];
  for (let code = 0; code <= 0x1ffff; code++) {
    const letter = code >= 0xd800 && code <= 0xdfff ? "" : String.fromCodePoint(code);
    if (/\p{Changes_When_Casefolded}|\p{Changes_When_Casemapped}/u.test(letter)) found.push(code);
  }
  cased = found;
  return found;
}

const both = (a: Ranges, b: Ranges): Ranges => complement([...complement(a), ...complement(b)]);
