/**
 * What a release may let out, and how much that can say at most. What this guards: the type is the operator's, and its
 * worst case in bits is counted here, once, for every check and every text about it (P10). A pattern is a small part of
 * regular expressions: linear enough for a text of at most 128 characters, and with a known alphabet.
 */
import type { ReleaseType } from "./local-only-data.ts";
import { type Misread, misread } from "./problem.ts";
import type { RawTable } from "./read-tables.ts";
import { CONTROL, shown } from "./spelling.ts";

const MAX_VALUES = 1000;
const MAX_VALUE = 200;
/** Bits of one UTF-16 unit: what a text of any kind is counted by. */
const UNIT_BITS = 16;
/** Of two letters or more: all shorter texts, and the one that stands for the rest, are at most as many as the longest. */
const SHORTER = 1;

/** Null where something is wrong with it; then it was reported. */
export function readReleaseType(table: RawTable): ReleaseType | null {
  const word = table.text("type");
  if (word !== null) {
    if (word.text === "bool") return { kind: "bool" };
    table.report(word.at, `\`${shown(word.text)}\` is not a type`, TYPES);
    return null;
  }
  const [inline] = table.tables("type");
  if (inline === undefined) return null;
  const [kind, second] = (["enum", "int", "pattern", "text"] as const).filter((one) => inline.has(one));
  if (kind === undefined || second !== undefined) {
    inline.report(inline.at, "a type has exactly one of `enum`, `int`, `pattern` and `text`", TYPES);
    return null;
  }
  if (inline.has("max") && kind !== "pattern")
    inline.report(inline.placeOf("max"), "`max` is for `pattern`", "remove it");
  if (kind === "enum") return readEnum(inline);
  if (kind === "pattern") return readPattern(inline);
  if (kind === "text") {
    const max = inline.count("text");
    return max === null ? null : { kind, max };
  }
  const range = inline.range("int");
  return range === null ? null : { kind, min: range[0], max: range[1] };
}

const TYPES =
  'write `type = "bool"`, `{ enum = ["green", "red"] }`, `{ int = [0, 100] }`, `{ pattern = "[a-z]+", max = 12 }` or `{ text = 64 }`';

function readEnum(table: RawTable): ReleaseType | null {
  const texts = table.texts("enum");
  const at = table.placeOf("enum");
  if (texts.length === 0) {
    // A list of the wrong kind was reported already.
    if (table.isList("enum")) table.report(at, "`enum` is empty, so nothing could be released");
    return null;
  }
  if (texts.length > MAX_VALUES) table.report(at, `\`enum\` has more than ${MAX_VALUES} values`);
  const bad = texts.find(({ text }) => text.length > MAX_VALUE || CONTROL.test(text));
  if (bad !== undefined) table.report(bad.at, `a value is up to ${MAX_VALUE} characters on one line`);
  return { kind: "enum", values: [...new Set(texts.map(({ text }) => text))] };
}

function readPattern(table: RawTable): ReleaseType | null {
  const pattern = table.text("pattern");
  const max = table.count("max");
  if (pattern !== null && !table.has("max")) {
    table.report(pattern.at, "`pattern` needs `max`, the longest text that it releases", "write `max = 12`");
  }
  if (pattern === null || max === null) return null;
  const read = readReleasePattern(pattern.text);
  if (read.ok) return { kind: "pattern", pattern: pattern.text, max };
  table.report(pattern.at, read.message, read.hint);
  return null;
}

/** Worst case of one release: log2 of the number of answers, the one that stands for everything else included. */
export function bitsOf(type: ReleaseType, otherwise: string): number {
  switch (type.kind) {
    case "bool":
      return Math.log2(3);
    case "enum":
      return Math.log2(type.values.includes(otherwise) ? type.values.length : type.values.length + 1);
    case "int":
      return Math.log2(type.max - type.min + 2);
    case "text":
      return type.max * UNIT_BITS + SHORTER;
    case "pattern": {
      const read = readReleasePattern(type.pattern);
      const letters = read.ok ? Math.max(read.letters, 1) : 2 ** UNIT_BITS;
      return letters === 1 ? Math.log2(type.max + 2) : type.max * Math.log2(letters) + SHORTER;
    }
  }
}

const MAX_PATTERN = 200;
/** Repetitions of no fixed number: each multiplies the ways in which a matcher may have to try. */
const MAX_REPEATS = 4;

/** `letters`: how many different characters a text that matches can have. */
export function readReleasePattern(pattern: string): { readonly ok: true; readonly letters: number } | Misread {
  if (pattern === "" || pattern.length > MAX_PATTERN) return misread(`a pattern has 1 to ${MAX_PATTERN} characters`);
  if (!/^[ -~]*$/.test(pattern)) return misread("a pattern is written in plain ASCII");
  const letters = new Set<string>();
  let repeats = 0;
  let rest = pattern;
  while (rest !== "") {
    const piece = PIECE.exec(rest)?.[0];
    if (piece === undefined) return misread(`\`${rest[0]}\` is not understood in a pattern`, GRAMMAR);
    if (/^[*+?{]/.test(piece)) {
      if (rest === pattern || /^[*+?{]/.test(rest.slice(piece.length)))
        return misread("a repetition follows one character or class", GRAMMAR);
      if (!/^(?:\?|\{\d+\})$/.test(piece) && ++repeats > MAX_REPEATS) {
        return misread(
          `a pattern has at most ${MAX_REPEATS} repetitions of no fixed number`,
          "write `{3}` where the number is known",
        );
      }
    } else if (piece.startsWith("[") && !compiles(piece, "u")) {
      // Without `u` JavaScript takes `[\w-z]` for three members; the vault, which matches, takes it for nothing.
      return misread(`a range in \`${piece}\` does not go from one character to another`, GRAMMAR);
    } else if (piece !== "|") for (const letter of lettersOf(piece)) letters.add(letter);
    rest = rest.slice(piece.length);
  }
  return compiles(pattern)
    ? { ok: true, letters: letters.size }
    : misread("the pattern is not a regular expression", GRAMMAR);
}

const GRAMMAR =
  "known are characters, `\\.` and the like, `\\d`, `\\w`, `[a-z]`, `|`, and `*`, `+`, `?`, `{2,4}` behind one of them";

/** A class without negation, an escape, a repetition, a choice, or a plain character. Groups, anchors and `.` are none. */
const PIECE =
  /^(?:\[(?!\^)(?:\\[dw\]\\^.-]|[^\]\\[])+\]|\\[dw]|\\[.\\*+?()[\]{}|^$/-]|[*+?]|\{\d{1,3}(?:,\d{0,3})?\}|\||[^\\[\](){}.^$*+?|])/;

const ASCII = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));

function lettersOf(piece: string): readonly string[] {
  try {
    const test = new RegExp(`^(?:${piece})$`);
    return ASCII.filter((letter) => test.test(letter));
  } catch {
    return ASCII;
  }
}

function compiles(pattern: string, flags = ""): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, flags).test("") !== undefined;
  } catch {
    return false;
  }
}
