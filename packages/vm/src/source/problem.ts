/**
 * What can be wrong with a script before it runs: it does not parse (`E_SYNTAX`), or it uses what the language subset
 * does not have (`E_SUBSET`). Positions are the user's own: lines and columns count from 1, columns in UTF-16 units, in
 * the text as it was given. DENIALS-TEACH: every problem says what stands there, and where it can, what to write instead.
 */
export interface SourceProblem {
  readonly code: "E_SYNTAX" | "E_SUBSET";
  /** Lower case, user text in backticks, no full stop. */
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** What to write instead. */
  readonly hint?: string;
}

/** A problem whose place is still an offset into the text; `locate` makes the other one of it. */
export interface RawProblem {
  readonly code: SourceProblem["code"];
  readonly message: string;
  readonly offset: number;
  readonly hint?: string | undefined;
}

export const syntaxProblem = (message: string, offset: number, hint?: string): RawProblem => ({
  code: "E_SYNTAX",
  message,
  offset,
  hint,
});

export const subsetProblem = (message: string, offset: number, hint: string): RawProblem => ({
  code: "E_SUBSET",
  message,
  offset,
  hint,
});

/** Text of the user's as a message shows it: one line, backticks out, at most 60 characters. */
export function quoted(text: string): string {
  const line = text.replace(/[\s`]+/gu, " ").trim();
  return `\`${line.length > 60 ? `${line.slice(0, 59)}…` : line}\``;
}
