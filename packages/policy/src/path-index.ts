/**
 * Patterns of paths by what is sure of a path that they match: one walk along the letters of the path finds those that
 * begin above or at it, and those are left whose further names are there. How many others there are makes no difference.
 */
import type { PathText } from "./path.ts";
import type { PathKey } from "./place-key.ts";
import { append, SureIndex } from "./sure-index.ts";
import { TextTrie } from "./text-trie.ts";

/** What begins at one path. */
interface Start<T> {
  /** Of its path. */
  readonly length: number;
  readonly things: T[];
  further: SureIndex<T> | null;
}

export class PathIndex<T> {
  readonly #starts = new TextTrie<Start<T>>();

  add({ under, further }: PathKey, thing: T): void {
    const start = this.#starts.at(under, () => ({ length: under.length, things: [], further: null }));
    if (further === null) start.things.push(thing);
    else {
      start.further ??= new SureIndex();
      start.further.add(further, thing);
    }
  }

  /** Everything that could match the path, in no order; one thing may be there twice. */
  near({ joined, isAscii }: PathText, into: T[]): void {
    const starts = this.#starts.along(joined, 0, joined.length);
    if (starts === null) return;
    for (const { length, things, further } of starts) {
      if (length < joined.length && joined.charCodeAt(length) !== SLASH) continue;
      append(into, things);
      if (further === null) continue;
      if (isAscii) namedBehind(further, joined, length, into);
      else append(into, further.all);
    }
  }

  /** Everything that begins above, at or below the path. */
  around(path: PathText, into: T[]): void {
    const { joined } = path;
    for (const start of this.#starts.along(joined, 0, joined.length) ?? []) {
      if (start.length === joined.length || joined.charCodeAt(start.length) === SLASH) all(start, into);
    }
    this.below(path, into);
  }

  /** Everything that begins below the path. */
  below({ joined }: PathText, into: T[]): void {
    for (const start of this.#starts.below(`${joined}/`)) all(start, into);
  }
}

const SLASH = 0x2f;

function all<T>({ things, further }: Start<T>, into: T[]): void {
  append(into, things);
  if (further !== null) append(into, further.all);
}

function namedBehind<T>(further: SureIndex<T>, text: string, from: number, into: T[]): void {
  let start = from + 1;
  while (start < text.length) {
    const slash = text.indexOf("/", start);
    const end = slash === -1 ? text.length : slash;
    further.named(text, start, end, into);
    start = end + 1;
  }
  further.holding(text, from, into);
}
