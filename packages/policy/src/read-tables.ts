/**
 * Lists of tables to tables with a place for every value, driven by table-keys.ts: an unknown key, a key that is
 * missing and a value of another type are problems at their place, never skipped (DEFAULT-NO). What a table means is
 * judged by the file of its name (rule-table.ts, secret-table.ts, label-table.ts ...).
 * Long because each type of a value is judged here, with its own message.
 */
import { KEYS } from "./keys.ts";
import type { Place, Problems, Source } from "./problem.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { type FieldSpec, TABLE_TITLES, TABLES, type TableName } from "./table-keys.ts";
import type { Node, TableNode } from "./toml.ts";

export const TOP_TABLES = ["rule", "test", "never", "secret", "release", "label"] as const;
export type TopTable = (typeof TOP_TABLES)[number];
export const isTableName = (key: string): key is TopTable => TOP_TABLES.some((table) => table === key);

/** A text with where it stands. */
export interface Text {
  readonly text: string;
  readonly at: Place;
}

interface TableParts {
  readonly name: TableName;
  readonly index: number;
  readonly at: Place;
  readonly source: Source;
  readonly problems: Problems;
  readonly fields: Fields;
  readonly tables: ReadonlyMap<string, readonly RawTable[]>;
}

type Fields = ReadonlyMap<string, { readonly at: Place; readonly node: Node }>;

/** One table as written; what it gives is of the right type, and nothing where a problem was reported. */
export class RawTable {
  readonly name: TableName;
  /** Place in its list; 0 for inline tables. */
  readonly index: number;
  readonly at: Place;
  readonly source: Source;
  readonly #nodes: Fields;
  readonly #tables: ReadonlyMap<string, readonly RawTable[]>;
  readonly #problems: Problems;

  constructor({ name, index, at, source, problems, fields, tables }: TableParts) {
    this.name = name;
    this.index = index;
    this.at = at;
    this.source = source;
    this.#nodes = fields;
    this.#tables = tables;
    this.#problems = problems;
  }

  /** A problem at a place of this table's file. */
  report(at: Place, message: string, hint?: string | undefined): void {
    this.#problems.add(this.source, at, message, hint);
  }

  /** Counts what a text stands for beyond itself; false, and reported, where that is too much. */
  allows(at: Place, more: number): boolean {
    return this.#problems.allows(this.source, at, more);
  }

  has(key: string): boolean {
    return this.#nodes.has(key);
  }

  /** Of the value, or of the table where the key is missing. */
  placeOf(key: string): Place {
    return this.#nodes.get(key)?.node.at ?? this.at;
  }

  /** Of the key. */
  keyPlace(key: string): Place {
    return this.#nodes.get(key)?.at ?? this.at;
  }

  text(key: string): Text | null {
    const node = this.#nodes.get(key)?.node;
    return node?.kind === "string" ? { text: node.value, at: node.at } : null;
  }

  /** A list of texts; one text is a list of one. */
  texts(key: string): readonly Text[] {
    const node = this.#nodes.get(key)?.node;
    if (node?.kind === "string") return [{ text: node.value, at: node.at }];
    if (node?.kind !== "array") return [];
    return node.items.flatMap((item) => (item.kind === "string" ? [{ text: item.value, at: item.at }] : []));
  }

  /** A list was written, whatever it holds. */
  isList(key: string): boolean {
    return this.#nodes.get(key)?.node.kind === "array";
  }

  flag(key: string): boolean {
    const node = this.#nodes.get(key)?.node;
    return node?.kind === "boolean" && node.value;
  }

  count(key: string): number | null {
    const node = this.#nodes.get(key)?.node;
    return node?.kind === "integer" ? node.value : null;
  }

  range(key: string): readonly [number, number] | null {
    const node = this.#nodes.get(key)?.node;
    const [low, high] = node?.kind === "array" ? node.items : [];
    return low?.kind === "integer" && high?.kind === "integer" ? [low.value, high.value] : null;
  }

  /** Milliseconds since 1970. */
  date(key: string): number | null {
    const node = this.#nodes.get(key)?.node;
    return node?.kind === "date" && node.form !== "time" ? node.value : null;
  }

  /** One value, or those of a list. */
  nodes(key: string): readonly Node[] {
    const node = this.#nodes.get(key)?.node;
    if (node === undefined || (node.kind === "date" && node.form === "time")) return [];
    return node.kind === "array" ? node.items : [node];
  }

