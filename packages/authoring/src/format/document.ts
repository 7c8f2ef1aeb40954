/**
 * A TOML text as it is written: tables and keys in their order, and each comment with what it stands above, beside or
 * below. A block of comments belongs to what follows it; where a blank line parts it from that and none from what is
 * before it, to what is before it, or behind the last key to the table. At the start of a file it belongs to the file, and
 * so it does behind a blank line at the end.
 */
import { type AST, parseTOML } from "toml-eslint-parser";
import { keyText, stringText } from "./spelling.ts";

/** Comments with their `#`, each a line; an empty text is a blank line. */
export type Lines = readonly string[];

export type Value =
  | { readonly kind: "plain"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Item[]; readonly open: string | null; readonly end: Lines }
  | { readonly kind: "inline"; readonly pairs: readonly { readonly key: string; readonly value: Value }[] };

export interface Item {
  readonly above: Lines;
  readonly value: Value;
  readonly behind: string | null;
}

/** What comments below it may belong to. */
interface Anchor {
  below: Lines;
}

export interface Entry extends Item, Anchor {
  /** The names of its dotted key. */
  readonly names: readonly string[];
  readonly key: string;
}

export interface Table extends Anchor {
  readonly above: Lines;
  readonly names: readonly string[];
  /** With its brackets. */
  readonly header: string;
  /** `[[name]]` */
  readonly isEntryOfList: boolean;
  readonly behind: string | null;
  readonly entries: Entry[];
  /** Below the last key. */
  foot: Lines;
}

export interface Document {
  readonly head: Lines;
  readonly entries: readonly Entry[];
  /** Below the last key that is in no table. */
  readonly below: Lines;
  readonly tables: readonly Table[];
  readonly foot: Lines;
  /** All there are, as the parser sees them. */
  readonly comments: Lines;
}

/** `text`: TOML without a mark at its start. Throws what the parser throws. */
export function readDocument(text: string): Document {
  return new DocumentReader(text, parseTOML(text, { tomlVersion: "1.0" })).document();
}

/** A line with nothing on it, between two things; commas of lists may stand there. */
const BLANK_LINE = /\n[ \t\r]*\n/;

class DocumentReader {
  readonly #text: string;
  readonly #program: AST.TOMLProgram;
  /** The next comment. */
  #next = 0;
  /** Where what was read last ends. */
  #end = 0;

  constructor(text: string, program: AST.TOMLProgram) {
    this.#text = text;
    this.#program = program;
  }

  document(): Document {
    const entries: Entry[] = [];
    const tables: Table[] = [];
    let head: Lines = [];
    let below: Lines = [];
    let last: Anchor | null = null;
    const above = (node: AST.TOMLNode): Lines => {
      const gap = this.#gap(node.range[0]);
      if (last === null) {
        const from = Math.max(0, gap.lastIndexOf(""));
        head = gap.slice(0, from);
        return gap.slice(from);
      }
      const [own, rest] = parted(gap);
      if (node.type === "TOMLKeyValue") last.below = own;
      else if (tables.length === 0) below = own;
      else setFoot(tables, own);
      return rest;
    };
    const entry = (pair: AST.TOMLKeyValue): Entry => {
      const read = this.#entry(above(pair), pair);
      last = read;
      return read;
    };
    for (const part of this.#program.body[0].body) {
      if (part.type === "TOMLKeyValue") {
        entries.push(entry(part));
        continue;
      }
      const table = this.#header(above(part), part);
      last = table;
      tables.push(table);
      for (const pair of part.body) table.entries.push(entry(pair));
    }
    const gap = this.#gap(this.#text.length);
    const end = gap.at(-1) === "" ? gap.slice(0, -1) : gap;
    const comments = this.#program.comments.map((one) => this.#textOf(one));
    if (last === null) return { head: end, entries, below, tables, foot: [], comments };
    const [own, foot] = end.includes("") ? parted(end) : [end, []];
    if (tables.length === 0) below = own;
    else setFoot(tables, own);
    return { head, entries, below, tables, foot, comments };
  }

