/**
 * YAML to a tree with places. What this guards: aliases are followed as often as they are written, but every value that
 * they bring counts, so a file of ten lines can not become a billion values; tags and keys that are no texts are refused.
 */
import { Alias, type Document, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import { Malformed, MOST_DEPTH, MOST_VALUES, type Place, type Tree } from "./tree.ts";

export function readYaml(text: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: false,
    uniqueKeys: true,
    schema: "core",
    logLevel: "silent",
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Malformed({ line, column: col }, `not valid YAML: ${firstLine(error.message)}`);
  }
  return new YamlReader(document, lines).read(document.contents, 0);
}

const firstLine = (message: string): string =>
  (message.split("\n")[0] ?? "")
    .replace(/ at line \d+, column \d+:?$/, "")
    .replace(/[.:]$/, "")
    .replace(/^./, (one) => one.toLowerCase());

/** Flags in YAML 1.1, which the tools read that wrote these files; a condition on one holds of no text. */
const OLD_FLAG = /^(?:yes|no|on|off|Yes|No|On|Off|YES|NO|ON|OFF)$/;

class YamlReader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  #values = 0;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(node: Node | null | undefined | unknown, depth: number): Tree {
    const at = this.#placeOf(node);
    if (++this.#values > MOST_VALUES) throw new Malformed(at, `the file holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) throw new Malformed(at, `values are nested more than ${MOST_DEPTH} deep`);
    if (node instanceof Alias) return this.#follow(node, at, depth);
    if (isMap(node)) return { kind: "map", at, entries: this.#entries(node.items as Pair[], depth) };
    if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => this.read(item, depth + 1)) };
    if (isScalar(node) && node.type === "PLAIN" && typeof node.value === "string" && OLD_FLAG.test(node.value))
      return { kind: "flag", at, value: /^(?:yes|on)$/i.test(node.value) };
    return leafOf(isScalar(node) ? node.value : null, at);
  }

  #follow(alias: Alias, at: Place, depth: number): Tree {
    const meant = alias.resolve(this.#document);
    if (meant === undefined) throw new Malformed(at, `the alias \`*${alias.source}\` means nothing`);
    // Of the place of the alias, which is where a reader of the file would look.
    return { ...this.read(meant, depth + 1), at };
  }

  #entries(pairs: readonly Pair[], depth: number): Map<string, { at: Place; value: Tree }> {
    const own = new Map<string, { at: Place; value: Tree }>();
    const merged: Tree[] = [];
    for (const { key, value } of pairs) {
      const at = this.#placeOf(key);
      const name = isScalar(key) ? key.value : null;
      const read = this.read(value, depth + 1);
      if (name === "<<") merged.push(...(read.kind === "list" ? read.items : [read]));
      else if (typeof name === "string" || typeof name === "number") own.set(String(name), { at, value: read });
      else throw new Malformed(at, "a key that is no text");
    }
    for (const one of merged) {
      if (one.kind !== "map") throw new Malformed(one.at, "`<<` takes a mapping");
      for (const [name, entry] of one.entries) if (!own.has(name)) own.set(name, entry);
    }
    return own;
  }

  #placeOf(node: unknown): Place {
    const range = typeof node === "object" && node !== null && "range" in node ? (node.range as [number] | null) : null;
    if (range === null || range === undefined) return { line: 1, column: 1 };
    const { line, col } = this.#lines.linePos(range[0]);
    return { line, column: col };
  }
}

function leafOf(value: unknown, at: Place): Tree {
  if (typeof value === "string") return { kind: "text", at, value };
  if (typeof value === "number") return { kind: "number", at, value };
  if (typeof value === "boolean") return { kind: "flag", at, value };
  return { kind: "nothing", at };
}
