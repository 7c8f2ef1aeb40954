/**
 * Text to a document with a place for every key and value. Two parsers read every policy: smol-toml gives the values,
 * toml-eslint-parser gives the places (or, of plain texts, plain-toml.ts), and where they disagree on a key, a shape or a value the load is refused, so
 * that no text can mean one thing to the reader of an error message and another to the rules (DEFAULT-NO).
 * Never throws: whatever a parser throws becomes a problem.
 */
import { parse, TomlDate, TomlError } from "smol-toml";
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import {
  type PlainLeaf,
  readPlainToml,
  type TomlContent,
  type TomlKey,
  type TomlPair,
  type TomlPart,
  type TomlTable,
} from "./plain-toml.ts";
import { type Place, type Problems, placeFinder, type Source, START } from "./problem.ts";
import { hasLoneSurrogate } from "./spelling.ts";
import { tomlHint } from "./toml-hint.ts";

export type Node =
  | TableNode
  | { readonly kind: "array"; readonly at: Place; readonly items: readonly Node[] }
  | { readonly kind: "string"; readonly at: Place; readonly value: string }
  | { readonly kind: "integer" | "float"; readonly at: Place; readonly value: number }
  | { readonly kind: "boolean"; readonly at: Place; readonly value: boolean }
  | DateNode;

/** A date or a date-time without an offset is one of UTC; a time of day is no point in time, and its value says nothing. */
export interface DateNode {
  readonly kind: "date";
  readonly at: Place;
  readonly form: "date" | "date-time" | "time";
  /** Milliseconds since 1970. */
  readonly value: number;
}

export interface TableNode {
  readonly kind: "table";
  readonly at: Place;
  /** In file order; a Map, so that `__proto__` and `constructor` are keys like any other. */
  readonly entries: ReadonlyMap<string, { readonly at: Place; readonly node: Node }>;
}

/**
 * Characters. What people review is far below; it leaves room for ten thousand generated rules, and the worst text of this
 * length takes both parsers seconds and less memory than a thread may have.
 */
const MAX_TEXT = 2 * 1024 * 1024;
/** Of inline values, and of keys. Policies need 4; the limit keeps every later walk off the stack's end. */
const MAX_DEPTH = 32;

/** `most`: characters, for files that hold more than a policy may. */
export function readToml(source: Source, problems: Problems, most?: number): TableNode | null {
  const text = source.text.replace(/^\uFEFF/, "");
  if (text.length > (most ?? MAX_TEXT)) {
    const what = most === undefined ? "policy" : "file";
    problems.add(source, START, `the ${what} is larger than ${(most ?? MAX_TEXT) / 1024} KiB`);
    return null;
  }
  if (hasLoneSurrogate(text)) {
    problems.add(source, placeFinder(text)(text.search(/\p{Surrogate}/u)), "not valid text: half of a surrogate pair");
    return null;
  }
  try {
    const values = parse(text, { integersAsBigInt: true, maxDepth: MAX_DEPTH });
    const parts = readPlainToml(text) ?? parseTOML(text, { tomlVersion: "1.0" }).body[0].body;
    return pairTable(draftOf(parts, placeFinder(text)), values);
  } catch (error) {
    const { at, message, hint } = describe(error, text);
    problems.add(source, at, message, hint);
    return null;
  }
}

/** Thrown inside this file only; `readToml` turns it into a problem. */
class Refusal extends Error {
  readonly at: Place;
  constructor(at: Place, message: string) {
    super(message);
    this.at = at;
  }
}

interface Described {
  readonly at: Place;
  readonly message: string;
  readonly hint?: string | undefined;
}

