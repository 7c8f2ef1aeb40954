/**
 * Patterns of paths by what is sure of a path that they match: one walk along the letters of the path finds those that
 * begin above or at it, and those are left whose further names are there. How many others there are makes no difference:
 * at each `/` of the path the hash of what stands before it says whether anything begins there.
 */
import type { Batch } from "./batch.ts";
import type { PathText } from "./path.ts";
import type { PathKey } from "./place-key.ts";
import { SlotList } from "./slot-list.ts";
import { SureIndex } from "./sure-index.ts";
import { textHash } from "./text-hash.ts";
import { TextTrie } from "./text-trie.ts";

/** What begins at one path. */
class Start<T> extends SlotList<T> {
  readonly under: string;
  /** Of `under`, which is then not looked at. */
  readonly length: number;
  further: SureIndex<T> | null = null;
  /** Another one whose path hashes alike. */
  next: Start<T> | null = null;

  constructor(under: string) {
    super();
    this.under = under;
    this.length = under.length;
  }
}

export class PathIndex<T> {
  /** What may lie anywhere. */
  readonly #anywhere = new Start<T>("");
  readonly #starts = new Map<string, Start<T>>();
  #hashed: Hashed<T> | null = null;
  #sorted: TextTrie<Start<T>> | null = null;

  add({ under, further }: PathKey, thing: T): void {
    const start = under === "" ? this.#anywhere : this.#startAt(under);
    if (further === null) start.add(thing);
    else {
      start.further ??= new SureIndex();
      start.further.add(further, thing);
    }
  }

  #startAt(under: string): Start<T> {
    const known = this.#starts.get(under);
    if (known !== undefined) return known;
    const start = new Start<T>(under);
    this.#starts.set(under, start);
    this.#hashed = null;
    this.#sorted = null;
    return start;
  }

  /** Everything that could match the path, in no order; one thing may be there twice. */
  near({ joined, ends, isAscii }: PathText, into: Batch<T>): void {
    this.#hashed ??= new Hashed(this.#starts.values());
    const { marks } = this.#hashed;
    const mask = marks.length - 1;
    const { further } = this.#anywhere;
    this.#anywhere.addTo(into);
    if (further !== null && !isAscii) into.addAll(further.all);
    const named = isAscii ? further : null;
    let start = 1;
    for (let at = 0; at < ends.length; at += 2) {
      const end = ends[at] as number;
      const hash = ends[at + 1] as number;
      if (marks[hash & mask] === 1) this.#addStart(this.#hashed, hash, joined, end, isAscii, into);
      if (named !== null) addNamed(named, joined, start, end, into);
      start = end + 1;
    }
    named?.holding(joined, 0, into);
  }

  #addStart(known: Hashed<T>, hash: number, joined: string, at: number, isAscii: boolean, into: Batch<T>): void {
    for (let start = known.at.get(hash) ?? null; start !== null; start = start.next) {
      const { length, further } = start;
      // That the letters are the same is seen when its patterns are tested.
      if (length !== at) continue;
      start.addTo(into);
      if (further === null) continue;
      if (isAscii) namedBehind(further, joined, at, into);
      else into.addAll(further.all);
    }
  }

  /** Everything that begins above, at or below the path. */
  around(path: PathText, into: Batch<T>): void {
    const { joined } = path;
    all(this.#anywhere, into);
    for (const start of this.#trie.along(joined, 0, joined.length) ?? []) {
      const { length } = start;
      if (length === joined.length || joined.charCodeAt(length) === SLASH) all(start, into);
    }
    this.below(path, into);
  }

  /** Everything that begins below the path. */
  below({ joined }: PathText, into: Batch<T>): void {
    for (const start of this.#trie.below(`${joined}/`)) all(start, into);
  }

  get #trie(): TextTrie<Start<T>> {
    if (this.#sorted !== null) return this.#sorted;
    const trie = new TextTrie<Start<T>>();
    for (const start of this.#starts.values()) trie.at(start.under, () => start);
    this.#sorted = trie;
    return trie;
  }
}

const SLASH = 0x2f;

/**
 * Starts by the hashes of their paths; `marks` says of nearly all that there is none. What hashes alike by chance is found
 * too often, which is slow and not wrong.
 */
class Hashed<T> {
  readonly at = new Map<number, Start<T>>();
  readonly marks: Uint8Array;

  constructor(starts: Iterable<Start<T>>) {
    for (const start of starts) {
      const hash = textHash(start.under);
      start.next = this.at.get(hash) ?? null;
      this.at.set(hash, start);
    }
    // A power of two, at most an eighth of it in use.
    this.marks = new Uint8Array(2 ** Math.ceil(Math.log2((this.at.size + 1) * 8)));
    for (const hash of this.at.keys()) this.marks[hash & (this.marks.length - 1)] = 1;
  }
}

function all<T>(start: Start<T>, into: Batch<T>): void {
  const { further } = start;
  start.addTo(into);
  if (further !== null) into.addAll(further.all);
}

function namedBehind<T>(further: SureIndex<T>, text: string, from: number, into: Batch<T>): void {
  let start = from + 1;
  while (start < text.length) {
    const slash = text.indexOf("/", start);
    const end = slash === -1 ? text.length : slash;
    addNamed(further, text, start, end, into);
    start = end + 1;
  }
  further.holding(text, from, into);
}

function addNamed<T>(further: SureIndex<T>, text: string, start: number, end: number, into: Batch<T>): void {
  const reasons = further.reasons(text, start, end);
  if (reasons !== 0) further.named(reasons, text, start, end, into);
}
