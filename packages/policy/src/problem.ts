/**
 * Everything wrong with a policy, collected: a load reports all problems of all its files at once, each at its line
 * and column with a hint, and gives nothing else (DEFAULT-NO: there is no partial load). Texts of files appear here
 * for the operator only; no script ever sees a `PolicyProblem`.
 */
import type { PolicyPlace, PolicyProblem } from "./world.ts";

/** A place in a file, both numbers 1-based; columns count UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text that takes part in a load, with what is needed to point into it. */
export interface Source {
  /** As the operator named it; `preset:NAME` for presets. */
  readonly file: string;
  readonly text: string;
}

/** Why a text is not what its key takes, and what to write instead. */
export interface Misread {
  readonly ok: false;
  readonly message: string;
  readonly hint?: string;
}

export const misread = (message: string, hint?: string | undefined): Misread =>
  hint === undefined ? { ok: false, message } : { ok: false, message, hint };

/** Longest part of an offending line that is kept: a file may be one line of many kilobytes. */
const MAX_LINE = 500;
/** Problems beyond these are counted only: a hostile file could hold one in every line. */
const MAX_PROBLEMS = 200;
/**
 * What a policy may stand for beyond what it says, in patterns and in steps of regular expressions: braces, repetitions
 * and lists that multiply turn a short text into millions (a bomb). Policies that people write need some hundreds.
 */
const MAX_MORE = 200_000;

export const placeIn = (source: Source, at: Place): PolicyPlace => ({
  file: source.file,
  line: at.line,
  column: at.column,
  text: lineOf(source.text, at.line),
});

export class Problems {
  readonly #list: PolicyProblem[] = [];
  #untold = 0;
  #more = 0;

  get count(): number {
    return this.#list.length;
  }

  /** What is added now is counted only, so its sentences need not be made. */
  get isFull(): boolean {
    return this.#list.length >= MAX_PROBLEMS;
  }

  add(source: Source, at: Place, message: string, hint?: string | undefined): void {
    if (this.isFull) {
      this.#untold++;
      return;
    }
    const found = { ...placeIn(source, at), message };
    this.#list.push(hint === undefined ? found : { ...found, hint });
  }

  /** Counts what a text stands for beyond itself, over all files. False, and reported once, where it is too much. */
  allows(source: Source, at: Place, more: number): boolean {
    if (this.#more > MAX_MORE) return false;
    this.#more += Math.max(0, more);
    if (this.#more <= MAX_MORE) return true;
    const message = `the policy stands for more than ${MAX_MORE} patterns and steps besides those that it lists`;
    this.add(source, at, message, "write fewer braces and repetitions, or wider patterns");
    return false;
  }

  /** File by file in the order in which they were opened, inside a file by place. */
  all(): readonly PolicyProblem[] {
    const files = [...new Set(this.#list.map((problem) => problem.file))];
    const sorted = [...this.#list].sort(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    );
    const last = sorted.at(-1);
    if (this.#untold === 0 || last === undefined) return sorted;
    const message = `${this.#untold} more problems are not shown; mend the ones above first`;
    return [...sorted, { ...last, message }];
  }
}

export const START: Place = { line: 1, column: 1 };

/** Offset into a text to its place; lines end at `\n`. */
export function placeFinder(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

function lineOf(text: string, line: number): string {
  // Columns do not count the mark at the start of a file; anywhere else it is a character.
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf("\n", start);
    if (next === -1) return "";
    start = next + 1;
  }
  const end = text.indexOf("\n", start);
  const whole = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
  return whole.length > MAX_LINE ? `${whole.slice(0, MAX_LINE)}…` : whole;
}
