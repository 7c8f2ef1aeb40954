/**
 * Aho-Corasick over UTF-16 units: all patterns at once, in time linear in the text whatever the patterns are. A node is
 * the prefix of some pattern; node 0 is the empty one. 26 bytes a node, in typed arrays that are made once.
 */

/** Case folding that keeps the length: patterns and text are compared by it. */
export const fold = (unit: number): number => {
  if (unit < 0x80) return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
};

export class Automaton {
  /** Looks into the table of edges so far, for tests that time is linear. */
  lookups = 0;
  #size = 1;
  readonly #parent: Int32Array;
  readonly #unit: Uint16Array;
  readonly #depth: Int32Array;
  /** The longest proper suffix that is a node. */
  readonly #fail: Int32Array;
  /** The longest suffix that is a pattern; 0: none. */
  readonly #hit: Int32Array;
  /** Hash table (open addressing) of edges: (parent, unit) to child. */
  readonly #slots: Int32Array;
  readonly #names = new Map<number, string>();

  /** `patterns`: folded pattern to the name it is reported under. */
  constructor(patterns: ReadonlyMap<string, string>) {
    let room = 1;
    for (const pattern of patterns.keys()) room += pattern.length;
    this.#parent = new Int32Array(room);
    this.#unit = new Uint16Array(room);
    this.#depth = new Int32Array(room);
    this.#fail = new Int32Array(room);
    this.#hit = new Int32Array(room);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * room)));
    for (const [pattern, name] of patterns) this.#insert(pattern, name);
    this.#link();
    this.lookups = 0;
  }

  /** The node of the longest suffix of the text so far that is the beginning of a pattern. */
  step(from: number, unit: number): number {
    const folded = fold(unit);
    for (let node = from; ; node = this.#fail[node] ?? 0) {
      const child = this.#slots[this.#slot(node, folded)] ?? 0;
      if (child !== 0 || node === 0) return child;
    }
  }

  /** Length of a node's text. */
  depth(node: number): number {
    return this.#depth[node] ?? 0;
  }

  /** Length of the longest pattern that ends here; 0: none does. */
  hitLength(node: number): number {
    return this.depth(this.#hit[node] ?? 0);
  }

  hitName(node: number): string {
    return this.#names.get(this.#hit[node] ?? 0) ?? "";
  }

  #insert(pattern: string, name: string): void {
    let node = 0;
    for (let at = 0; at < pattern.length; at += 1) {
      const unit = pattern.charCodeAt(at);
      const slot = this.#slot(node, unit);
      const child = this.#slots[slot] ?? 0;
      node = child === 0 ? this.#grow(slot, node, unit) : child;
    }
    this.#names.set(node, name);
    this.#hit[node] = node;
  }

  #grow(slot: number, parent: number, unit: number): number {
    const node = this.#size;
    this.#size += 1;
    this.#slots[slot] = node;
    this.#parent[node] = parent;
    this.#unit[node] = unit;
    this.#depth[node] = this.depth(parent) + 1;
    return node;
  }

  /** Suffix links, shortest nodes first: a link leads to a shorter node. */
  #link(): void {
    for (const node of this.#byDepth()) {
      const parent = this.#parent[node] ?? 0;
      const fail = parent === 0 ? 0 : this.step(this.#fail[parent] ?? 0, this.#unit[node] ?? 0);
      this.#fail[node] = fail;
      if (this.#hit[node] === 0) this.#hit[node] = this.#hit[fail] ?? 0;
    }
  }

  /** Counting sort. */
  #byDepth(): Int32Array {
    const starts = new Int32Array(this.#size + 1);
    for (let node = 1; node < this.#size; node += 1)
      starts[this.depth(node) + 1] = (starts[this.depth(node) + 1] ?? 0) + 1;
    for (let depth = 1; depth <= this.#size; depth += 1)
      starts[depth] = (starts[depth] ?? 0) + (starts[depth - 1] ?? 0);
    const sorted = new Int32Array(this.#size - 1);
    for (let node = 1; node < this.#size; node += 1) {
      const at = starts[this.depth(node)] ?? 0;
      starts[this.depth(node)] = at + 1;
      sorted[at] = node;
    }
    return sorted;
  }

  /** Where the edge is, or the free slot where it would be. */
  #slot(node: number, unit: number): number {
    const mask = this.#slots.length - 1;
    const mixed = Math.imul(node + 1, 0x9e3779b1) ^ Math.imul(unit + 1, 0x85ebca6b);
    for (let slot = (mixed ^ (mixed >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      this.lookups += 1;
      const child = this.#slots[slot] ?? 0;
      if (child === 0 || (this.#parent[child] === node && this.#unit[child] === unit)) return slot;
    }
  }
}
