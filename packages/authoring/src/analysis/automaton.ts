/**
 * Many patterns read at once: a deterministic automaton that is made where it is walked and kept, so that a thousand
 * questions about one policy share the work. Bounded: beyond its bound it says so instead of answering (`TooComplex`).
 */
import { fold } from "@agent-run/policy";
import { cutsOf, exampleIn, IGNORED, isIn, LAST, normal, type Ranges } from "./letters.ts";
import { type Edge, Loom, type Node } from "./nodes.ts";
import { spend, TooComplex } from "./work.ts";

/** States of one automaton, and nodes in all its states together. */
const MOST_STATES = 50_000;
const MOST_NODES = 4_000_000;

export interface State {
  readonly id: number;
  /** Labels of patterns that the text so far matches. */
  readonly accepts: ReadonlySet<number>;
  /** Labels that some longer text could still match. */
  readonly alive: ReadonlySet<number>;
  /** Labels that every longer text matches. */
  readonly sure: ReadonlySet<number>;
  /** Between two of these all characters behave alike. */
  readonly cuts: readonly number[];
  /** Characters after which something is alive. */
  readonly live: Ranges;
  /** What the cheapest longer text costs that matches a label, or less. */
  distance(label: number | null, others: boolean): number;
}

interface Kept extends State {
  readonly nodes: readonly Node[];
  readonly steps: Map<number, Kept>;
  lazyCuts: readonly number[] | null;
  lazyLive: Ranges | null;
}

export class Automaton {
  readonly loom = new Loom();
  readonly #roots: Node[] = [];
  readonly #states = new Map<string, Kept>();
  #nodes = 0;
  #start: Kept | null = null;

  /** Before the first question only. */
  add(...roots: readonly Node[]): void {
    this.#roots.push(...roots);
  }

  get start(): State {
    this.#start ??= this.#intern(this.#roots);
    return this.#start;
  }

  /** It is near its bound, and better not kept for other questions. */
  get isLarge(): boolean {
    return this.#states.size > MOST_STATES / 2 || this.#nodes > MOST_NODES / 2;
  }

  step(state: State, code: number): State {
    const from = state as Kept;
    const piece = pieceOf(from.cuts, code);
    const known = from.steps.get(piece);
    if (known !== undefined) return known;
    spend(from.nodes.length + 1);
    const reached: Node[] = [];
    for (const node of from.nodes) targets(node, code, reached);
    const next = this.#intern(reached);
    from.steps.set(piece, next);
    return next;
  }

  #intern(nodes: readonly Node[]): Kept {
    const kept = reduced(nodes);
    const key = kept.map(({ id }) => id).join(",");
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    this.#nodes += kept.length;
    if (this.#states.size >= MOST_STATES || this.#nodes > MOST_NODES)
      throw new TooComplex("the patterns are too many and too different");
    const state = stateOf(this.#states.size, kept);
    this.#states.set(key, state);
    return state;
  }
}

function stateOf(id: number, nodes: readonly Node[]): Kept {
  const labels = (some: (node: Node) => boolean) => new Set(nodes.filter(some).map(({ label }) => label));
  return {
    id,
    nodes,
    accepts: labels(({ accepts }) => accepts),
    alive: labels(() => true),
    sure: labels(({ full }) => full),
    steps: new Map(),
    lazyCuts: null,
    lazyLive: null,
    distance(label, others) {
      let least = Number.POSITIVE_INFINITY;
      for (const node of nodes)
        if (node.distance < least && (label === null || (node.label === label) !== others)) least = node.distance;
      return least;
    },
    get cuts() {
      this.lazyCuts ??= mergedCuts(nodes);
      return this.lazyCuts;
    },
    get live() {
      this.lazyLive ??= liveRanges(nodes, this.cuts);
      return this.lazyLive;
    },
  };
}

/** Each node once, in order; of a label that is sure, nothing else. */
function reduced(nodes: readonly Node[]): readonly Node[] {
  if (nodes.length < 2) return nodes;
  const full = new Map<number, Node>();
  for (const node of nodes) if (node.full) full.set(node.label, node);
  const once = new Set<Node>();
  for (const node of nodes) once.add(full.size === 0 ? node : (full.get(node.label) ?? node));
  return [...once].sort((a, b) => a.id - b.id);
}

/** A folded node reads what the character folds to: one character, several, or none. */
function targets(node: Node, code: number, found: Node[] = []): Node[] {
  if (!node.folded) return along(node, code, found);
  if (code < 0x80) return along(node, code >= 0x41 && code <= 0x5a ? code + 32 : code, found);
  let nodes: readonly Node[] = [node];
  for (const one of foldedCodes(code)) {
    const next: Node[] = [];
    for (const each of nodes) along(each, one, next);
    nodes = next;
  }
  found.push(...nodes);
  return found;
}

function foldedCodes(code: number): readonly number[] {
  const known = FOLDED.get(code);
  if (known !== undefined) return known;
  const codes = [...fold(String.fromCodePoint(code))].map((letter) => letter.codePointAt(0) ?? 0);
  FOLDED.set(code, codes);
  return codes;
}

const FOLDED = new Map<number, readonly number[]>();

function along({ edges }: Node, code: number, found: Node[]): Node[] {
  for (const { ranges, to } of edges) if (isIn(ranges, code)) found.push(to);
  return found;
}

const CUTS = new WeakMap<Edge, readonly number[]>();

function mergedCuts(nodes: readonly Node[]): readonly number[] {
  const cuts = new Set<number>();
  // A character that folding leaves out keeps a node where it is, one without edges, too.
  if (nodes.some(({ folded }) => folded)) cuts.add(IGNORED).add(IGNORED + 1);
  for (const { edges, folded } of nodes) {
    for (const edge of edges) for (const cut of edgeCuts(edge, folded)) cuts.add(cut);
  }
  spend(nodes.length + cuts.size);
  return [...cuts].sort((a, b) => a - b);
}

function edgeCuts(edge: Edge, folded: boolean): readonly number[] {
  const known = CUTS.get(edge);
  if (known !== undefined) return known;
  const key = `${folded} ${edge.counts} ${edge.ranges.join(";")}`;
  const cuts = BY_RANGES.get(key) ?? cutsOf(edge.ranges, folded, edge.counts);
  BY_RANGES.set(key, cuts);
  CUTS.set(edge, cuts);
  return cuts;
}

const BY_RANGES = new Map<string, readonly number[]>();

function liveRanges(nodes: readonly Node[], cuts: readonly number[]): Ranges {
  const starts = [0, ...cuts.filter((cut) => cut > 0 && cut <= LAST)];
  spend(starts.length * nodes.length);
  const pieces = starts.map((low, at) => [low, (starts[at + 1] ?? LAST + 1) - 1] as const);
  return normal(pieces.filter(([low, high]) => nodes.some((node) => targets(node, exampleIn(low, high)).length > 0)));
}

/** How many of the cuts lie at or below the character. */
function pieceOf(cuts: readonly number[], code: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] ?? 0) <= code) low = middle + 1;
    else high = middle;
  }
  return low;
}
