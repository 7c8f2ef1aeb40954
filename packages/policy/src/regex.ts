/**
 * Regular expressions of policies: RE2, whose time is linear in the text, so that no text of a script makes a decision
 * take long. The engine is a file of its own that is read when a policy has the first one.
 */
import { RE2JS } from "re2js";
import { type Misread, misread } from "./problem.ts";
import { shown } from "./spelling.ts";

export interface Regex {
  /** Is it found anywhere in the text? */
  finds(text: string): boolean;
}

/** Instructions; the work on one character is at most this many. Half a second for the longest URL, at the very worst. */
const MAX_PROGRAM = 500;

/** Throws on what `readRegex` has something to say about. */
export function compileRegex(pattern: string, ignoreCase: boolean): Regex {
  const compiled = RE2JS.compile(pattern, ignoreCase ? CASE_INSENSITIVE : 0);
  return { finds: (text) => compiled.test(text) };
}

/** One instruction of the engine's program: what it is (`op`), what it reads, and what comes next. */
export interface RegexStep {
  readonly op: number;
  readonly out: number;
  /** The other next one, flags of letters, or what must be true of the place. */
  readonly arg: number;
  /** Pairs of first and last characters; one alone is a character. */
  readonly runes: readonly number[];
}

/** The program that `finds` runs, for who reasons about a pattern instead of asking it. */
export function regexProgram(
  pattern: string,
  ignoreCase: boolean,
): { readonly start: number; readonly steps: readonly RegexStep[] } {
  const compiled: unknown = RE2JS.compile(pattern, ignoreCase ? CASE_INSENSITIVE : 0);
  const { start, inst } = (compiled as Compiled).re2Input.prog;
  return { start, steps: inst.map(({ op, out, arg, runes }) => ({ op, out, arg, runes: [...runes] })) };
}

interface Compiled {
  readonly re2Input: {
    readonly prog: {
      readonly start: number;
      readonly inst: readonly (Omit<RegexStep, "runes"> & { readonly runes: Iterable<number> })[];
    };
  };
}

/** The engine's own flag. */
const CASE_INSENSITIVE = 1;

/** How many instructions it takes, or why it is none. */
export function readRegex(pattern: string): { readonly ok: true; readonly size: number } | Misread {
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= MAX_PROGRAM) return { ok: true, size };
    return misread("the pattern is too large", "repeat less, or write several rules");
  } catch (error) {
    const says = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "";
    return misread(
      `\`${shown(pattern)}\` is no regular expression of RE2: ${says.split(":")[0] ?? ""}`,
      hintOf(pattern),
    );
  }
}

const hintOf = (pattern: string): string | undefined =>
  /\(\?<?[=!]|\\[1-9]/.test(pattern) ? "RE2 has no look-around and no back references" : undefined;