  #header(above: Lines, table: AST.TOMLTable): Table {
    const isEntryOfList = table.kind === "array";
    const close = isEntryOfList ? "]]" : "]";
    this.#end = this.#text.indexOf(close, table.key.range[1]) + close.length;
    const key = table.key.keys.map((one) => this.#key(one)).join(".");
    return {
      above,
      names: table.key.keys.map(nameOf),
      header: isEntryOfList ? `[[${key}]]` : `[${key}]`,
      isEntryOfList,
      behind: this.#behind(this.#text.length),
      below: [],
      entries: [],
      foot: [],
    };
  }

  #entry(above: Lines, { key, value }: AST.TOMLKeyValue): Entry {
    const read = this.#value(value);
    this.#end = value.range[1];
    return {
      above,
      names: key.keys.map(nameOf),
      key: key.keys.map((one) => this.#key(one)).join("."),
      value: read,
      behind: this.#behind(this.#text.length),
      below: [],
    };
  }

  #value(node: AST.TOMLContentNode): Value {
    if (node.type === "TOMLArray") return this.#list(node);
    if (node.type === "TOMLInlineTable") {
      const pairs = node.body.map(({ key, value }) => ({
        key: key.keys.map((one) => this.#key(one)).join("."),
        value: this.#value(value),
      }));
      return { kind: "inline", pairs };
    }
    const written = this.#text.slice(...node.range);
    return { kind: "plain", text: node.kind === "string" ? stringText(written, node.value) : written };
  }

  #list(node: AST.TOMLArray): Value {
    const end = node.range[1] - 1;
    const { elements } = node;
    this.#end = node.range[0] + 1;
    const open = this.#behind(elements[0]?.range[0] ?? end);
    const items = elements.map((element, at): Item => {
      const above = this.#gap(element.range[0]);
      const value = this.#value(element);
      this.#end = element.range[1];
      return { above, value, behind: this.#behind(elements[at + 1]?.range[0] ?? end) };
    });
    const read: Value = { kind: "list", items, open, end: this.#gap(end) };
    this.#end = node.range[1];
    return read;
  }

  #key(key: AST.TOMLBare | AST.TOMLQuoted): string {
    return keyText(this.#text.slice(...key.range), nameOf(key));
  }

  /** The comment on the line that what was read last ends on, if it begins before `until`. */
  #behind(until: number): string | null {
    const comment = this.#program.comments[this.#next];
    if (comment === undefined || comment.range[0] >= until) return null;
    if (this.#text.slice(this.#end, comment.range[0]).includes("\n")) return null;
    return this.#take(comment);
  }

  /** Comments and blank lines up to there. */
  #gap(until: number): Lines {
    const lines: string[] = [];
    for (;;) {
      const comment = this.#program.comments[this.#next];
      const isOver = comment === undefined || comment.range[0] >= until;
      if (BLANK_LINE.test(this.#text.slice(this.#end, isOver ? until : comment.range[0]))) lines.push("");
      if (isOver) return lines;
      lines.push(this.#take(comment));
    }
  }

  #take(comment: AST.Comment): string {
    this.#next++;
    this.#end = comment.range[1];
    return this.#textOf(comment);
  }

  #textOf(comment: AST.Comment): string {
    return this.#text.slice(...comment.range).trimEnd();
  }
}

function setFoot(tables: readonly Table[], lines: Lines): void {
  const table = tables.at(-1);
  if (table !== undefined) table.foot = lines;
}

/** The lines that belong to what is before them, and the others. */
function parted(gap: Lines): readonly [Lines, Lines] {
  const blank = Math.max(0, gap.indexOf(""));
  return [gap.slice(0, blank), gap.slice(blank)];
}

const nameOf = (key: AST.TOMLBare | AST.TOMLQuoted): string => (key.type === "TOMLBare" ? key.name : key.value);
