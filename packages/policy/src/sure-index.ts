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

  add({ kind, text }: Sure, thing: T): void {
    this.all.push(thing);
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

  /** Of the name that stands in `text` from `start` to `end`. */
  named(text: string, start: number, end: number, into: T[]): void {
    const beginnings = this.#beginnings?.along(text, start, end) ?? null;
    if (beginnings !== null) {
      for (const { length, whole, start: starts } of beginnings) {
        append(into, starts);
        if (length === end - start) append(into, whole);
      }
    }
    const ends = this.#ends?.back(text, start, end) ?? null;
    if (ends !== null) for (const things of ends) append(into, things);
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
