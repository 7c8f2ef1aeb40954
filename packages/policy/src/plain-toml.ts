/**
 * The second reading of a policy, for the TOML that policies are made of: bare and quoted keys, strings without escapes, whole
 * numbers, booleans, lists, inline tables, comments. It gives the tree that toml-eslint-parser gives, at the same places (a
 * test holds the two together), forty times as fast; at anything else it gives up, and that parser reads the text. What it
 * reads is compared with the first parser's values like everything (toml.ts), so a slip here is a refusal, not a rule.
 */
type Range = readonly [number, ...number[]];
export type TomlKey =
  | { readonly type: "TOMLBare"; readonly name: string; readonly range: Range }
  | { readonly type: "TOMLQuoted"; readonly value: string; readonly range: Range };
export type PlainLeaf = { readonly type: "TOMLValue"; readonly range: Range } & (
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "integer"; readonly bigint: bigint }
  | { readonly kind: "boolean"; readonly value: boolean }
);

/** `L`: what stands for single values. */
export interface TomlPair<L> {
  readonly type: "TOMLKeyValue";
  readonly key: { readonly keys: readonly TomlKey[] };
  readonly value: TomlContent<L>;
}
export type TomlContent<L> =
  | L
  | { readonly type: "TOMLArray"; readonly range: Range; readonly elements: readonly TomlContent<L>[] }
  | { readonly type: "TOMLInlineTable"; readonly range: Range; readonly body: readonly TomlPair<L>[] };
export interface TomlTable<L> {
  readonly type: "TOMLTable";
  readonly kind: "standard" | "array";
  readonly key: { readonly keys: readonly TomlKey[] };
  readonly body: readonly TomlPair<L>[];
}
export type TomlPart<L> = TomlPair<L> | TomlTable<L>;

/** Null: there is something in it that is not read here. `text`: what another parser took for TOML. */
export function readPlainToml(text: string): readonly TomlPart<PlainLeaf>[] | null {
  if (UNUSUAL.test(text)) return null;
  try {
    return new PlainReader(text).document();
  } catch (error) {
    if (error instanceof Other) return null;
    throw error;
  }
}

class Other extends Error {}

/** Control characters besides those of lines and blanks, and a return that ends no line. */
const UNUSUAL = /[^\P{Cc}\t\n\r]|\r(?!\n)/u;
const BLANK = /[ \t]*/y;
const BLANKS_AND_ENDS = /[ \t\r\n]*/y;
const COMMENT = /#[^\r\n]*/y;
const END_OF_LINE = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y;
const BARE = /[A-Za-z0-9_-]+/y;
const STRING = /"([^"\\\r\n]*)"(?!")|'([^'\r\n]*)'(?!')/y;
const INTEGER = /[+-]?(?:0|[1-9][0-9]*)(?![\w.:+-])/y;
const BOOLEAN = /(?:true|false)(?![\w.:+-])/y;

/** Longer ones than any policy needs. */
const MAX_STRING = 65_536;

class PlainReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): readonly TomlPart<PlainLeaf>[] {
    const parts: TomlPart<PlainLeaf>[] = [];
    let body: TomlPair<PlainLeaf>[] | null = null;
    for (;;) {
      this.#space();
      if (this.#at >= this.#text.length) return parts;
      if (this.#text[this.#at] === "[") {
        body = [];
        parts.push(this.#table(body));
      } else (body ?? parts).push(this.#pair());
      this.#need(END_OF_LINE);
    }
  }

  #table(body: readonly TomlPair<PlainLeaf>[]): TomlTable<PlainLeaf> {
    const isList = this.#text.startsWith("[[", this.#at);
    this.#at += isList ? 2 : 1;
    const keys = this.#keys();
    this.#take(isList ? "]]" : "]");
    return { type: "TOMLTable", kind: isList ? "array" : "standard", key: { keys }, body };
  }

  #pair(): TomlPair<PlainLeaf> {
    const keys = this.#keys();
    this.#take("=");
    this.#skip(BLANK);
    return { type: "TOMLKeyValue", key: { keys }, value: this.#value() };
  }

  /** With the blanks around them. */
  #keys(): readonly TomlKey[] {
    const keys: TomlKey[] = [];
    do {
      if (keys.length > 0) this.#at++;
      this.#skip(BLANK);
      const range = [this.#at] as const;
      const name = this.#find(BARE);
      if (name !== null) keys.push({ type: "TOMLBare", name, range });
      else keys.push({ type: "TOMLQuoted", value: this.#string(), range });
      this.#skip(BLANK);
    } while (this.#text[this.#at] === ".");
    return keys;
  }

  #value(): TomlContent<PlainLeaf> {
    const start = this.#at;
    const range = [start] as const;
    const first = this.#text[start];
    if (first === "[") return { type: "TOMLArray", range, elements: this.#elements() };
    if (first === "{") return { type: "TOMLInlineTable", range, body: this.#pairs() };
    if (first === '"' || first === "'") return { type: "TOMLValue", kind: "string", value: this.#string(), range };
    const integer = this.#find(INTEGER);
    if (integer !== null) return { type: "TOMLValue", kind: "integer", bigint: BigInt(integer), range };
    const truth = this.#need(BOOLEAN);
    return { type: "TOMLValue", kind: "boolean", value: truth === "true", range };
  }

  #elements(): readonly TomlContent<PlainLeaf>[] {
    const elements: TomlContent<PlainLeaf>[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === "]") break;
      elements.push(this.#value());
      this.#space();
      if (this.#text[this.#at] === "]") break;
      this.#take(",");
    }
    this.#at++;
    return elements;
  }

  /** TOML 1.0: on one line, and no comma at the end. */
  #pairs(): readonly TomlPair<PlainLeaf>[] {
    const pairs: TomlPair<PlainLeaf>[] = [];
    this.#at++;
    this.#skip(BLANK);
    if (this.#text[this.#at] !== "}") {
      for (;;) {
        pairs.push(this.#pair());
        this.#skip(BLANK);
        if (this.#text[this.#at] === "}") break;
        this.#take(",");
      }
    }
    this.#at++;
    return pairs;
  }

  #string(): string {
    STRING.lastIndex = this.#at;
    const found = STRING.exec(this.#text);
    if (found === null || found[0].length > MAX_STRING) throw new Other();
    this.#at = STRING.lastIndex;
    return found[1] ?? found[2] ?? "";
  }

  #find(what: RegExp): string | null {
    what.lastIndex = this.#at;
    const found = what.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #need(what: RegExp): string {
    const found = this.#find(what);
    if (found === null) throw new Other();
    return found;
  }

  /** Blanks, comments and ends of lines; step by step, as one expression for all of them would need room for each. */
  #space(): void {
    do this.#skip(BLANKS_AND_ENDS);
    while (this.#find(COMMENT) !== null);
  }

  #skip(what: RegExp): void {
    what.lastIndex = this.#at;
    if (what.test(this.#text)) this.#at = what.lastIndex;
  }

  #take(text: string): void {
    if (!this.#text.startsWith(text, this.#at)) throw new Other();
    this.#at += text.length;
  }
}
