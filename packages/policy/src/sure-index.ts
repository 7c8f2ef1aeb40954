/**
 * Things found by what is sure of a name that they match (place-key.ts). Nearly all names have nothing of the kind, which
 * shows at their first or last letter.
 */
import type { Batch } from "./batch.ts";
import type { Sure } from "./place-key.ts";
import { CAPITAL_A, CAPITAL_Z, SMALL } from "./text-hash.ts";
import { TextTrie } from "./text-trie.ts";

export class SureIndex<T> {
  /** All of them: for names about which `Sure` says nothing. */
  readonly all: T[] = [];
  readonly #whole = new Map<string, T[]>();
  /** By `shapeOf`: has any of the whole names that shape? */
  readonly #shapes = new Uint8Array(SHAPES);
  /** By code of a letter: begins or ends any of the texts with it? */
  readonly #letters = new Uint8Array(128);
  #beginnings: TextTrie<T[]> | null = null;
  #ends: TextTrie<T[]> | null = null;
  readonly #inside = new Map<string, T[]>();
  /** Finds whether any of the texts of `#inside` is there. */
  #anyInside: RegExp | null = null;

  add({ kind, text }: Sure, thing: T): void {
    this.all.push(thing);
    if (kind === "whole") {
      this.#shapes[shapeOf(text.charCodeAt(0), text.charCodeAt(text.length - 1), text.length)] = 1;
      addTo(this.#whole, text, thing);
    } else if (kind === "inside") {
      addTo(this.#inside, text, thing);
      this.#anyInside = null;
    } else if (kind === "end") {
      this.#note(text.charCodeAt(text.length - 1), ENDS);
      this.#ends ??= new TextTrie();
      this.#ends.at([...text].reverse().join(""), () => []).push(thing);
    } else {
      this.#note(text.charCodeAt(0), BEGINS);
      this.#beginnings ??= new TextTrie();
      this.#beginnings.at(text, () => []).push(thing);
    }
  }

  #note(code: number, mark: number): void {
    this.#letters[code] = (this.#letters[code] ?? 0) | mark;
  }

  /** Everything for one name, in ASCII and folded. */
  near(name: string, into: Batch<T>): void {
    this.named(this.reasons(name, 0, name.length), name, 0, name.length, into);
    this.holding(name, 0, into);
  }

  /** Why things could be found by the name, in ASCII and any case, from `start` to `end` of `text`. Most often 0. */
  reasons(text: string, start: number, end: number): number {
    const first = small(text.charCodeAt(start));
    const last = small(text.charCodeAt(end - 1));
    const letters = ((this.#letters[first] ?? 0) & BEGINS) | ((this.#letters[last] ?? 0) & ENDS);
    return letters | ((this.#shapes[shapeOf(first, last, end - start)] ?? 0) * WHOLE);
  }

  /** Of the name, in ASCII, that stands in `text` from `start` to `end`, for such reasons. */
  named(reasons: number, text: string, start: number, end: number, into: Batch<T>): void {
    if ((reasons & WHOLE) !== 0) {
      const things = this.#whole.get(text.slice(start, end));
      if (things !== undefined) into.addAll(things);
    }
    const begun = (reasons & BEGINS) === 0 ? null : (this.#beginnings?.along(text, start, end) ?? null);
    if (begun !== null) for (const things of begun) into.addAll(things);
    const ended = (reasons & ENDS) === 0 ? null : (this.#ends?.back(text, start, end) ?? null);
    if (ended !== null) for (const things of ended) into.addAll(things);
  }

  /** In any case of its letters: could anything be found by a text inside of it? Most often not. */
  mayHold(text: string): boolean {
    if (this.#inside.size === 0) return false;
    if (this.#inside.size > MOST_AT_ONCE) return true;
    this.#anyInside ??= new RegExp([...this.#inside.keys()].map(escaped).join("|"), "i");
    return this.#anyInside.test(text);
  }

  /** What is found by a text inside of a name, wherever it stands in `text` from `start` on. */
  holding(text: string, start: number, into: Batch<T>): void {
    if (!this.mayHold(text)) return;
    for (const [part, things] of this.#inside) if (text.includes(part, start)) into.addAll(things);
  }
}

const small = (code: number): number => (code >= CAPITAL_A && code <= CAPITAL_Z ? code | SMALL : code);

const SHAPES = 1024;
const [BEGINS, ENDS, WHOLE] = [1, 2, 4];

/** Of a name: its length and the letters at its ends, in a few bits. */
const shapeOf = (first: number, last: number, length: number): number =>
  ((first << 2) ^ (last << 5) ^ length) & (SHAPES - 1);

export function addTo<K, T>(map: Map<K, T[]>, key: K, thing: T): void {
  const things = map.get(key);
  if (things === undefined) map.set(key, [thing]);
  else things.push(thing);
}

/** Texts in one regular expression, which does not grow beyond what an engine takes. */
const MOST_AT_ONCE = 64;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
