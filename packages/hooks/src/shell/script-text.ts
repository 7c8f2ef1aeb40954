/**
 * THE door for shell text: only what a real grammar reads without one complaint goes on. What is refused here is what
 * shells, or a shell and the grammar, could read in two ways: characters that nobody sees, and texts without bounds.
 */
import { type ParsedScript, parse } from "unbash";

export type ReadText =
  | { readonly ok: true; readonly script: ParsedScript }
  | { readonly ok: false; readonly reason: string };

/** UTF-16 units. A model types less; a longer text belongs in a file that a person can read. */
const MAX_COMMAND = 32_768;

/**
 * Control characters but tab and line feed (bash drops NUL, keeps CR as a letter), and what looks like a blank or like
 * nothing and is a letter to a shell: spaces of Unicode, zero-width marks, direction marks.
 */
const UNSEEN = /(?![\t\n])\p{Cc}|(?! )\p{Zs}|\p{Zl}|\p{Zp}|\p{Cf}|\p{Surrogate}|\u034f|\u115f|\u1160|\u3164|\uffa0/u;

export function readText(text: string): ReadText {
  if (text.length > MAX_COMMAND) return no(`it is longer than ${MAX_COMMAND} characters`);
  const unseen = UNSEEN.exec(text)?.[0];
  if (unseen !== undefined)
    return no(`it holds the character U+${codeOf(unseen)}, which shells and people read differently`);
  const script = parse(text);
  const problem = problemOf(script);
  return problem === null ? { ok: true, script } : no(`the shell grammar does not take it: ${problem}`);
}

/** Also of scripts inside words, which are read when they are looked at. */
export const problemOf = (script: ParsedScript): string | null => script.errors?.[0]?.message ?? null;

const no = (reason: string): ReadText => ({ ok: false, reason });

const codeOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
