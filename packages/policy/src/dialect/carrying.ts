/**
 * The document that a dialect policy becomes, as it grows: every value at the place of what it came from, so that a
 * problem or a decision points into the file that a person wrote; and the notes on the way.
 */
import { type Place, placeIn, type Source } from "../problem.ts";
import { shown } from "../spelling.ts";
import type { Node, TableNode } from "../toml.ts";
import type { PolicyProblem } from "../world.ts";
import type { About } from "./context.ts";

/** A difference in meaning, in words. */
export interface Said {
  readonly message: string;
  readonly hint?: string;
}

interface Growing {
  readonly at: Place;
  readonly fields: Map<string, { at: Place; node: Growing | Node }>;
}

const isGrowing = (node: Growing | Node): node is Growing => "fields" in node;

/** Notes beyond these are counted only, as a hostile file could earn one with every entry. */
const MAX_NOTES = 1000;

export class Carrying {
  readonly about: About;
  readonly #source: Source;
  readonly #top: Growing = { at: { line: 1, column: 1 }, fields: new Map() };
  readonly #notes: PolicyProblem[] = [];
  readonly #once = new Set<string>();
  /** What is in a list, so that it can grow: a file may bring a rule for each of its entries. */
  readonly #lists = new Map<Growing | Node | null, Node[]>();
  #rules = 0;

  constructor(source: Source, about: About) {
    this.#source = source;
    this.about = about;
  }

  put(path: readonly string[], at: Place, node: Node): void {
    this.#tableOf(path, at).fields.set(path.at(-1) ?? "", { at, node });
  }

  /** To a list, which is begun where there is none. */
  add(path: readonly string[], at: Place, items: readonly Node[]): void {
    const key = path.at(-1) ?? "";
    const { fields } = this.#tableOf(path, at);
    const known = this.#lists.get(fields.get(key)?.node ?? null);
    const list = known ?? [];
    if (known === undefined) {
      const node: Node = { kind: "array", at, items: list };
      this.#lists.set(node, list);
      fields.set(key, { at, node });
    }
    for (const item of items) list.push(item);
  }

  /** A `[[rule]]` for what the lists of the sections can not say. */
  addRule(at: Place, name: string, fields: Readonly<Record<string, Node>>): void {
    const id = `dialect-${name.replace(/[^A-Za-z0-9_.-]+/g, "-")}`.slice(0, 50);
    const all = { id: textNode(at, `${id}-${++this.#rules}`), ...fields };
    const entries = new Map(Object.entries(all).map(([key, node]) => [key, { at, node }]));
    this.add(["rule"], at, [{ kind: "table", at, entries }]);
  }

  note(at: Place, { message, hint }: Said): void {
    if (this.#notes.length >= MAX_NOTES) return;
    const found = { ...placeIn(this.#source, at), message };
    this.#notes.push(hint === undefined ? found : { ...found, hint });
  }

  /** What is true of every entry of a key is said at its first. */
  noteOnce(key: string, at: Place, said: Said): void {
    if (this.#once.has(key)) return;
    this.#once.add(key);
    this.note(at, said);
  }

  /** In file order; two at one place in the order in which they were found. */
  notes(): readonly PolicyProblem[] {
    return [...this.#notes].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  document(): TableNode {
    return grown(this.#top);
  }

  #tableOf(path: readonly string[], at: Place): Growing {
    let here = this.#top;
    for (const key of path.slice(0, -1)) {
      const there = here.fields.get(key)?.node;
      const next = there !== undefined && isGrowing(there) ? there : { at, fields: new Map() };
      if (next !== there) here.fields.set(key, { at, node: next });
      here = next;
    }
    return here;
  }
}

const grown = ({ at, fields }: Growing): TableNode => ({
  kind: "table",
  at,
  entries: new Map(
    [...fields].map(([key, field]) => [
      key,
      { at: field.at, node: isGrowing(field.node) ? grown(field.node) : field.node },
    ]),
  ),
});

export const textNode = (at: Place, value: string): Node => ({ kind: "string", at, value });

export const textsNode = (at: Place, ...values: readonly string[]): Node => ({
  kind: "array",
  at,
  items: values.map((value) => textNode(at, value)),
});

/** `when = { ATTRIBUTE = { OP = VALUE } }`. */
export function whenNode(at: Place, attribute: string, op: string, value: Node): Node {
  const tableOf = (key: string, node: Node): Node => ({ kind: "table", at, entries: new Map([[key, { at, node }]]) });
  return tableOf(attribute, tableOf(op, value));
}

/** User text in a message. */
export const quoted = (text: string): string => `\`${shown(text)}\``;
