/**
 * A document to its entries and values, driven by the key table: an unknown key, a wrong type, a value out of range
 * and a key that this version does not have are problems at their place, never skipped (DEFAULT-NO). What an entry
 * means (a path, a host) is judged in entry.ts.
 */
import { isDialect, readDialect } from "./dialect.ts";
import { readName } from "./entry.ts";
import { ALIASES, FOREIGN_NAMES, KEYS, type KeyPath, type KeySpec, LATER } from "./keys.ts";
import { type Place, type Problems, type Source, START } from "./problem.ts";
import { found, isTableName, type RawTable, readTables, TOP_TABLES, type TopTable } from "./read-tables.ts";
import { readScalar, type ScalarValue } from "./scalar.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import type { Node, TableNode } from "./toml.ts";
import type { PolicyProblem } from "./world.ts";

/** Each takes some microseconds to compile, and a kilobyte: a text of two megabytes could hold half a million. */
const MAX_ENTRIES = 50_000;

/** One text of a list, with where it stands. */
export interface Entry {
  readonly key: KeyPath;
  /** What stands for `NAME` in the key. */
  readonly name: string | null;
  readonly index: number;
  readonly text: string;
  readonly at: Place;
}

export interface Scalar {
  readonly key: KeyPath;
  readonly name: string | null;
  readonly value: ScalarValue;
  readonly at: Place;
}

export interface FileValues {
  readonly entries: readonly Entry[];
  readonly scalars: readonly Scalar[];
  readonly tables: readonly RawTable[];
  /** What means something else here than in the dialect that the file is written in. */
  readonly notes: readonly PolicyProblem[];
}

/** Null for a file of another dialect that can not be read. */
export function readDocument(document: TableNode, source: Source, problems: Problems): FileValues | null {
  const dialect = isDialect(document) ? readDialect(document, source, problems) : { document, notes: [] };
  if (dialect === null) return null;
  const reader = new Reader(source, problems);
  reader.requireVersion(dialect.document);
  reader.readTable(dialect.document, TREE, [], null);
  if (reader.entries.length + reader.tables.length > MAX_ENTRIES) {
    problems.add(source, START, `the policy has more than ${MAX_ENTRIES} entries and tables`);
    return null;
  }
  return { entries: reader.entries, scalars: reader.scalars, tables: reader.tables, notes: dialect.notes };
}

/** How the policy language calls a key: `subprocess.deny_args.git`, quoted where TOML would quote. */
export function keyText(key: KeyPath, name: string | null): string {
  if (name === null) return key;
  return key.replace("NAME", () => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)));
}

interface Branch {
  readonly children: Map<string, Branch>;
  /** What stands under `NAME`. */
  any: Branch | null;
  key: KeyPath | null;
}

const TREE = growTree();

function growTree(): Branch {
  const top = newBranch();
  const grow = (path: string, key: KeyPath) => {
    let here = top;
    for (const part of path.split(".")) {
      let next = part === "NAME" ? here.any : (here.children.get(part) ?? null);
      if (next === null) {
        next = newBranch();
        if (part === "NAME") here.any = next;
        else here.children.set(part, next);
      }
      here = next;
    }
    here.key = key;
  };
  for (const key of Object.keys(KEYS) as KeyPath[]) grow(key, key);
  for (const [alias, key] of Object.entries(ALIASES)) grow(alias, key);
  return top;
}

function newBranch(): Branch {
  return { children: new Map(), any: null, key: null };
}

class Reader {
  readonly entries: Entry[] = [];
  readonly scalars: Scalar[] = [];
  readonly tables: RawTable[] = [];
  /** Keys that were read, to catch a key and its alias side by side. */
  readonly #seen = new Map<string, readonly string[]>();
  readonly #source: Source;
  readonly #problems: Problems;

  constructor(source: Source, problems: Problems) {
    this.#source = source;
    this.#problems = problems;
  }

  requireVersion(document: TableNode): void {
    if (document.entries.has("version")) return;
    this.#report({ line: 1, column: 1 }, "`version` is missing", "begin the policy with `version = 1`");
  }

