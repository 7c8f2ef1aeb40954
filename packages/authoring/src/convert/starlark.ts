/**
 * The part of Starlark that files of rules are made of: calls with texts, numbers, `True`, `False`, `None` and lists of
 * them, and comments. Anything else (names, operators, loops, functions) is a problem at its place: such a file is a
 * program, and what it would say can not be read off it.
 */
import { Cursor } from "./cursor.ts";
import { Malformed, type Place, type Tree } from "./tree.ts";

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

const BLANKS = /[ \t]+/y;
/** Of a statement. */
const END = /[ \t]*(?:;|#[^\n]*|\r?\n)/y;

class StarlarkReader {
  readonly #cursor: Cursor;

  constructor(text: string) {
    this.#cursor = new Cursor(text, SPACE);
  }

  calls(): readonly Call[] {
    const calls: Call[] = [];
    for (this.#cursor.skip(); !this.#cursor.isAtEnd; this.#cursor.skip()) calls.push(this.#call());
    return calls;
  }

  #call(): Call {
    const at = this.#cursor.place();
    const name = this.#cursor.match(NAME)?.[0];
    this.#cursor.skip();
    if (name === undefined || !this.#cursor.take("(")) {
      const message = "only calls such as `prefix_rule(...)` are read; this is something else";
      throw new Malformed(at, message, "write the rules out; a program's rules can not be read off it");
    }
    const args = this.#args(0);
    this.#endOfStatement();
    return { name, at, args };
  }

  #args(depth: number): Map<string, Tree> {
    const args = new Map<string, Tree>();
    for (this.#cursor.skip(); !this.#cursor.take(")"); this.#cursor.skip()) {
      const at = this.#cursor.place();
      const key = this.#cursor.match(NAME)?.[0];
      this.#cursor.skip();
      if (key === undefined || this.#cursor.sees("==") || !this.#cursor.take("=")) {
        throw new Malformed(at, "an argument is written `name = value`");
      }
      if (args.has(key)) throw new Malformed(at, `the argument \`${key}\` stands here a second time`);
      args.set(key, this.#value(depth + 1));
      this.#separate(")");
    }
    return args;
  }

  #value(depth: number): Tree {
    const at = this.#cursor.enter(depth);
    if (this.#cursor.take("[")) return { kind: "list", at, items: this.#items("]", depth) };
    if (this.#cursor.take("(")) return { kind: "list", at, items: this.#items(")", depth) };
    const text = this.#string();
    if (text !== null) return { kind: "text", at, value: text };
    const number = this.#cursor.match(INTEGER)?.[0];
    if (number !== undefined) return { kind: "number", at, value: Number(number) };
    const word = this.#cursor.match(NAME)?.[0];
    if (word === "True" || word === "False") return { kind: "flag", at, value: word === "True" };
    if (word === "None") return { kind: "nothing", at };
    throw new Malformed(at, "expected a text, a list, a number, `True`, `False` or `None`");
  }

  #items(end: string, depth: number): Tree[] {
    const items: Tree[] = [];
    for (this.#cursor.skip(); !this.#cursor.take(end); this.#cursor.skip()) {
      items.push(this.#value(depth + 1));
      this.#separate(end);
    }
    return items;
  }

  #separate(end: string): void {
    if (!this.#cursor.separates(end)) throw new Malformed(this.#cursor.place(), `expected \`,\` or \`${end}\``);
  }

  #endOfStatement(): void {
    if (this.#cursor.match(END) !== null) return;
    this.#cursor.match(BLANKS);
    if (!this.#cursor.isAtEnd) throw new Malformed(this.#cursor.place(), "expected the end of the line");
  }

  #string(): string | null {
    const at = this.#cursor.place();
    const [, raw = "", quotes] = this.#cursor.match(STRING) ?? [];
    if (quotes === undefined) return null;
    const width = /^("""|''')/.test(quotes) ? 3 : 1;
    const inner = quotes.slice(width, -width);
    const value =
      raw === "r"
        ? inner
        : inner.replace(/\\(\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (_all, one: string) => unescaped(one, at));
    if (/\p{Surrogate}/u.test(value)) throw new Malformed(at, "a text with half of a surrogate pair");
    return value;
  }
}

function unescaped(text: string, at: Place): string {
  if (text.endsWith("\n")) return "";
  if (/^[xu]./.test(text)) return String.fromCharCode(Number.parseInt(text.slice(1), 16));
  const known = ESCAPES[text];
  if (known === undefined) throw new Malformed(at, `the escape \`\\${text}\` is not known`);
  return known;
}
