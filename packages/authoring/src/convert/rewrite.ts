/**
 * A document of our language as text, with the comments of the text that it was read from: those above a value stay above
 * it, those behind it behind it. What was left out on the way stands as a comment where it was.
 */
import type { Node, PolicyProblem, TableNode } from "@agent-run/policy";
import { commentsIn } from "./comments.ts";
import { tomlText } from "./draft.ts";
import { oneLine } from "./tree.ts";

export function rewritten(document: TableNode, text: string, notes: readonly PolicyProblem[]): string {
  return new Writer(text, notes).write(document);
}

interface Line {
  readonly line: number;
  readonly text: string;
}

type Field = readonly [string, { readonly at: { readonly line: number }; readonly node: Node }];

class Writer {
  readonly #lines: string[] = [];
  /** Comments on lines of their own, and what was left out; in order. */
  readonly #above: Line[];
  readonly #behind: ReadonlyMap<number, string>;
  readonly #sources: readonly string[];

  constructor(text: string, notes: readonly PolicyProblem[]) {
    const comments = commentsIn(text);
    const left = notes
      .filter(({ message }) => message.startsWith("left out: "))
      .map(({ line, message }) => ({ line, text: `# ${oneLine(message)}` }));
    this.#above = [...comments.filter(({ alone }) => alone), ...left].sort((a, b) => a.line - b.line);
    this.#behind = new Map(comments.filter(({ alone }) => !alone).map(({ line, text: one }) => [line, one]));
    this.#sources = text.split("\n");
  }

  write(document: TableNode): string {
    const fields = [...document.entries];
    for (const field of fields.filter(([, { node }]) => !isSection(node))) this.#field(field);
    for (const [key, { node }] of fields) {
      if (node.kind === "table") this.#section([key], node);
    }
    this.#comments(Number.POSITIVE_INFINITY);
    for (const [key, { node }] of fields) {
      if (isTables(node)) for (const item of node.items) this.#table(key, item);
    }
    return `${this.#lines
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .replace(/^\n+/, "")}\n`;
  }

  #section(path: readonly string[], table: TableNode): void {
    const fields = [...table.entries];
    const own = fields.filter(([, { node }]) => node.kind !== "table");
    const [first] = own;
    if (first !== undefined) {
      this.#lines.push("");
      this.#comments(this.#headerAbove(first[1].at.line));
      this.#lines.push(`[${path.map(keyText).join(".")}]`);
      for (const field of own) this.#field(field);
    }
    for (const [key, { node }] of fields) if (node.kind === "table") this.#section([...path, key], node);
  }

  /** The line of the `[section]` that a line belongs to. */
  #headerAbove(line: number): number {
    for (let at = line; at > 0; at--) if (/^\s*\[/.test(this.#sources[at - 1] ?? "")) return at;
    return line;
  }

  #field([key, { at, node }]: Field): void {
    this.#comments(at.line);
    const isLong = node.kind === "array" && node.items.some((item) => item.at.line !== at.line);
    if (!isLong) {
      this.#lines.push(`${keyText(key)} = ${valueText(node)}${this.#commentBehind(at.line)}`);
      return;
    }
    this.#lines.push(`${keyText(key)} = [${this.#commentBehind(at.line)}`);
    const { items } = node;
    for (const [index, item] of items.entries()) {
      for (const comment of this.#takeAbove(item.at.line)) this.#lines.push(`  ${comment}`);
      const isLast = items[index + 1]?.at.line !== item.at.line;
      this.#lines.push(`  ${valueText(item)},${isLast ? this.#commentBehind(item.at.line) : ""}`);
    }
    this.#lines.push("]");
  }

  #table(key: string, node: Node): void {
    if (node.kind !== "table") return;
    this.#lines.push("", `[[${keyText(key)}]]`);
    for (const [name, field] of node.entries) this.#lines.push(`${keyText(name)} = ${valueText(field.node)}`);
  }

  #comments(before: number): void {
    this.#lines.push(...this.#takeAbove(before));
  }

  #takeAbove(before: number): readonly string[] {
    const end = this.#above.findIndex(({ line }) => line > before);
    return this.#above.splice(0, end === -1 ? this.#above.length : end).map(({ text }) => text);
  }

  #commentBehind(line: number): string {
    const comment = this.#behind.get(line);
    return comment === undefined ? "" : ` ${comment}`;
  }
}

const isTables = (node: Node): node is Extract<Node, { kind: "array" }> =>
  node.kind === "array" && node.items.length > 0 && node.items.every((item) => item.kind === "table");

const isSection = (node: Node): boolean => node.kind === "table" || isTables(node);

const keyText = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : tomlText(key));

function valueText(node: Node): string {
  switch (node.kind) {
    case "string":
      return tomlText(node.value);
    case "integer":
    case "boolean":
      return String(node.value);
    case "float":
      return Number.isInteger(node.value) ? `${node.value}.0` : String(node.value);
    case "array":
      return `[${node.items.map(valueText).join(", ")}]`;
    case "table":
      return `{ ${[...node.entries].map(([key, field]) => `${keyText(key)} = ${valueText(field.node)}`).join(", ")} }`;
    case "date":
      // No dialect has dates.
      return '""';
  }
}
