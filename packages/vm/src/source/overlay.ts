/**
 * Spaces over a text: what is blanked keeps its length and its line ends, so that every other character keeps its line
 * and column. Single characters can be put back where statements would otherwise run together.
 */
export class Overlay {
  readonly #text: string;
  readonly #blanks: { readonly start: number; readonly end: number }[] = [];
  readonly #marks: { readonly offset: number; readonly character: string }[] = [];
  /** End of a blank to its start. */
  readonly #starts = new Map<number, number>();

  constructor(text: string) {
    this.#text = text;
  }

  blank(start: number, end: number): void {
    this.#blanks.push({ start, end });
    this.#starts.set(end, Math.min(start, this.#starts.get(end) ?? start));
  }

  /** One character of the result; wins over a blank. */
  put(offset: number, character: ";" | "(" | ")"): void {
    this.#marks.push({ offset, character });
  }

  /** Where the blank starts that ends here, if one does. */
  blankEndingAt(end: number): number | undefined {
    return this.#starts.get(end);
  }

  apply(): string {
    const pieces: string[] = [];
    let done = 0;
    for (const { start, end } of this.#blanks.sort((a, b) => a.start - b.start || b.end - a.end)) {
      if (end <= done) continue;
      const from = Math.max(start, done);
      pieces.push(this.#text.slice(done, from), blanked(this.#text.slice(from, end)));
      done = end;
    }
    pieces.push(this.#text.slice(done));
    return withMarks(pieces.join(""), this.#marks);
  }
}

/** Spaces of the same length with the same line ends. */
export const blanked = (text: string): string => text.replace(/[^\r\n\u2028\u2029]/g, " ");

function withMarks(text: string, marks: { readonly offset: number; readonly character: string }[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { offset, character } of marks.sort((a, b) => a.offset - b.offset)) {
    if (offset < done) continue;
    pieces.push(text.slice(done, offset), character);
    done = offset + 1;
  }
  pieces.push(text.slice(done));
  return pieces.join("");
}
