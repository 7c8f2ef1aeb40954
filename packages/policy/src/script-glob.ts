/**
 * The pattern that a script gives to `fs.glob`, in the dialect of the JavaScript ecosystem: picomatch takes it apart and
 * matches it, extglob, POSIX classes and ranges included. Names that start with a dot match like all others: what is
 * hidden is said by the policy, not by a name.
 *
 * Such a pattern is never a decision: each path that it finds is decided by the policy, whose own patterns are read by
 * glob.ts. So a pattern whose regular expression backtracks without end is no attack: it costs the script its own time,
 * and its thread is killed at the run's limit.
 */
import picomatch from "picomatch";
import { fail, ok, type Result } from "./result.ts";
import { CONTROL, hasLoneSurrogate } from "./spelling.ts";

export interface GlobStart {
  /** Leading names without wildcards, as a path that a script types; empty if the first name has one. */
  readonly base: string;
  /** No wildcard at all: the pattern is a path, and `base` is all of it. */
  readonly isLiteral: boolean;
}

export interface ScriptGlob extends GlobStart {
  /** `relative`: names below the base, joined by `/`. */
  matches(relative: string): boolean;
  /** Could a path below this one match? True where that is not known. */
  mayHoldMatches(relative: string): boolean;
}

const SCAN = { nonegate: true, parts: true } as const;
const READ = { dot: true, nonegate: true, posix: true, windows: false } as const;

/** UTF-16 units, as for the patterns of a policy. */
const MAX_LENGTH = 4096;
/** What all ranges of a pattern may stand for together; each becomes a choice in a regular expression. */
const MAX_RANGES = 1000;

/** Where a pattern begins: what the policy decides first. Compiles nothing, so it is safe in a thread that nobody kills. */
export function globStart(pattern: string): Result<GlobStart & { readonly rest: string }> {
  const problem = textProblem(pattern);
  if (problem !== null) return bad(problem);
  const { base, glob } = picomatch.scan(pattern.replace(/\/{2,}/g, "/"), SCAN);
  return ok({ base: base.replace(/\\(.)/gsu, "$1"), isLiteral: glob === "", rest: glob });
}

export function readScriptGlob(pattern: string): Result<ScriptGlob> {
  const start = globStart(pattern);
  if (!start.ok) return start;
  const { base, isLiteral, rest: glob } = start.value;
  if (isLiteral) return ok({ base, isLiteral, matches: () => false, mayHoldMatches: () => false });
  // With a `/` at the end it names directories, of which none is found.
  const parts = (picomatch.scan(glob, SCAN).parts ?? []).filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === "..")) {
    return bad("has a dot segment after a wildcard, which could never match");
  }
  const matches = compile(glob);
  if (matches === null) return bad(`has ranges that stand for more than ${MAX_RANGES} texts`);
  return ok({ base, isLiteral, matches, mayHoldMatches: directoryTest(parts) });
}

/** A pattern as a test of whole paths. Throws on what `readScriptGlob` refuses. */
export function compileGlob(pattern: string): (path: string) => boolean {
  const matches = textProblem(pattern) === null ? compile(pattern) : null;
  if (matches === null) throw new TypeError("a pattern could not be read");
  return matches;
}

function textProblem(pattern: string): string | null {
  if (pattern === "") return "is empty";
  if (pattern.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (CONTROL.test(pattern)) return "holds a control character";
  if (hasLoneSurrogate(pattern)) return "is not valid Unicode";
  // Alone, it would find everything else, or nothing, depending on who reads it.
  if (/^!(?!\()/.test(pattern))
    return "starts with `!`; write `!(...)` for all names but some, `\\!` for the character";
  return null;
}

/** Null if its ranges stand for too much. */
function compile(pattern: string): ((path: string) => boolean) | null {
  const ranges = new Ranges();
  const matches = picomatch(pattern.normalize("NFC"), {
    ...READ,
    expandRange: (...range: unknown[]) => ranges.expand(range),
  });
  return ranges.tooMany ? null : (path) => matches(path.normalize("NFC"));
}

/** Tells by the names of a directory, one by one, up to where a name of the pattern can stand for several. */
function directoryTest(parts: readonly string[]): (relative: string) => boolean {
  const anyDepth = parts.findIndex((part) => part.includes("**") || part.includes("/"));
  const tests = (anyDepth === -1 ? parts : parts.slice(0, anyDepth)).map((part) => compile(part));
  const depth = anyDepth === -1 ? parts.length : Number.POSITIVE_INFINITY;
  return (relative) => {
    const names = relative.split("/");
    return names.length < depth && names.every((name, at) => tests[at]?.(name) ?? true);
  };
}

/** `{1..12}`, `{01..10}`, `{a..e}`, `{0..10..5}`, which picomatch leaves to its user, as a choice of all that they stand for. */
class Ranges {
  tooMany = false;
  #count = 0;

  /** What picomatch found between the dots, and its options; gives a part of a regular expression. */
  expand(range: readonly unknown[]): string {
    const texts = range.filter((one) => typeof one === "string");
    const [from = "", to = "", by = "1"] = texts;
    const isLetters = /^[A-Za-z]$/.test(from) && /^[A-Za-z]$/.test(to);
    const isNumbers = NUMBER.test(from) && NUMBER.test(to);
    if (!NUMBER.test(by) || (!isLetters && !isNumbers)) return escaped(`{${texts.join("..")}}`);
    const [low = 0, high = 0] = [from, to].map((end) => (isLetters ? end.charCodeAt(0) : Number(end))).sort(byValue);
    const step = Math.max(1, Math.abs(Number(by)));
    this.#count += Math.floor((high - low) / step) + 1;
    if (this.#count > MAX_RANGES) this.tooMany = true;
    if (this.tooMany) return "";
    const start = isLetters ? from.charCodeAt(0) : Number(from);
    const direction = start === low ? step : -step;
    const width = [from, to].some((end) => /^-?0\d/.test(end)) ? Math.max(from.length, to.length) : 0;
    const choices: string[] = [];
    for (let at = start; at >= low && at <= high; at += direction) {
      choices.push(isLetters ? String.fromCharCode(at) : padded(at, width));
    }
    return `(?:${choices.map(escaped).join("|")})`;
  }
}

const NUMBER = /^-?\d{1,12}$/;

const byValue = (a: number, b: number): number => a - b;

const padded = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width - 1, "0")}` : String(value).padStart(width, "0");

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const bad = (problem: string): Result<never> => fail({ code: "E_ARGUMENT", message: `the pattern ${problem}` });
