/**
 * A policy's text without what is proposed to go. Only what stands as one string at the place that the policy names is
 * touched, and whole `[[rule]]` tables; who calls this loads the result and compares, as TOML can be written in more ways
 * than are looked for here. Comments and order stay.
 */
import type { RuleRef } from "@agent-run/policy";
import type { Proposal } from "./tighten.ts";

/** `known`: every rule of this file. Null: one of them stands in a form that is not edited. */
export function tightenedText(
  text: string,
  proposals: readonly Proposal[],
  known: readonly Pick<RuleRef, "id" | "line">[],
): string | null {
  const lines = text.split("\n");
  const placed = proposals.map((one) => ({
    ...one,
    column: one.column ?? columnOf(lines[one.line - 1] ?? "", one, known),
  }));
  // From the end, so that places before stay what they are.
  const ordered = placed.sort((a, b) => b.line - a.line || (b.column ?? 0) - (a.column ?? 0));
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
  while (to < lines.length && !/^\s*\[/.test(lines[to] ?? "")) to += 1;
  // What stands above the next table is about that one.
  if (to < lines.length) while (to > line && /^\s*(?:#|$)/.test(lines[to - 1] ?? "")) to -= 1;
  lines.splice(from, to - from);
  return true;
}

const STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/y;

/** Entries of a list stand in the order of their numbers: `filesystem.read_allow[2]` is the third of its line's, if two are before. */
function columnOf(
  text: string,
  { rule, line }: Proposal,
  known: readonly Pick<RuleRef, "id" | "line">[],
): number | null {
  const number = (id: string) => Number(/\[(\d+)\]$/.exec(id)?.[1] ?? Number.NaN);
  const list = rule.replace(/\[\d+\]$/, "");
  const beside = known.filter(({ id, line: at }) => at === line && id.replace(/\[\d+\]$/, "") === list);
  const before = new Set(beside.map(({ id }) => number(id)).filter((one) => one < number(rule))).size;
  const strings = [...text.matchAll(new RegExp(STRING, "g"))];
  const found = strings[before];
  return found === undefined ? null : found.index + 1;
}

function editString(lines: string[], { line, column, kind, instead }: Proposal): boolean {
  const text = lines[line - 1];
  if (text === undefined || column === null) return false;
  STRING.lastIndex = column - 1;
  const found = STRING.exec(text);
  // Two quotes and a third begin a text of many lines.
  if (found === null || (found[0].length === 2 && text[STRING.lastIndex] === found[0][0])) return false;
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