function describe(error: unknown, text: string): Described {
  if (error instanceof Refusal) return { at: error.at, message: error.message };
  if (error instanceof TomlError) {
    const [says = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    const at = { line: error.line, column: error.column };
    return { at, message: `not valid TOML: ${says.replace(/\.$/, "")}`, hint: hintFor(says, text, at) };
  }
  if (error instanceof ParseError) {
    const says = error.message.charAt(0).toLowerCase() + error.message.slice(1);
    const at = placeFinder(text)(error.index);
    return { at, message: `not valid TOML 1.0: ${says}`, hint: hintFor(says, text, at) };
  }
  return { at: longestLine(text), message: "not readable as TOML: a value is too long or nested too deeply" };
}

const hintFor = (says: string, text: string, at: Place): string | undefined =>
  /redefine/.test(says) ? "it stands above already: join the two, or delete one" : tomlHint(text, at);

/** Where a parser gave up without a place, it was for the length of what it read. */
function longestLine(text: string): Place {
  const lines = text.split("\n").map(({ length }, index) => ({ length, index }));
  const longest = lines.reduce((a, b) => (b.length > a.length ? b : a));
  return { line: longest.index + 1, column: 1 };
}

/** What the second parser saw: places, shape and its own reading of each value. */
type Draft =
  | { readonly at: Place; readonly entries: Map<string, DraftEntry> }
  | { readonly at: Place; readonly items: Draft[] }
  | { readonly at: Place; readonly leaf: Leaf };
type Leaf = AST.TOMLValue | PlainLeaf;
type DraftEntry = { readonly at: Place; readonly draft: Draft };
type Where = (offset: number) => Place;

function draftOf(parts: readonly TomlPart<Leaf>[], where: Where): Draft {
  const top: Draft = { at: START, entries: new Map() };
  for (const part of parts) {
    if (part.type === "TOMLKeyValue") place(top, part, where);
    else table(top, part, where);
  }
  return top;
}

function table(top: Draft, part: TomlTable<Leaf>, where: Where): void {
  let here = descend(top, part.key.keys.slice(0, -1), where);
  const key = part.key.keys.at(-1);
  if (key === undefined) return;
  const at = where(key.range[0]);
  if (part.kind === "array") {
    const list = open(here, nameOf(key), at, () => ({ at, items: [] }));
    if (!("items" in list)) throw new Refusal(at, DISAGREE);
    here = { at, entries: new Map() };
    list.items.push(here);
  } else here = open(here, nameOf(key), at, () => ({ at, entries: new Map() }));
  for (const pair of part.body) place(here, pair, where);
}

function place(here: Draft, pair: TomlPair<Leaf>, where: Where): void {
  const table = descend(here, pair.key.keys.slice(0, -1), where);
  const key = pair.key.keys.at(-1);
  if (key === undefined) return;
  const at = where(key.range[0]);
  // Both parsers refuse that; where they did not, no one could say which of the two values counts.
  if ("entries" in table && table.entries.has(nameOf(key))) throw new Refusal(at, DISAGREE);
  open(table, nameOf(key), at, () => draftValue(pair.value, where));
}

/** As deep as the first parser let values be nested. */
function draftValue(node: TomlContent<Leaf>, where: Where): Draft {
  const at = where(node.range[0]);
  if (node.type === "TOMLValue") return { at, leaf: node };
  if (node.type === "TOMLArray") return { at, items: node.elements.map((one) => draftValue(one, where)) };
  const inline: Draft = { at, entries: new Map() };
  for (const pair of node.body) place(inline, pair, where);
  return inline;
}

/** Walks dotted keys; in an array of tables the last table is meant. */
function descend(from: Draft, keys: readonly TomlKey[], where: Where): Draft {
  let here = from;
  const [first] = keys;
  if (first !== undefined && keys.length > MAX_DEPTH) throw new Refusal(where(first.range[0]), TOO_DEEP);
  for (const key of keys) {
    const at = where(key.range[0]);
    here = open(here, nameOf(key), at, () => ({ at, entries: new Map() }));
    if ("items" in here) here = here.items.at(-1) ?? here;
  }
  return here;
}

function open(inside: Draft, name: string, at: Place, make: () => Draft): Draft {
  if (!("entries" in inside)) throw new Refusal(at, DISAGREE);
  const there = inside.entries.get(name);
  if (there !== undefined) return there.draft;
  const draft = make();
  inside.entries.set(name, { at, draft });
  return draft;
}

const nameOf = (key: TomlKey): string => (key.type === "TOMLBare" ? key.name : key.value);

const DISAGREE = "two TOML parsers read this place differently; write it in a plainer way";
const TOO_DEEP = `tables and lists are nested more than ${MAX_DEPTH} deep`;

function pairTable(draft: Draft, values: object): TableNode {
  if (!("entries" in draft)) throw new Refusal(draft.at, DISAGREE);
  const byName = new Map<string, unknown>(Object.entries(values));
  if (byName.size !== draft.entries.size) throw new Refusal(draft.at, DISAGREE);
  const entries = new Map<string, { at: Place; node: Node }>();
  for (const [name, entry] of draft.entries) {
    if (!byName.has(name)) throw new Refusal(entry.at, DISAGREE);
    entries.set(name, { at: entry.at, node: pair(entry.draft, byName.get(name)) });
  }
  return { kind: "table", at: draft.at, entries };
}

function pair(draft: Draft, value: unknown): Node {
  const { at } = draft;
  if (Array.isArray(value)) {
    if (!("items" in draft) || draft.items.length !== value.length) throw new Refusal(at, DISAGREE);
    return { kind: "array", at, items: draft.items.map((item, index) => pair(item, value[index])) };
  }
  if (typeof value === "object" && value !== null && !(value instanceof TomlDate)) return pairTable(draft, value);
  if (!("leaf" in draft)) throw new Refusal(at, DISAGREE);
  return pairLeaf(draft.leaf, value, at);
}

function pairLeaf(leaf: Leaf, value: unknown, at: Place): Node {
  if (typeof value === "string" && leaf.kind === "string" && leaf.value === value) return { kind: "string", at, value };
  if (typeof value === "boolean" && leaf.kind === "boolean" && leaf.value === value) {
    return { kind: "boolean", at, value };
  }
  if (typeof value === "bigint" && leaf.kind === "integer" && leaf.bigint === value) {
    if (!Number.isSafeInteger(Number(value))) throw new Refusal(at, "the number is too large");
    return { kind: "integer", at, value: Number(value) };
  }
  if (typeof value === "number" && leaf.kind === "float" && Object.is(leaf.value, value)) {
    return { kind: "float", at, value };
  }
  if (value instanceof TomlDate && "datetime" in leaf) return pairDate(leaf.datetime, value, at);
  throw new Refusal(at, DISAGREE);
}

/** The second parser keeps the text, which is read again: its own value takes a local date for one of this machine. */
function pairDate(text: string, value: TomlDate, at: Place): DateNode {
  const again = new TomlDate(text.toUpperCase().replace(" ", "T"));
  const time = value.getTime();
  if (again.getTime() !== time || again.isDate() !== value.isDate() || again.isTime() !== value.isTime()) {
    throw new Refusal(at, DISAGREE);
  }
  const form = value.isDate() ? "date" : value.isTime() ? "time" : "date-time";
  return { kind: "date", at, form, value: time };
}
