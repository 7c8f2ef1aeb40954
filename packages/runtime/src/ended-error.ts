/**
 * The error that a run ended with, in the user's terms: positions of the user's own source, and names where the engine has
 * none.
 */
import { CODES, type FatalCode } from "@agent-run/gate";
import { codeFrame, originalPosition, type RunEnd, type ScriptProgram } from "@agent-run/vm";
import type { RunError } from "./report.ts";

/** `stopped`: why the run had to stop, if it had to. Null: it ended well. */
export function errorOf(ended: RunEnd, stopped: FatalCode | null, program: ScriptProgram): RunError | null {
  if (ended.kind === "value") return stopped === null ? null : fatalError(stopped);
  if (ended.kind === "fatal") return fatalError(ended.code);
  const { name, message, code, capability, target, rule, hint, causes, line, column } = ended.error;
  const facts = { capability, target, rule, hint };
  const known = Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== null));
  const error = { code, message, name, ...known, ...(causes.length === 0 ? {} : { causes }) };
  if (line === null) return error;
  const at = originalPosition(program, line, column ?? 1);
  const frame = codeFrame(program.source, at.line, at.column);
  const callee = message === "not a function" ? calleeBefore(program.source, at) : null;
  return { ...error, ...(callee === null ? {} : { message: `\`${callee}\` is not a function` }), ...at, frame };
}

/** The engine does not say what is not a function; it stands before the parenthesis that the error is at. */
function calleeBefore(
  source: string,
  { line, column }: { readonly line: number; readonly column: number },
): string | null {
  const before = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1]?.slice(0, column - 1) ?? "";
  return /[\p{ID_Start}$_][\p{ID_Continue}$.]{0,100}$/u.exec(before)?.[0] ?? null;
}

const fatalError = (code: FatalCode | "E_LIMIT_STACK"): RunError => ({ code, message: CODES[code].says });
