/**
 * The part of Starlark that files of rules are made of: calls with texts, numbers, `True`, `False`, `None` and lists of
 * them, and comments. Anything else (names, operators, loops, functions) is a problem at its place: such a file is a
 * program, and what it would say can not be read off it.
 */
import { placeFinder } from "@agent-run/policy";
import { Malformed, MOST_DEPTH, MOST_VALUES, type Place, type Tree } from "./tree.ts";

export interface Call {
  readonly name: string;
  readonly at: Place;
  readonly args: ReadonlyMap<string, Tree>;
}

export function readStarlark(text: string): readonly Call[] {
  return new StarlarkReader(text).calls();
}

const SPACE = /(?:[ \t\r\n]+|#[^\n]*|\\\r?\n)*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const INTEGER = /-?\d{1,15}(?![\w.])/y;
const STRING = /(r?)("""(?:[^\\]|\\[\s\S])*?"""|'''(?:[^\\]|\\[\s\S])*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "0": "\0",
};

class StarlarkReader {
  readonly #text: string;
  readonly #places: (offset: number) => Place;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, "");
    this.#places = placeFinder(this.#text);
  }

  calls(): readonly Call[] {
    const calls: Call[] = [];
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) calls.push(this.#call());
    return calls;
  }

  #call(): Call {
    const at = this.#place();
    const name = this.#match(NAME);
    this.#skip();
    if (name === null || !this.#take("(")) {
      const message = "only calls such as `prefix_rule(...)` are read; this is something else";
      throw new Malformed(at, message, "write the rules out; a program's rules can not be read off it");
    }
    const args = this.#args(0);
    this.#endOfStatement();
    return { name, at, args };
  }

  #args(depth: number): Map<string, Tree> {
    const args = new Map<string, Tree>();
    for (this.#skip(); !this.#take(")"); this.#skip()) {
      const at = this.#place();
      const key = this.#match(NAME);
      this.#skip();
      if (key === null || this.#text[this.#at + 1] === "=" || !this.#take("=")) {
        throw new Malformed(at, "an argument is written `name = value`");
      }
      if (args.has(key)) throw new Malformed(at, `the argument \`${key}\` stands here a second time`);
      args.set(key, this.#value(depth + 1));
      this.#separate(")");
    }
    return args;
  }

  #value(depth: number): Tree {
    this.#skip();
    const at = this.#place();
    if (++this.#values > MOST_VALUES) throw new Malformed(at, `the file holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) throw new Malformed(at, `values are nested more than ${MOST_DEPTH} deep`);
    if (this.#take("[")) return { kind: "list", at, items: this.#items("]", depth) };
    if (this.#take("(")) return { kind: "list", at, items: this.#items(")", depth) };
    const text = this.#string();
    if (text !== null) return { kind: "text", at, value: text };
    const number = this.#match(INTEGER);
    if (number !== null) return { kind: "number", at, value: Number(number) };
    const word = this.#match(NAME);
    if (word === "True" || word === "False") return { kind: "flag", at, value: word === "True" };
    if (word === "None") return { kind: "nothing", at };
    throw new Malformed(at, "expected a text, a list, a number, `True`, `False` or `None`");
  }

  #items(end: string, depth: number): Tree[] {
    const items: Tree[] = [];
    for (this.#skip(); !this.#take(end); this.#skip()) {
      items.push(this.#value(depth + 1));
      this.#separate(end);
    }
    return items;
  }

  #separate(end: string): void {
    this.#skip();
    if (this.#take(",") || this.#text[this.#at] === end) return;
    throw new Malformed(this.#place(), `expected \`,\` or \`${end}\``);
  }

  #endOfStatement(): void {
    const rest = /[ \t]*(?:;|#[^\n]*|\r?\n|$)/y;
    if (this.#match(rest) === null && this.#at < this.#text.length) {
      throw new Malformed(this.#place(), "expected the end of the line");
    }
  }

  #string(): string | null {
    const at = this.#place();
    STRING.lastIndex = this.#at;
    const [whole, raw = "", quotes = ""] = STRING.exec(this.#text) ?? [];
    if (whole === undefined) return null;
    this.#at += whole.length;
    const width = /^("""|''')/.test(quotes) ? 3 : 1;
    const inner = quotes.slice(width, -width);
    const value =
      raw === "r"
        ? inner
        : inner.replace(/\\(\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (_all, one: string) => unescaped(one, at));
    if (/\p{Surrogate}/u.test(value)) throw new Malformed(at, "a text with half of a surrogate pair");
    return value;
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
}

function unescaped(text: string, at: Place): string {
  if (text.endsWith("\n")) return "";
  if (/^[xu]./.test(text)) return String.fromCharCode(Number.parseInt(text.slice(1), 16));
  const known = ESCAPES[text];
  if (known === undefined) throw new Malformed(at, `the escape \`\\${text}\` is not known`);
  return known;
}
