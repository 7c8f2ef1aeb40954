/**
 * A policy's text without what is proposed to go. Only what stands as one string at the place that the policy names is
 * touched, and whole `[[rule]]` tables; who calls this loads the result and compares, as TOML can be written in more ways
 * than are looked for here. Comments and order stay.
 */
import type { Proposal } from "./tighten.ts";

/** Null: one of them stands in a form that is not edited. */
export function tightenedText(text: string, proposals: readonly Proposal[]): string | null {
  const lines = text.split("\n");
  // From the end, so that places before stay what they are.
  const ordered = [...proposals].sort((a, b) => b.line - a.line || (b.column ?? 0) - (a.column ?? 0));
  for (const proposal of ordered) {
    const done = isTable(lines, proposal) ? removeTable(lines, proposal) : editString(lines, proposal);
    if (!done) return null;
  }
  return lines.join("\n");
}

const isTable = (lines: readonly string[], { line }: Proposal): boolean =>
  /^\s*\[\[rule\]\]/.test(lines[line - 1] ?? "");

function removeTable(lines: string[], { line, kind }: Proposal): boolean {
  if (kind !== "remove") return false;
  let from = line - 1;
  while (from > 0 && /^\s*#/.test(lines[from - 1] ?? "")) from -= 1;
  let to = line;
  while (to < lines.length && !/^\s*(?:\[|#\s*\S.*$)/.test(lines[to] ?? "")) to += 1;
  lines.splice(from, to - from);
  return true;
}

const STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/y;

function editString(lines: string[], { line, column, kind, instead }: Proposal): boolean {
  const text = lines[line - 1];
  if (text === undefined || column === null) return false;
  STRING.lastIndex = column - 1;
  const found = STRING.exec(text);
  if (found === null) return false;
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + found[0].length);
  if (kind === "narrow") {
    lines[line - 1] = before + instead.map((one) => JSON.stringify(one)).join(", ") + after;
    return true;
  }
  const rest = /^\s*,\s*/.exec(after);
  const shorter = rest === null ? before.replace(/,\s*$/, "") + after : before + after.slice(rest[0].length);
  if (shorter.trim() === "") lines.splice(line - 1, 1);
  else lines[line - 1] = shorter;
  return true;
}
