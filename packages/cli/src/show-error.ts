/** Errors as a person reads them: code, sentence, place, source lines, the rule that decided, what to do. */
import type { RunError } from "@agent-run/runtime";
import type { CommandFailure } from "./exit.ts";
import { printable, printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

/** An uncaught error of a script, or what the verifier refused. `script` is the name shown before the position. */
export function showRunError(error: RunError, script: string, style: Style): string {
  const title = error.code ?? error.name ?? "Error";
  const lines = [`${style.red(style.bold(`error[${printableLine(title)}]`))}: ${printableLine(error.message)}`];
  if (error.line !== undefined) lines.push(`  at ${printableLine(script)}:${error.line}:${error.column ?? 1}`);
  if (error.frame !== undefined) lines.push(printable(error.frame));
  for (const cause of error.causes ?? []) lines.push(`  ${style.dim("caused by:")} ${printableLine(cause)}`);
  if (error.rule !== undefined) lines.push(`  ${style.dim("rule:")} ${showRule(error.rule)}`);
  if (error.hint !== undefined) lines.push(`  ${style.dim("hint:")} ${printableLine(error.hint)}`);
  return `${lines.join("\n")}\n`;
}

export function showFailure(failure: CommandFailure, style: Style): string {
  const lines = [`${style.red(style.bold(`error[${failure.code}]`))}: ${printableLine(failure.message)}`];
  if (failure.details !== undefined) lines.push(printable(failure.details).trimEnd());
  if (failure.hint !== undefined) lines.push(`  ${style.dim("hint:")} ${printableLine(failure.hint)}`);
  return `${lines.join("\n")}\n`;
}

const showRule = ({ id, file, line }: NonNullable<RunError["rule"]>): string => {
  const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  return printableLine(`${id}${place}`);
};