  readTable(table: TableNode, branch: Branch, path: readonly string[], name: string | null): void {
    for (const [key, { at, node }] of table.entries) {
      const known = branch.children.get(key);
      const child = known ?? branch.any;
      const here = [...path, key];
      const named = known === undefined && child !== null ? this.#readName(path.join("."), key, at) : name;
      if (child === null) {
        if (path.length === 0 && LATER.has(key)) this.#reportLater(key, node, at);
        else if (path.length === 0 && isTableName(key)) this.#readTables(key, node);
        else this.#reportUnknown(at, () => [`unknown ${unknownName(key, node, path)}`, hintFor(key, branch, path)]);
      } else if (child.key !== null) this.#readValue(child.key, node, at, here, named);
      else if (node.kind === "table") this.readTable(node, child, here, named);
      else
        this.#report(
          node.at,
          `\`${shown(key)}\` takes a table, not ${found(node)}`,
          `write \`[${here.map(shown).join(".")}]\``,
        );
    }
  }

  #readName(table: string, key: string, at: Place): string {
    const name = readName(table, key);
    if (name.ok) return name.name;
    this.#report(at, name.message, name.hint);
    return key;
  }

  #readValue(key: KeyPath, node: Node, at: Place, path: readonly string[], name: string | null): void {
    const other = this.#seen.get(keyText(key, name));
    if (other !== undefined) {
      const written = [path, other].map((one) => `\`${one.map(shown).join(".")}\``);
      this.#report(at, `${written.join(" and ")} are the same key`, "keep one of them");
      return;
    }
    this.#seen.set(keyText(key, name), path);
    const spec: KeySpec = KEYS[key];
    const written = path.at(-1) ?? "";
    // Only what stands for `NAME` is the writer's own text.
    const last = key.endsWith("NAME") ? shown(written) : written;
    if (spec.type === "list") this.#readList(key, node, last, name);
    else {
      const read = readScalar(key, spec, node, last);
      if (read.ok) this.scalars.push({ key, name, value: read.value, at: node.at });
      else this.#report(node.at, read.message, read.hint);
    }
  }

  #readList(key: KeyPath, node: Node, last: string, name: string | null): void {
    if (node.kind !== "array") {
      const hint = node.kind === "string" ? `write \`${last} = [${JSON.stringify(shown(node.value))}]\`` : undefined;
      this.#report(node.at, `\`${last}\` takes a list of strings, not ${found(node)}`, hint);
      return;
    }
    for (const [index, item] of node.items.entries()) {
      if (item.kind === "string") this.entries.push({ key, name, index, text: item.value, at: item.at });
      else this.#report(item.at, `\`${last}\` takes a list of strings; this is ${found(item)}`);
    }
  }

  #readTables(table: TopTable, node: Node): void {
    this.tables.push(...readTables(table, node, this.#source, this.#problems));
  }

  /** What a slip may have meant takes long to find, and a hostile file may have very many. */
  #reportUnknown(at: Place, says: () => readonly [message: string, hint: string | undefined]): void {
    const [message, hint] = this.#problems.isFull ? ["", undefined] : says();
    this.#report(at, message, hint);
  }

  #reportLater(key: string, node: Node, at: Place): void {
    const table = node.kind === "array" ? `[[${key}]]` : node.kind === "table" ? `[${key}]` : key;
    this.#report(at, `\`${table}\` is not available in this version`, "remove it, or use a version that has it");
  }

  #report(at: Place, message: string, hint?: string): void {
    this.#problems.add(this.#source, at, message, hint);
  }
}

function unknownName(key: string, node: Node, path: readonly string[]): string {
  if (path.length === 0 && node.kind === "table") return `section \`[${shown(key)}]\``;
  return `key \`${shown(key)}\` ${placeName(path)}`;
}

const placeName = (path: readonly string[]): string =>
  path.length === 0 ? "at the top of the policy" : `in \`[${path.map(shown).join(".")}]\``;

/** A name of another tool, a key that stands in another section, or a typing slip. */
function hintFor(key: string, branch: Branch, path: readonly string[]): string | undefined {
  const foreign = Object.hasOwn(FOREIGN_NAMES, key) ? FOREIGN_NAMES[key] : undefined;
  const meant = foreign ?? key;
  if (branch.children.has(meant)) return `did you mean \`${meant}\`?`;
  const near = didYouMean(key, [...branch.children.keys(), ...(path.length === 0 ? [...LATER, ...TOP_TABLES] : [])]);
  const homes = Object.keys(KEYS).filter((known) => known.split(".").at(-1) === meant);
  if (homes.length === 0) return near ?? `there are: ${[...branch.children.keys()].sort().slice(0, 12).join(", ")}`;
  const sections = homes.map((known) => known.split(".").slice(0, -1).join("."));
  if (sections.includes("")) return `\`${meant}\` belongs at the top, before the first \`[section]\``;
  return `\`${meant}\` belongs in ${sections.map((section) => `\`[${section}]\``).join(" or ")}`;
}
