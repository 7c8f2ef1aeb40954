/** JSON with comments and trailing commas, as agent hosts read their settings, to a tree with places. */
import { placeFinder } from "@agent-run/policy";
import { Malformed, MOST_DEPTH, MOST_VALUES, type Place, type Tree } from "./tree.ts";

export function readJson(text: string): Tree {
  const reader = new JsonReader(text);
  const tree = reader.value(0);
  reader.end();
  return tree;
}

/** White space and comments, from where it is tried. */
const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\.)*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class JsonReader {
  readonly #text: string;
  readonly #places: (offset: number) => Place;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, "");
    this.#places = placeFinder(this.#text);
  }

  value(depth: number): Tree {
    this.#skip();
    const at = this.#place();
    if (++this.#values > MOST_VALUES) throw new Malformed(at, `the file holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) throw new Malformed(at, `values are nested more than ${MOST_DEPTH} deep`);
    if (this.#take("{")) return { kind: "map", at, entries: this.#members(depth) };
    if (this.#take("[")) return { kind: "list", at, items: this.#items(depth) };
    const text = this.#string();
    if (text !== null) return { kind: "text", at, value: text };
    const word = this.#match(WORD);
    if (word !== null) return word === "null" ? { kind: "nothing", at } : { kind: "flag", at, value: word === "true" };
    const number = this.#match(NUMBER);
    if (number !== null) return { kind: "number", at, value: Number(number) };
    throw this.#wrong("a value");
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#wrong("the end of the file");
  }

  #members(depth: number): Map<string, { at: Place; value: Tree }> {
    const entries = new Map<string, { at: Place; value: Tree }>();
    this.#skip();
    while (!this.#take("}")) {
      const at = this.#place();
      const key = this.#string();
      if (key === null) throw this.#wrong("a key in double quotes, or `}`");
      if (entries.has(key)) throw new Malformed(at, "the key stands here a second time");
      this.#skip();
      if (!this.#take(":")) throw this.#wrong("`:`");
      entries.set(key, { at, value: this.value(depth + 1) });
      this.#separate("}");
    }
    return entries;
  }

  #items(depth: number): Tree[] {
    const items: Tree[] = [];
    this.#skip();
    while (!this.#take("]")) {
      items.push(this.value(depth + 1));
      this.#separate("]");
    }
    return items;
  }

  #separate(end: string): void {
    this.#skip();
    const comma = this.#take(",");
    this.#skip();
    if (!comma && this.#text[this.#at] !== end) throw this.#wrong(`\`,\` or \`${end}\``);
  }

  #string(): string | null {
    const at = this.#place();
    const text = this.#match(STRING);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return value;
    } catch {
      // An escape that JSON does not have.
    }
    throw new Malformed(at, "not valid JSON: a string with a bad escape");
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found === "" ? null : found;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #place(): Place {
    return this.#places(this.#at);
  }

  #wrong(expected: string): Malformed {
    return new Malformed(this.#place(), `not valid JSON: expected ${expected}`);
  }
}
