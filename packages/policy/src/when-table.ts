/**
 * `when`: conditions on attributes of the call. What can never hold as written (another type, a relative path where
 * attributes are absolute, a host in capitals) does not load: a denial with such a condition would deny nothing.
 */
import { ALL_OPERATORS, attributesOf, attributeType, OPERATORS } from "./attributes.ts";
import { parseBytes } from "./byte-size.ts";
import type { AttributeType, Condition, Operator, Test } from "./condition.ts";
import { readRange } from "./entry.ts";
import { MEANT_ATTRIBUTES, MEANT_OPERATORS } from "./foreign-words.ts";
import { validateGlob } from "./glob-text.ts";
import { compileHost } from "./host-pattern.ts";
import { neverEqual } from "./operand.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { Place } from "./problem.ts";
import { found, type RawTable } from "./read-tables.ts";
import { readRegex } from "./regex.ts";
import type { Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import type { Node, TableNode } from "./toml.ts";
import { isTool } from "./tool-name.ts";

export interface WhenContext {
  readonly on: readonly Capability[];
  readonly denies: boolean;
  readonly places: PathPlaces;
}

/** The conditions that could be read; the others were reported. */
export function readWhen(table: RawTable, context: WhenContext): readonly Condition[] {
  const [node] = table.nodes("when");
  if (node?.kind !== "table") return [];
  if (node.entries.size === 0)
    table.report(node.at, "`when` has no condition", 'write `when = { bytes = { le = "1MB" } }`');
  return [...node.entries].flatMap(([attribute, field]) => {
    const type = typeOf(table, attribute, field.at, context.on);
    return type === null ? [] : readTests(new Reader(table, attribute, type, context), field.node);
  });
}

const QUOTED = 'write a quoted name with up to eight members: `"args.amount" = { le = 100 }`';

/** Null, and reported, where not every capability has it. */
function typeOf(table: RawTable, attribute: string, at: Place, on: readonly Capability[]): AttributeType | null {
  const types = on.map((one) => attributeType(one, attribute));
  const without = on.filter((_one, index) => types[index] === null);
  if (without.length === 0) return types[0] ?? null;
  if (on.every(isTool) && /^args(?:\.|$)/.test(attribute)) {
    table.report(at, `\`${shown(attribute)}\` is no member of a tool's arguments`, QUOTED);
    return null;
  }
  const common = Object.keys(on[0] === undefined ? {} : attributesOf(on[0])).filter((name) =>
    on.every((one) => Object.hasOwn(attributesOf(one), name)),
  );
  table.report(
    at,
    `\`${shown(attribute)}\` is no attribute of ${without.join(", ")}`,
    didYouMean(
      Object.hasOwn(MEANT_ATTRIBUTES, attribute) ? (MEANT_ATTRIBUTES[attribute] ?? attribute) : attribute,
      common,
    ) ?? (without.length < on.length ? "write a rule for the others" : `there are: ${common.join(", ")}`),
  );
  return null;
}

function readTests(reader: Reader, node: Node): readonly Condition[] {
  const { attribute } = reader;
  if (node.kind !== "table") {
    reader.report(node.at, `\`${attribute}\` takes a table of operators, not ${found(node)}`, reader.example(node));
    return [];
  }
  if (node.entries.size === 0) reader.report(node.at, `\`${attribute}\` has no operator`, reader.known());
  return [...node.entries].flatMap(([name, field]) => {
    const test = reader.read(name, field.at, field.node);
    return test === null ? [] : [{ attribute, test }];
  });
}

/** What a value must be. */
const TAKES: Readonly<Record<AttributeType, string>> = {
  string: "a string",
  int: "a whole number",
  bytes: 'a size, such as `"1MB"`',
  time: "a date, such as `2027-03-31T18:00:00Z`",
  strings: "a string",
  address: "a range",
  argument: "a string or a whole number",
};

class Reader {
  readonly attribute: string;
  readonly #table: RawTable;
  readonly #type: AttributeType;
  readonly #context: WhenContext;

  constructor(table: RawTable, attribute: string, type: AttributeType, context: WhenContext) {
    this.#table = table;
    this.attribute = attribute;
    this.#type = type;
    this.#context = context;
  }

  report(at: Place, message: string, hint?: string): null {
    this.#table.report(at, message, hint);
    return null;
  }

  known(): string {
    return `there are: ${OPERATORS[this.#type].join(", ")}`;
  }

  /** What the writer meant who left out the operator. */
  example(node: Node): string {
    const op =
      this.#type === "strings" ? "contains" : this.#type === "address" ? "cidr" : node.kind === "array" ? "in" : "eq";
    const values = (node.kind === "array" ? node.items : [node]).flatMap((one) =>
      one.kind === "string" || one.kind === "integer" ? [JSON.stringify(one.value)] : [],
    );
    const value =
      op === "in" || (op === "cidr" && node.kind === "array") ? `[${values.join(", ")}]` : (values[0] ?? "...");
    return `write \`${this.attribute} = { ${op} = ${shown(value)} }\``;
  }

  read(name: string, at: Place, node: Node): Test | null {
    const op = ALL_OPERATORS.find((one) => one === name);
    if (op === undefined) {
      const meant = Object.hasOwn(MEANT_OPERATORS, name) ? (MEANT_OPERATORS[name] ?? name) : name;
      return this.report(
        at,
        `\`${shown(name)}\` is no operator`,
        didYouMean(meant, OPERATORS[this.#type]) ?? this.known(),
      );
    }
    if (!OPERATORS[this.#type].includes(op)) {
      const kind = this.#type === "strings" ? "a list" : `of type ${this.#type}`;
      return this.report(at, `\`${op}\` does not fit \`${this.attribute}\`, which is ${kind}`, this.known());
    }
    return this.#test(op, node);
  }

  #test(op: Operator, node: Node): Test | null {
    switch (op) {
      case "eq":
      case "ne": {
        const value = this.#value(op, node);
        return value === null ? null : { op, value };
      }
      case "lt":
      case "le":
      case "gt":
      case "ge": {
        const value = this.#value(op, node);
        if (typeof value === "number") return { op, value };
        return value === null ? null : this.report(node.at, `\`${op}\` takes a whole number, not ${found(node)}`);
      }
      case "in":
      case "not_in": {
        const values = this.#list(op, node, (one) => this.#value(op, one));
        if (values === null || values.every((one) => typeof one === typeof values[0])) {
          return values === null ? null : { op, values };
        }
        return this.report(node.at, `\`${op}\` takes strings or whole numbers, not both`, "write two rules");
      }
      case "contains":
      case "starts_with":
      case "ends_with": {
        const value = this.#text(op, node);
        return value === null || !this.#isPart(op, value, node) ? null : { op, value };
      }
      case "regex":
        return this.#regex(node);
      case "glob": {
        const patterns = this.#several(op, node, (one) => this.#glob(one));
        return patterns === null ? null : { op, patterns: patterns.flat() };
      }
      case "cidr": {
        const ranges = this.#several(op, node, (one) => this.#range(one));
        return ranges === null ? null : { op, ranges: ranges.flat() };
      }
      case "exists":
        if (node.kind === "boolean") return { op, value: node.value };
        return this.report(node.at, `\`exists\` takes \`true\` or \`false\`, not ${found(node)}`);
    }
  }

  #value(op: string, node: Node): string | number | null {
    const value = this.#typed(node);
    if (value === null)
      return this.report(node.at, `\`${op}\` of \`${this.attribute}\` takes ${TAKES[this.#type]}, not ${found(node)}`);
    const never = neverEqual(this.attribute, value);
    return never === null ? value : this.report(node.at, never.message, never.hint);
  }

  #typed(node: Node): string | number | null {
    switch (this.#type) {
      case "string":
        return node.kind === "string" ? node.value : null;
      case "int":
        return node.kind === "integer" ? node.value : null;
      case "argument":
        return node.kind === "integer" || node.kind === "string" ? node.value : null;
      case "bytes":
        if (node.kind === "integer") return node.value >= 0 ? node.value : null;
        return node.kind === "string" ? parseBytes(node.value) : null;
      case "time":
        return node.kind === "date" && node.form !== "time" ? node.value : null;
      default:
        return null;
    }
  }

  #text(op: string, node: Node): string | null {
    if (node.kind !== "string") return this.report(node.at, `\`${op}\` takes a string, not ${found(node)}`);
    return node.value === "" ? this.report(node.at, `\`${op}\` takes some text; this is none`) : node.value;
  }

  /** Could any value of the attribute begin so? */
  #isPart(op: string, value: string, { at }: Node): boolean {
    const isRooted = this.attribute === "path" || this.attribute === "url_path";
    if (!isRooted || op !== "starts_with" || value.startsWith("/")) return true;
    const hint = `write \`${this.attribute} = { glob = ["${shown(value).replace(/\/*$/, "")}/**"] }\``;
    this.report(at, `\`${this.attribute}\` begins with \`/\`, so it never begins with \`${shown(value)}\``, hint);
    return false;
  }

  /** A list, or one value. */
  #several<T>(op: string, node: Node, read: (one: Node) => T | null): readonly T[] | null {
    return this.#list(op, node.kind === "array" ? node : { kind: "array", at: node.at, items: [node] }, read);
  }

  #list<T>(op: string, node: Node, read: (one: Node) => T | null): readonly T[] | null {
    if (node.kind !== "array")
      return this.report(node.at, `\`${op}\` takes a list, not ${found(node)}`, `write \`${op} = [...]\``);
    if (node.items.length === 0) return this.report(node.at, `\`${op}\` is empty, so it says nothing`);
    const values = node.items.map(read);
    return values.every((one) => one !== null) ? values : null;
  }

  #regex(node: Node): Test | null {
    const pattern = this.#text("regex", node);
    if (pattern === null || !this.#table.allows(node.at, 0)) return null;
    const read = readRegex(pattern);
    if (!read.ok) return this.report(node.at, read.message, read.hint);
    return this.#table.allows(node.at, read.size - pattern.length) ? { op: "regex", pattern } : null;
  }

  #glob(node: Node): readonly string[] | null {
    const text = this.#text("glob", node);
    if (text === null || !this.#table.allows(node.at, 0)) return null;
    if (this.attribute === "path") {
      const path = compilePath(text, this.#context.places, this.#context.denies);
      if (!path.ok) return this.report(node.at, path.message, path.hint);
      return this.#table.allows(node.at, path.patterns.length - 1) ? path.patterns : null;
    }
    if (this.attribute === "url_path") return this.#urlGlob(text, node);
    const problem = /[[\]{}\\]/.test(text) ? "knows `*` and `?` only" : validateGlob(text.replaceAll("/", "."));
    return problem === null ? [text] : this.report(node.at, `the pattern ${problem}`);
  }

  #urlGlob(text: string, { at }: TableNode | Node): readonly string[] | null {
    if (!text.startsWith("/")) return this.report(at, "a path begins with `/`", `write \`/${shown(text)}\``);
    const host = compileHost(`https://a.example${text}`, true);
    if (!host.ok) return this.report(at, host.message, host.hint);
    return this.#table.allows(at, host.patterns.length - 1) ? host.patterns.map(({ path }) => path ?? "/**") : null;
  }

  #range(node: Node): readonly string[] | null {
    const text = this.#text("cidr", node);
    const range = text === null ? null : readRange(text, true);
    if (range?.ok === false) return this.report(node.at, range.message, range.hint);
    return range?.values ?? null;
  }
}