  /** Tables below `key`: of a list, or the one inline table. */
  tables(key: string): readonly RawTable[] {
    return this.#tables.get(key) ?? [];
  }
}

/** All tables of a list at the top of a policy. */
export function readTables(name: TableName, node: Node, source: Source, problems: Problems): readonly RawTable[] {
  const key = name.replace(/^.*\./, "");
  if (node.kind !== "array") {
    problems.add(
      source,
      node.at,
      `\`${key}\` takes a list of tables, not ${found(node)}`,
      `write \`${TABLE_TITLES[name]}\``,
    );
    return [];
  }
  return node.items.flatMap((item, index) => {
    if (item.kind === "table") return [readOne(name, index, item, source, problems)];
    problems.add(
      source,
      item.at,
      `\`${key}\` takes a list of tables; this is ${found(item)}`,
      `write \`${TABLE_TITLES[name]}\``,
    );
    return [];
  });
}

/** What other tools call keys of rules. */
const MEANT: Readonly<Record<string, string>> = {
  action: "effect",
  decision: "effect",
  capability: "on",
  capabilities: "on",
  operation: "on",
  file: "path",
  files: "path",
  url: "host",
  domain: "host",
  cmd: "command",
  var: "name",
  variable: "name",
  condition: "when",
  if: "when",
  unless: "except",
  until: "expires",
  description: "reason",
  hint: "advice",
};

function readOne(name: TableName, index: number, node: TableNode, source: Source, problems: Problems): RawTable {
  const specs = TABLES[name];
  const fields = new Map<string, { at: Place; node: Node }>();
  const tables = new Map<string, readonly RawTable[]>();
  for (const [key, field] of node.entries) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    if (spec === undefined) {
      const known = Object.hasOwn(KEYS, key)
        ? `\`${key}\` stands above the first \`[[...]]\` and \`[...]\``
        : `there are: ${Object.keys(specs).sort().join(", ")}`;
      const message = `unknown key \`${shown(key)}\` in \`${TABLE_TITLES[name]}\``;
      const meant = name === "rule" && Object.hasOwn(MEANT, key) ? (MEANT[key] ?? key) : key;
      problems.add(source, field.at, message, didYouMean(meant, Object.keys(specs)) ?? known);
      continue;
    }
    const problem = typeProblem(key, spec, field.node);
    if (problem !== null) {
      problems.add(source, problem.at, problem.message, problem.hint);
      // Present, so that nothing else is said about it.
      fields.set(key, { at: field.at, node: nothing(field.node.at) });
      continue;
    }
    fields.set(key, field);
    if (spec.of !== undefined && spec.type === "tables")
      tables.set(key, readTables(spec.of, field.node, source, problems));
    else if (spec.of !== undefined && field.node.kind === "table")
      tables.set(key, [readOne(spec.of, 0, field.node, source, problems)]);
  }
  for (const [key, { required, example }] of Object.entries(specs)) {
    if (required === true && !fields.has(key)) {
      problems.add(source, node.at, `\`${TABLE_TITLES[name]}\` lacks \`${key}\``, `write \`${example ?? key}\``);
    }
  }
  return new RawTable({ name, index, at: node.at, source, problems, fields, tables });
}

/** A time of day, which no key takes. */
const nothing = (at: Place): Node => ({ kind: "date", at, form: "time", value: 0 });

interface Mistyped {
  readonly at: Place;
  readonly message: string;
  readonly hint?: string;
}

