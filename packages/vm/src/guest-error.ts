/**
 * An uncaught error of a script as data. The kernel read it inside the VM (`describe`), so no getter of the script runs
 * here; code, rule and hint come only from errors the kernel made itself, so a script cannot forge them. The stack is
 * text that a script may have written: it is parsed for positions in the user's own file and nothing else.
 */
import type { Code, RuleRef } from "@agent-run/gate";
import { GUEST_PREFIX } from "./image.ts";

/** One frame in the user's file; 1-based, columns in UTF-16 units. */
export interface GuestFrame {
  readonly name: string | null;
  readonly line: number;
  readonly column: number;
}

export interface GuestError {
  readonly name: string;
  readonly message: string;
  /** Null: an error of the script's own. */
  readonly code: Code | null;
  readonly capability: string | null;
  readonly target: string | null;
  readonly rule: RuleRef | null;
  readonly hint: string | null;
  /** Texts of what it was caused by, nearest first. */
  readonly causes: readonly string[];
  readonly frames: readonly GuestFrame[];
  /** Of the innermost frame in the user's file; null where there is none. */
  readonly line: number | null;
  readonly column: number | null;
}

/** What is run. `code` is the parser's output: evaluated, it gives an async function without arguments. */
export interface Program {
  readonly code: string;
  /** File name as errors show it. */
  readonly name: string;
  /** How many UTF-16 units of line 1 of `code` stand before line 1 of the user's source. */
  readonly firstLineOffset?: number;
}

/** What the kernel's `describe` answers. */
export interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Names of the classes that made it, its own first. */
  readonly constructors: readonly string[];
  /** Texts of what it was caused by, nearest first. */
  readonly causes: readonly string[];
  /** QuickJS ran out of `max_stack`. */
  readonly overflow: boolean;
  /** QuickJS refused an allocation by itself. */
  readonly exhausted: boolean;
  readonly facts?: Pick<GuestError, "message" | "capability" | "target" | "rule" | "hint"> & { readonly code: Code };
}

export function guestError(described: DescribedError, program: Program): GuestError {
  const frames = withoutConstructors(framesOf(described.stack, program), described.constructors);
  const [top] = frames;
  const { facts } = described;
  return {
    name: described.name,
    message: facts?.message ?? described.message,
    code: facts?.code ?? null,
    capability: facts?.capability ?? null,
    target: facts?.target ?? null,
    rule: facts?.rule ?? null,
    hint: facts?.hint ?? null,
    causes: described.causes,
    frames,
    line: top?.line ?? null,
    column: top?.column ?? null,
  };
}

/** `class E extends Error { constructor() { super() } }` was made where `new E()` stands, not at `super()`. */
function withoutConstructors(frames: readonly GuestFrame[], names: readonly string[]): readonly GuestFrame[] {
  const first = frames.findIndex(({ name }) => name === null || !names.includes(name));
  return first === -1 ? frames : frames.slice(first);
}

/** An error of ours that ends a run like one of the script's. */
export function plainError(name: string, message: string, code: Code | null = null): GuestError {
  const none = { capability: null, target: null, rule: null, hint: null, line: null, column: null };
  return { name, message, code, ...none, causes: [], frames: [] };
}

const MAX_FRAMES = 50;
/** Characters of one line; what is longer was written by the script. */
const MAX_FRAME = 1000;

/** `    at f (FILE:6:11)` and, for syntax errors, `    at FILE:6:11`. */
function framesOf(stack: string, program: Program): GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const text of stack.split("\n")) {
    if (text.length > MAX_FRAME) continue;
    const found = /^ {4}at (?:(.*) \()?(.*):(\d{1,9}):(\d{1,9})\)?$/s.exec(text);
    if (found === null || found[2] !== program.name || program.name.startsWith(GUEST_PREFIX)) continue;
    const line = Number(found[3]);
    const column =
      utf16Column(program.code, line, Number(found[4])) - (line === 1 ? (program.firstLineOffset ?? 0) : 0);
    const name = found[1] === undefined || found[1].startsWith("<") ? null : found[1];
    frames.push({ name, line, column: Math.max(1, column) });
    if (frames.length === MAX_FRAMES) break;
  }
  return frames;
}

/** QuickJS counts code points; editors and the parser count UTF-16 units. */
function utf16Column(code: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = code.indexOf("\n", start);
    if (next < 0) return column;
    start = next + 1;
  }
  let units = 0;
  for (let points = 1; points < column && start + units < code.length; points++) {
    units += (code.codePointAt(start + units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units + 1;
}
