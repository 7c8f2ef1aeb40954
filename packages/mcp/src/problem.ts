/** A problem of a script as text: what it is, where, by which rule, and what to do. */
import type { RunReport } from "@agent-run/runtime";

export type Problem = RunReport["problems"][number];

export function problemText({ code, name, message, line, column, frame, rule, hint }: Problem): string {
  const at = line === undefined ? "" : ` at line ${line}, column ${column ?? 1}`;
  const lines = [`${code ?? name ?? "Error"}${at}: ${message}`];
  if (frame !== undefined) lines.push(frame);
  if (rule !== undefined) lines.push(`rule: ${ruleText(rule)}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join("\n");
}

export const ruleText = ({ id, file, line }: NonNullable<Problem["rule"]>): string =>
  file === undefined ? id : `${id} (${file}:${line ?? 1})`;
