/**
 * Which of very many texts begin another one: letters that texts share are compared once, so ten thousand texts cost what
 * a few do. Walked over the text that is asked about, letter by letter and without cutting it up; backwards, it finds the
 * texts that end it.
 */
interface Branch<T> {
  /** From the branch above to here. */
  readonly letters: string;
  value: T | undefined;
  /** By the code of the first letter. */
  below: Map<number, Branch<T>> | null;
}

const newBranch = <T>(letters: string): Branch<T> => ({ letters, value: undefined, below: null });

export class TextTrie<T> {
  readonly #top: Branch<T> = newBranch("");

  /** The value of a text, made where it has none. */
  at(text: string, make: () => T): T {
    let here = this.#top;
    let from = 0;
    while (from < text.length) {
      here.below ??= new Map();
      const code = text.charCodeAt(from);
      const next = here.below.get(code);
      if (next === undefined) {
        const leaf = newBranch<T>(text.slice(from));
        here.below.set(code, leaf);
        here = leaf;
        break;
      }
      const shared = sharedLength(next.letters, text, from);
      here = shared === next.letters.length ? next : split(here, next, shared);
      from += shared;
    }
    here.value ??= make();
    return here.value;
  }

  /** Values of the texts that `text` begins with from `start` to `end`, short ones first; null: there are none. */
  along(text: string, start: number, end: number): T[] | null {
    let found: T[] | null = null;
    let here = this.#top;
    let at = start;
    for (;;) {
      if (here.value !== undefined) found = push(found, here.value);
      const next = at < end ? here.below?.get(text.charCodeAt(at)) : undefined;
      if (next === undefined) return found;
      const { letters } = next;
      if (at + letters.length > end) return found;
      for (let i = 1; i < letters.length; i++) if (letters.charCodeAt(i) !== text.charCodeAt(at + i)) return found;
      at += letters.length;
      here = next;
    }
  }

  /** As `along`, from the end on: for texts that were put in backwards. */
  back(text: string, start: number, end: number): T[] | null {
    let found: T[] | null = null;
    let here = this.#top;
    let at = end;
    for (;;) {
      if (here.value !== undefined) found = push(found, here.value);
      const next = at > start ? here.below?.get(text.charCodeAt(at - 1)) : undefined;
      if (next === undefined) return found;
      const { letters } = next;
      if (at - letters.length < start) return found;
      for (let i = 1; i < letters.length; i++) if (letters.charCodeAt(i) !== text.charCodeAt(at - 1 - i)) return found;
      at -= letters.length;
      here = next;
    }
  }

  /** Values of all texts that begin with `text`, itself included. */
  below(text: string): readonly T[] {
    let here = this.#top;
    let at = 0;
    while (at < text.length) {
      const next = here.below?.get(text.charCodeAt(at));
      if (next === undefined) return [];
      const rest = text.length - at;
      if (sharedLength(next.letters, text, at) < Math.min(rest, next.letters.length)) return [];
      at += next.letters.length;
      here = next;
    }
    const found: T[] = [];
    const open = [here];
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      if (branch.value !== undefined) found.push(branch.value);
      if (branch.below !== null) open.push(...branch.below.values());
    }
    return found;
  }
}

function push<T>(list: T[] | null, value: T): T[] {
  if (list === null) return [value];
  list.push(value);
  return list;
}

/** How many letters are the same from `from` on. */
function sharedLength(letters: string, text: string, from: number): number {
  let at = 0;
  while (at < letters.length && from + at < text.length && letters.charCodeAt(at) === text.charCodeAt(from + at)) at++;
  return at;
}

/** Puts a branch where `next` begins to differ. */
function split<T>(above: Branch<T>, next: Branch<T>, shared: number): Branch<T> {
  const middle = newBranch<T>(next.letters.slice(0, shared));
  const rest: Branch<T> = { ...next, letters: next.letters.slice(shared) };
  middle.below = new Map([[rest.letters.charCodeAt(0), rest]]);
  above.below?.set(middle.letters.charCodeAt(0), middle);
  return middle;
}
