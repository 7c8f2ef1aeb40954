import type { RawProblem, SourceProblem } from "./problem.ts";

/**
 * Offsets to lines and columns. A line ends where ECMAScript ends it (LF, CR, CR LF, U+2028, U+2029; ECMA-262 12.3),
 * as acorn counts. The engine counts otherwise (LF alone, columns in code points), so its positions are never shown as
 * they are: `originalPosition` in rewrite.ts takes them through offsets.
 */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Offsets at which the lines of a text start, computed when first asked. */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get count(): number {
    return this.#all().length;
  }

  at(offset: number): Position {
    const starts = this.#all();
    const clamped = Math.min(Math.max(offset, 0), this.#text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= clamped) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: clamped - (starts[low] ?? 0) + 1 };
  }

  /** Where a line's text starts and ends, its terminator excluded. Lines that do not exist are empty. */
  span(line: number): { readonly start: number; readonly end: number } {
    const starts = this.#all();
    const start = starts[line - 1] ?? this.#text.length;
    let end = starts[line] ?? this.#text.length;
    while (end > start && isLineEnd(this.#text.charCodeAt(end - 1))) end--;
    return { start, end };
  }

  locate(problem: RawProblem): SourceProblem {
    const { code, message, hint } = problem;
    const place = this.at(problem.offset);
    return hint === undefined ? { code, message, ...place } : { code, message, ...place, hint };
  }

  #all(): readonly number[] {
    this.#starts ??= lineStarts(this.#text);
    return this.#starts;
  }
}

const LF = 0x0a;
const CR = 0x0d;

const isLineEnd = (unit: number): boolean => unit === LF || unit === CR || unit === 0x2028 || unit === 0x2029;

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|[\n\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}
