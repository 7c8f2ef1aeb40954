/** JSON with comments and trailing commas, as agent hosts read their settings, to a tree with places. */
import { Cursor } from "./cursor.ts";
import { Malformed, type Place, type Tree } from "./tree.ts";

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
  readonly #cursor: Cursor;

  constructor(text: string) {
    this.#cursor = new Cursor(text, SPACE);
  }

  value(depth: number): Tree {
    const at = this.#cursor.enter(depth);
    if (this.#cursor.take("{")) return { kind: "map", at, entries: this.#members(depth) };
    if (this.#cursor.take("[")) return { kind: "list", at, items: this.#items(depth) };
    const text = this.#string();
    if (text !== null) return { kind: "text", at, value: text };
    const word = this.#cursor.match(WORD)?.[0];
    if (word !== undefined)
      return word === "null" ? { kind: "nothing", at } : { kind: "flag", at, value: word === "true" };
    const number = this.#cursor.match(NUMBER)?.[0];
    if (number !== undefined) return { kind: "number", at, value: Number(number) };
    throw this.#wrong("a value");
  }

  end(): void {
    this.#cursor.skip();
    if (!this.#cursor.isAtEnd) throw this.#wrong("the end of the file");
  }

  #members(depth: number): Map<string, { at: Place; value: Tree }> {
    const entries = new Map<string, { at: Place; value: Tree }>();
    this.#cursor.skip();
    while (!this.#cursor.take("}")) {
      const at = this.#cursor.place();
      const key = this.#string();
      if (key === null) throw this.#wrong("a key in double quotes, or `}`");
      if (entries.has(key)) throw new Malformed(at, "the key stands here a second time");
      this.#cursor.skip();
      if (!this.#cursor.take(":")) throw this.#wrong("`:`");
      entries.set(key, { at, value: this.value(depth + 1) });
      this.#separate("}");
    }
    return entries;
  }

  #items(depth: number): Tree[] {
    const items: Tree[] = [];
    this.#cursor.skip();
    while (!this.#cursor.take("]")) {
      items.push(this.value(depth + 1));
      this.#separate("]");
    }
    return items;
  }

  #separate(end: string): void {
    if (!this.#cursor.separates(end)) throw this.#wrong(`\`,\` or \`${end}\``);
  }

  #string(): string | null {
    const at = this.#cursor.place();
    const text = this.#cursor.match(STRING)?.[0];
    if (text === undefined) return null;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return value;
    } catch {
      // An escape that JSON does not have.
    }
    throw new Malformed(at, "not valid JSON: a string with a bad escape");
  }

  #wrong(expected: string): Malformed {
    return new Malformed(this.#cursor.place(), `not valid JSON: expected ${expected}`);
  }
}
