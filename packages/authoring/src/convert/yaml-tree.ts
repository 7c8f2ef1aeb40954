/**
 * YAML to a tree with places. What this guards: aliases are followed as often as they are written, but every value that
 * they bring counts, so a file of ten lines can not become a billion values; tags and keys that are no texts are refused.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";
import { Malformed, MOST_DEPTH, MOST_VALUES, type Place, type Tree } from "./tree.ts";

export function readYaml(text: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: false,
    // Told by the reader: the parser compares each key with all before it.
    uniqueKeys: false,
    schema: "core",
    // With `silent` what stands in a second document would be left out without a word.
    logLevel: "error",
    // Excerpts of the text for each of its errors take quadratic time.
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    if (error.code === "MULTIPLE_DOCS") throw new Malformed({ line, column: col }, "the file holds several documents");
    throw new Malformed({ line, column: col }, `not valid YAML: ${firstLine(error.message)}`);
  }
  return new YamlReader(lines).read(document.contents, 0);
}

const firstLine = (message: string): string =>
  (message.split("\n")[0] ?? "")
    .replace(/ at line \d+, column \d+:?$/, "")
    .replace(/[.:]$/, "")
    .replace(/^./, (one) => one.toLowerCase());

/** Flags in YAML 1.1, which the tools read that wrote these files; a condition on one holds of no text. */
const OLD_FLAG = /^(?:yes|no|on|off|Yes|No|On|Off|YES|NO|ON|OFF)$/;

class YamlReader {
  readonly #lines: LineCounter;
  /** What an alias means here: the last node of that name before it. */
  readonly #anchors = new Map<string, unknown>();
  /** Inside what an alias brings, whose names were given where it stands. */
  #followed = 0;
  #values = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  read(node: unknown, depth: number): Tree {
    const at = this.#placeOf(node);
    if (++this.#values > MOST_VALUES) throw new Malformed(at, `the file holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) throw new Malformed(at, `values are nested more than ${MOST_DEPTH} deep`);
    if (isAlias(node)) return this.#follow(node.source, at, depth);
    if (this.#followed === 0 && (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node);
    if (isMap(node)) return { kind: "map", at, entries: this.#entries(node.items as Pair[], depth) };
    if (isSeq(node)) return { kind: "list", at, items: node.items.map((item) => this.read(item, depth + 1)) };
    if (isScalar(node) && node.type === "PLAIN" && typeof node.value === "string" && OLD_FLAG.test(node.value))
      return { kind: "flag", at, value: /^(?:yes|on)$/i.test(node.value) };
    return leafOf(isScalar(node) ? node.value : null, at);
  }

  #follow(name: string, at: Place, depth: number): Tree {
    const meant = this.#anchors.get(name);
    if (meant === undefined) throw new Malformed(at, `the alias \`*${name}\` means nothing`);
    this.#followed++;
    const tree = this.read(meant, depth + 1);
    this.#followed--;
    // Of the place of the alias, which is where a reader of the file would look.
    return { ...tree, at };
  }

  #entries(pairs: readonly Pair[], depth: number): Map<string, { at: Place; value: Tree }> {
    const own = new Map<string, { at: Place; value: Tree }>();
    const merged: Tree[] = [];
    for (const { key, value } of pairs) {
      const at = this.#placeOf(key);
      const name = isScalar(key) ? key.value : null;
      const read = this.read(value, depth + 1);
      if (name === "<<") merged.push(...(read.kind === "list" ? read.items : [read]));
      else if (typeof name !== "string" && typeof name !== "number") throw new Malformed(at, "a key that is no text");
      else if (own.has(String(name))) throw new Malformed(at, "the key stands here a second time");
      else own.set(String(name), { at, value: read });
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
