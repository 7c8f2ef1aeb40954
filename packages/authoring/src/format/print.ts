/** A document as text, in the one layout. */
import type { Document, Entry, Item, Lines, Table, Value } from "./document.ts";
import { orderedEntries, orderedTables } from "./order.ts";

/** Columns of a line with a list; a comment behind it is not counted. */
const WIDTH = 120;
/** Columns of a line whose comment stands in one column with those of the lines around it. */
const MOST_ALIGNED = 60;
/** Before a comment that stands behind something, until the page is done. TOML has no such character. */
const BEHIND = "\0";

export function printDocument(document: Document): string {
  const page = new Page();
  page.add(document.head, "none");
  page.isParted = document.head.length > 0;
  printEntries(page, [], document.entries);
  page.addBelow(document.below);
  for (const table of orderedTables(document.tables)) printTable(page, table);
  if (document.foot.length > 0) page.add(document.foot, "one");
  return page.text();
}

/** Blank lines above something. */
type Blank = "none" | "as written" | "one";

class Page {
  readonly #lines: string[] = [];
  /** A blank line must follow, or what comes next would take the comments above it for its own. */
  isParted = false;

  /** Comments, and the blank line above them, or above what they stand above. */
  add(lines: Lines, blank: Blank): void {
    const isWritten = lines[0] === "";
    const own = isWritten ? lines.slice(1) : lines;
    const parts = this.isParted || (blank === "as written" ? isWritten : blank === "one");
    if (parts && this.#lines.length > 0) this.#lines.push("");
    this.isParted = false;
    for (const line of own) this.#lines.push(line);
  }

  push(text: string, behind: string | null, below: Lines): void {
    this.#lines.push(commented(text, behind));
    this.isParted = false;
    this.addBelow(below);
  }

  addBelow(lines: Lines): void {
    for (const line of lines) this.#lines.push(line);
    this.isParted ||= lines.length > 0;
  }

  text(): string {
    return this.#lines.length === 0 ? "" : `${aligned(this.#lines.join("\n").split("\n")).join("\n")}\n`;
  }
}

const commented = (text: string, behind: string | null): string =>
  behind === null ? text : `${text}${BEHIND}${behind}`;

/** Comments behind short lines that follow each other stand in one column. */
function aligned(lines: readonly string[]): readonly string[] {
  const parts = lines.map((line) => line.split(BEHIND));
  const widths = parts.map(([text = "", behind]) => (behind === undefined ? LONG : widthOf(text)));
  let column = 0;
  return parts.map(([text = "", behind], at) => {
    if (behind === undefined) return text;
    const width = widths[at] ?? 0;
    if (width > MOST_ALIGNED) return `${text} ${behind}`;
    if ((widths[at - 1] ?? LONG) > MOST_ALIGNED) column = runFrom(widths, at).reduce((a, b) => Math.max(a, b));
    return `${text}${" ".repeat(column - width + 1)}${behind}`;
  });
}

const LONG = Number.POSITIVE_INFINITY;

function runFrom(widths: readonly number[], start: number): readonly number[] {
  const end = widths.findIndex((width, at) => at >= start && width > MOST_ALIGNED);
  return widths.slice(start, end === -1 ? widths.length : end);
}

const widthOf = (text: string): number => [...text].length;

function printTable(page: Page, table: Table): void {
  page.add(table.above, "one");
  page.push(table.header, table.behind, table.below);
  printEntries(page, table.names, table.entries);
  page.addBelow(table.foot);
}

function printEntries(page: Page, names: readonly string[], entries: readonly Entry[]): void {
  for (const [at, entry] of orderedEntries(names, entries).entries()) {
    page.add(entry.above, at === 0 ? "none" : "as written");
    page.push(`${entry.key} = ${printed(entry.value, "", `${entry.key} = `.length)}`, entry.behind, entry.below);
  }
}

/** `column`: how much stands before it on its line, and behind it. */
function printed(value: Value, indent: string, column: number): string {
  const line = inOneLine(value);
  if (line !== null && (value.kind !== "list" || column + widthOf(line) <= WIDTH)) return line;
  if (value.kind === "list") return inSeveralLines(value, indent);
  if (value.kind === "plain") return value.text;
  // An inline table stays on its line, but for lists that can not.
  const pairs = value.pairs.map(({ key, value: one }) => `${key} = ${printed(one, indent, Number.NEGATIVE_INFINITY)}`);
  return `{ ${pairs.join(", ")} }`;
}

function inSeveralLines({ items, open, end }: Value & { kind: "list" }, indent: string): string {
  const inner = `${indent}  `;
  const lines = items.flatMap(({ above, value, behind }: Item, at) => [
    ...(at === 0 && above[0] === "" ? above.slice(1) : above),
    commented(`${printed(value, inner, inner.length + 1)},`, behind),
  ]);
  const last = end.at(-1) === "" ? end.slice(0, -1) : end;
  const rest = items.length === 0 && last[0] === "" ? last.slice(1) : last;
  const all = [...lines, ...rest].map((line) => (line === "" ? "" : `${inner}${line}`));
  return [commented("[", open), ...all, `${indent}]`].join("\n");
}

/** Null where it holds a comment or a text of several lines. */
function inOneLine(value: Value): string | null {
  if (value.kind === "plain") return value.text.includes("\n") ? null : value.text;
  if (value.kind === "inline") {
    const pairs = value.pairs.map(({ key, value: one }) => ({ key, line: inOneLine(one) }));
    if (pairs.some(({ line }) => line === null)) return null;
    return pairs.length === 0 ? "{}" : `{ ${pairs.map(({ key, line }) => `${key} = ${line}`).join(", ")} }`;
  }
  if (value.open !== null || value.end.some(isComment)) return null;
  const items = value.items.map((item) =>
    item.behind !== null || item.above.some(isComment) ? null : inOneLine(item.value),
  );
  return items.includes(null) ? null : `[${items.join(", ")}]`;
}

const isComment = (line: string): boolean => line !== "";
