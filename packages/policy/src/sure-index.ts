/**
 * Things found by what is sure of a name that they match (place-key.ts). Nearly all names have nothing of the kind, which
 * shows at their first or last letter.
 */
import type { Sure } from "./place-key.ts";
import { TextTrie } from "./text-trie.ts";

interface Beginning<T> {
  readonly length: number;
  readonly whole: T[];
  readonly start: T[];
}

export class SureIndex<T> {
  /** All of them: for names about which `Sure` says nothing. */
  readonly all: T[] = [];
  #beginnings: TextTrie<Beginning<T>> | null = null;
  #ends: TextTrie<T[]> | null = null;
  readonly #inside = new Map<string, T[]>();
  /** Finds whether any of the texts of `#inside` is there. */
  #anyInside: RegExp | null = null;

  /** By code of a letter: begins (1) or ends (2) any of the texts with it? */
  readonly #letters = new Uint8Array(128);

  add({ kind, text }: Sure, thing: T): void {
    this.all.push(thing);
    this.#note(kind, text);
    if (kind === "inside") {
      const things = this.#inside.get(text);
      if (things === undefined) this.#inside.set(text, [thing]);
      else things.push(thing);
      this.#anyInside = null;
    } else if (kind === "end") {
      this.#ends ??= new TextTrie();
      this.#ends.at([...text].reverse().join(""), () => []).push(thing);
    } else {
      this.#beginnings ??= new TextTrie();
      this.#beginnings.at(text, () => ({ length: text.length, whole: [], start: [] }))[kind].push(thing);
    }
  }

  #note(kind: Sure["kind"], text: string): void {
    const code = text.charCodeAt(kind === "end" ? text.length - 1 : 0);
    const mark = kind === "inside" ? 0 : kind === "end" ? 2 : 1;
    this.#letters[code] = (this.#letters[code] ?? 0) | mark;
  }

  /** Of the name, in ASCII, that stands in `text` from `start` to `end`. */
  named(text: string, start: number, end: number, into: T[]): void {
    if (((this.#letters[text.charCodeAt(start)] ?? 0) & 1) !== 0) this.#beginning(text, start, end, into);
    if (((this.#letters[text.charCodeAt(end - 1)] ?? 0) & 2) === 0) return;
    for (const things of this.#ends?.back(text, start, end) ?? []) append(into, things);
  }

  #beginning(text: string, start: number, end: number, into: T[]): void {
    for (const { length, whole, start: starts } of this.#beginnings?.along(text, start, end) ?? []) {
      append(into, starts);
      if (length === end - start) append(into, whole);
    }
  }

  /** What is found by a text inside of a name, wherever it stands in `text` from `start` on. */
  holding(text: string, start: number, into: T[]): void {
    if (this.#inside.size === 0) return;
    if (this.#inside.size <= MOST_AT_ONCE) {
      this.#anyInside ??= new RegExp([...this.#inside.keys()].map(escaped).join("|"));
      if (!this.#anyInside.test(text)) return;
    }
    for (const [part, things] of this.#inside) if (text.includes(part, start)) append(into, things);
  }
}

/** Texts in one regular expression, which does not grow beyond what an engine takes. */
const MOST_AT_ONCE = 64;

/** Not by spreading: a list may be longer than a call takes arguments. */
export function append<T>(into: T[], things: readonly T[]): void {
  for (const thing of things) into.push(thing);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