function typeProblem(key: string, spec: FieldSpec, node: Node): Mistyped | null {
  const wrong = (takes: string, hint?: string): Mistyped => {
    const message = `\`${key}\` takes ${takes}, not ${found(node)}`;
    return hint === undefined ? { at: node.at, message } : { at: node.at, message, hint };
  };
  switch (spec.type) {
    case "text":
      return node.kind === "string" ? null : wrong("a string");
    case "texts":
      return node.kind === "array" ? listProblem(key, node.items) : wrong("a list of strings", listHint(key, node));
    case "text or texts":
      if (node.kind === "string") return null;
      return node.kind === "array" ? listProblem(key, node.items) : wrong("a string or a list of strings");
    case "flag":
      return node.kind === "boolean" ? null : wrong("`true` or `false`");
    case "count":
      return countProblem(key, spec, node);
    case "choice":
      return choiceProblem(key, spec, node);
    case "range":
      return rangeProblem(key, node);
    case "ports":
      return portsProblem(key, node);
    case "date":
      if (node.kind === "date" && node.form !== "time") return null;
      return wrong("a date", `write \`${key} = 2027-03-31\` or \`2027-03-31T18:00:00Z\`, without quotes`);
    case "conditions":
      return node.kind === "table" ? null : wrong("a table", `write \`${key} = { bytes = { le = "1MB" } }\``);
    case "call":
      return isCall(node) ? null : wrong("a call", `write \`${key} = { on = "fs.read", path = "src/a.ts" }\``);
    case "calls":
      return callsProblem(key, node);
    case "table":
      return node.kind === "table" ? null : wrong("a table", `write \`${key} = { ${exampleOf(spec)} }\``);
    case "text or table":
      return node.kind === "string" || node.kind === "table" ? null : wrong("a string or a table");
    case "tables":
      return null;
  }
}

const exampleOf = ({ of }: FieldSpec): string =>
  Object.values(of === undefined ? {} : TABLES[of]).find(({ example }) => example !== undefined)?.example ?? "...";

const listHint = (key: string, node: Node): string | undefined =>
  node.kind === "string" ? `write \`${key} = [${JSON.stringify(shown(node.value))}]\`` : undefined;

function listProblem(key: string, items: readonly Node[]): Mistyped | null {
  const item = items.find((one) => one.kind !== "string");
  return item === undefined
    ? null
    : { at: item.at, message: `\`${key}\` takes a list of strings; this is ${found(item)}` };
}

function countProblem(key: string, { min = 0, max = 0 }: FieldSpec, node: Node): Mistyped | null {
  if (node.kind !== "integer") return { at: node.at, message: `\`${key}\` takes a whole number, not ${found(node)}` };
  if (node.value >= min && node.value <= max) return null;
  return { at: node.at, message: `\`${key}\` must lie between ${min} and ${max}` };
}

function choiceProblem(key: string, { values = [] }: FieldSpec, node: Node): Mistyped | null {
  if (node.kind === "string" && values.includes(node.value)) return null;
  const words = values.map((value) => `"${value}"`).join(", ");
  const message = `\`${key}\` takes ${values.length > 1 ? "one of " : ""}${words}`;
  const hint = node.kind === "string" ? didYouMean(node.value, values) : undefined;
  return hint === undefined ? { at: node.at, message } : { at: node.at, message, hint };
}

const isCall = ({ kind }: Node): boolean => kind === "table" || kind === "string";

function callsProblem(key: string, node: Node): Mistyped | null {
  const hint = `write \`${key} = [{ on = "fs.read", path = "src/a.ts" }]\``;
  if (node.kind !== "array")
    return { at: node.at, message: `\`${key}\` takes a list of calls, not ${found(node)}`, hint };
  const item = node.items.find((one) => !isCall(one));
  return item === undefined
    ? null
    : { at: item.at, message: `\`${key}\` takes a list of calls; this is ${found(item)}`, hint };
}

function portsProblem(key: string, node: Node): Mistyped | null {
  const isPort = (one: Node) =>
    (one.kind === "string" && one.value === "*") || (one.kind === "integer" && one.value >= 1 && one.value <= 65_535);
  const wrong = (node.kind === "array" ? node.items : [node]).find((one) => !isPort(one));
  if (wrong === undefined) return null;
  return {
    at: wrong.at,
    message: `\`${key}\` takes ports from 1 to 65535`,
    hint: `write \`${key} = 8443\`, or \`"*"\` for every port`,
  };
}

function rangeProblem(key: string, node: Node): Mistyped | null {
  const message = `\`${key}\` takes two whole numbers, the smaller first`;
  const wrong = { at: node.at, message, hint: `write \`${key} = [0, 100]\`` };
  if (node.kind !== "array" || node.items.length !== 2) return wrong;
  const [low, high] = node.items;
  return low?.kind === "integer" && high?.kind === "integer" && low.value <= high.value ? null : wrong;
}

/** What stands there, for messages. */
export function found(node: Node): string {
  if (node.kind === "integer") return "an integer";
  if (node.kind === "date" && node.form === "time") return "a time of day";
  return node.kind === "array" ? "a list" : `a ${node.kind}`;
}
