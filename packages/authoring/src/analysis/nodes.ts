/**
 * Patterns as non-deterministic automata without empty moves, built from their end to their beginning; what is the same
 * from some place on is the same node. So a hundred patterns that end in `*` share that end, and the sets of nodes of a
 * deterministic automaton stay small. Every node leads to one label.
 */
import { cheapestOf, complement, LAST, type Ranges } from "./letters.ts";

export interface Edge {
  readonly ranges: Ranges;
  readonly to: Node;
  /** Reads exactly one character that the pattern asks for, and is no part of a star. */
  readonly counts: boolean;
}

export interface Node {
  readonly id: number;
  readonly label: number;
  /** The edges read folded characters. */
  readonly folded: boolean;
  readonly accepts: boolean;
  /** Accepts whatever follows. */
  readonly full: boolean;
  readonly edges: readonly Edge[];
  /** What the cheapest text from here to an end costs, or less. */
  readonly distance: number;
}

const ANY: Ranges = [[0, LAST]];
const SLASH: Ranges = [[0x2f, 0x2f]];
export const NOT_SLASH: Ranges = complement(SLASH);
/** What each word of a line begins with; no word holds it. */
export const NUL: Ranges = [[0, 0]];
export const NOT_NUL: Ranges = complement(NUL);

type Growing = { -readonly [K in keyof Node]: Node[K] } & { edges: Edge[] };

/** Makes nodes for one automaton. */
export class Loom {
  readonly #known = new Map<string, Node>();
  #next = 0;

  /** The end of a text. */
  end(label: number, folded: boolean): Node {
    return this.#make(`end ${label} ${folded}`, label, folded, (node) => {
      node.accepts = true;
    });
  }

  /** The end, and everything longer. */
  full(label: number, folded: boolean): Node {
    return this.#make(`full ${label} ${folded}`, label, folded, (node) => {
      node.accepts = true;
      node.full = true;
      node.edges.push({ ranges: ANY, to: node, counts: false });
    });
  }

  /** One character of `ranges`, then `next`. */
  one(ranges: Ranges, next: Node, counts = true): Node {
    return this.#make(`one ${rangeId(ranges)} ${next.id} ${counts}`, next.label, next.folded, (node) => {
      node.edges.push({ ranges, to: next, counts });
      node.distance = next.distance + cheapestOf(ranges);
    });
  }

  /** Any number of characters of `ranges`, then `next`. */
  many(ranges: Ranges, next: Node): Node {
    return this.#make(`many ${rangeId(ranges)} ${next.id}`, next.label, next.folded, (node) => {
      node.accepts = next.accepts;
      node.full = next.full;
      node.distance = next.distance;
      node.edges.push({ ranges, to: node, counts: false }, ...next.edges);
    });
  }

  /** Any number of whole segments, then `next`, which begins where a segment ended. */
  segments(next: Node): Node {
    return this.#pieces("segments", SLASH, NOT_SLASH, next);
  }

  /** Any number of whole words of a line, then `next`, which begins where a word ended. */
  words(next: Node): Node {
    return this.#pieces("words", NUL, NOT_NUL, next);
  }

  #pieces(name: string, mark: Ranges, others: Ranges, next: Node): Node {
    const inside = this.#make(`inside ${name} ${next.id}`, next.label, next.folded, (node) => {
      node.accepts = next.accepts;
      node.distance = next.distance;
      node.edges.push({ ranges: others, to: node, counts: false }, { ranges: mark, to: node, counts: false });
      node.edges.push(...next.edges);
    });
    return this.#make(`${name} ${next.id}`, next.label, next.folded, (node) => {
      node.accepts = next.accepts;
      node.distance = next.distance;
      node.edges.push({ ranges: mark, to: inside, counts: false }, ...next.edges);
    });
  }

  /** `a` or `b`. */
  either(a: Node, b: Node): Node {
    if (a === b) return a;
    return this.#make(`either ${a.id} ${b.id}`, a.label, a.folded, (node) => {
      node.accepts = a.accepts || b.accepts;
      node.full = a.full || b.full;
      node.distance = Math.min(a.distance, b.distance);
      node.edges.push(...a.edges, ...b.edges);
    });
  }

  /** A node whose edges the caller fills in, for automata that come from elsewhere. */
  blank(label: number, folded: boolean): { readonly node: Node; readonly edges: Edge[]; accept(): void; fill(): void } {
    const node: Growing = { id: this.#next++, label, folded, accepts: false, full: false, edges: [], distance: 0 };
    return {
      node,
      edges: node.edges,
      accept: () => {
        node.accepts = true;
      },
      fill: () => {
        node.full = true;
      },
    };
  }

  #make(key: string, label: number, folded: boolean, fill: (node: Growing) => void): Node {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node: Growing = { id: this.#next++, label, folded, accepts: false, full: false, edges: [], distance: 0 };
    fill(node);
    this.#known.set(key, node);
    return node;
  }
}

/** The same number for the same ranges. */
function rangeId(ranges: Ranges): number {
  const known = BY_OBJECT.get(ranges);
  if (known !== undefined) return known;
  const key = ranges.join(";");
  const id = BY_TEXT.get(key) ?? BY_TEXT.size;
  BY_TEXT.set(key, id);
  BY_OBJECT.set(ranges, id);
  return id;
}

const BY_OBJECT = new WeakMap<Ranges, number>();
const BY_TEXT = new Map<string, number>();
