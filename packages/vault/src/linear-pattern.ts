/**
 * The patterns of release rules, matched over the whole text in time linear in it: the text may come from a host that the
 * agent controls, and a backtracking matcher could be held up. The language is a part of JavaScript's (with its `u`):
 * characters, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {n} {n,} {n,m}`; no look-around, no
 * references back, no anchors but redundant ones at the ends. A pattern becomes states, all of which are tracked at once.
 */

type Matches = (char: string) => boolean;
type Node =
  | { readonly kind: "char"; readonly matches: Matches }
  | { readonly kind: "all"; readonly of: readonly Node[] }
  | { readonly kind: "any"; readonly of: readonly Node[] }
  | { readonly kind: "repeat"; readonly of: Node; readonly min: number; readonly max: number };
type State =
  | { readonly kind: "char"; readonly matches: Matches; readonly next: number }
  | { readonly kind: "fork"; next: readonly number[] };

/** Bounds what `(a{9}){9}` unfolds to. */
const MAX_STATES = 4096;
const MAX_DEPTH = 50;
/** The state that no other follows; only at the end of the text is it a match. */
const END = 0;

/** Thrown and caught in this file: the pattern is none of the language. */
class Unsupported extends Error {}

/** Null for a pattern outside of the language above, or one too large. */
export function linearPattern(pattern: string): ((text: string) => boolean) | null {
  try {
    const states: State[] = [{ kind: "fork", next: [] }];
    const start = build(new Reader(pattern).whole(), END, states);
    return (text) => run(states, start, text);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

function run(states: readonly State[], start: number, text: string): boolean {
  let current = closure(states, [start]);
  for (const char of text) {
    const next: number[] = [];
    for (const index of current) {
      const state = states[index];
      if (state?.kind === "char" && state.matches(char)) next.push(state.next);
    }
    current = closure(states, next);
  }
  return current.has(END);
}

/** With all that can be reached without a character. */
function closure(states: readonly State[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set(from);
  // A set that grows while it is walked is walked to its end.
  for (const index of reached) {
    const state = states[index];
    if (state?.kind === "fork") for (const next of state.next) reached.add(next);
  }
  return reached;
}

/** Adds the states of a node that goes on to `next`; their first. */
function build(node: Node, next: number, states: State[]): number {
  switch (node.kind) {
    case "char":
      return add({ kind: "char", matches: node.matches, next }, states);
    case "all":
      return node.of.reduceRight((follower, part) => build(part, follower, states), next);
    case "any":
      return add({ kind: "fork", next: node.of.map((part) => build(part, next, states)) }, states);
    case "repeat":
      return buildRepeat(node, next, states);
  }
}

function buildRepeat({ of, min, max }: Node & { kind: "repeat" }, next: number, states: State[]): number {
  let entry = next;
  if (max === Number.POSITIVE_INFINITY) {
    const loop: State = { kind: "fork", next: [] };
    entry = add(loop, states);
    loop.next = [build(of, entry, states), next];
  } else {
    for (let count = min; count < max; count++) {
      entry = add({ kind: "fork", next: [build(of, entry, states), next] }, states);
    }
  }
  for (let count = 0; count < min; count++) entry = build(of, entry, states);
  return entry;
}

function add(state: State, states: State[]): number {
  if (states.length >= MAX_STATES) throw new Unsupported();
  return states.push(state) - 1;
}

class Reader {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#chars = [...pattern.replace(/^\^/, "").replace(/(?<=(?:^|[^\\])(?:\\\\)*)\$$/, "")];
  }

  whole(): Node {
    const node = this.#any();
    if (this.#at < this.#chars.length) throw new Unsupported();
    return node;
  }

  #any(): Node {
    if (++this.#depth > MAX_DEPTH) throw new Unsupported();
    const of = [this.#all()];
    while (this.#take("|")) of.push(this.#all());
    this.#depth--;
    return { kind: "any", of };
  }

  #all(): Node {
    const of: Node[] = [];
    while (this.#peek() !== undefined && this.#peek() !== "|" && this.#peek() !== ")") of.push(this.#repeated());
    return { kind: "all", of };
  }

  #repeated(): Node {
    const of = this.#one();
    const times = this.#times();
    if (times === null) return of;
    this.#take("?"); // lazy or not is one to a match of the whole
    return { kind: "repeat", of, min: times[0], max: times[1] };
  }

  #times(): readonly [number, number] | null {
    if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#take("?")) return [0, 1];
    if (this.#peek() !== "{") return null;
    const [whole = "", min, comma, max = ""] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#rest(12)) ?? [];
    if (min === undefined || (comma === "" && max !== "")) throw new Unsupported();
    this.#at += whole.length;
    const most = comma === "" ? Number(min) : max === "" ? Number.POSITIVE_INFINITY : Number(max);
    if (most < Number(min)) throw new Unsupported();
    return [Number(min), most];
  }

  #one(): Node {
    const char = this.#next();
    if (char === "(") return this.#group();
    if (char === "[") return { kind: "char", matches: this.#class() };
    if (char === ".") return { kind: "char", matches: (other) => !/[\n\r\u2028\u2029]/.test(other) };
    if (char === "\\") return { kind: "char", matches: this.#escape().matches };
    if ("*+?{}])^$".includes(char)) throw new Unsupported();
    return { kind: "char", matches: (other) => other === char };
  }

  #group(): Node {
    if (this.#take("?") && !this.#take(":")) throw new Unsupported();
    const node = this.#any();
    if (!this.#take(")")) throw new Unsupported();
    return node;
  }

  #class(): Matches {
    const negated = this.#take("^");
    const members: Matches[] = [];
    while (!this.#take("]")) members.push(this.#member());
    return (char) => members.some((matches) => matches(char)) !== negated;
  }

  #member(): Matches {
    const low = this.#classChar();
    if (this.#peek() !== "-" || this.#chars[this.#at + 1] === "]") return low.matches;
    this.#next();
    const [from, to] = [low.char, this.#classChar().char];
    if (from === null || to === null || point(to) < point(from)) throw new Unsupported();
    return (char) => point(char) >= point(from) && point(char) <= point(to);
  }

  #classChar(): { readonly char: string | null; readonly matches: Matches } {
    const char = this.#next();
    return char === "\\" ? this.#escape() : { char, matches: (other) => other === char };
  }

  /** `char`: null for what stands for many. */
  #escape(): { readonly char: string | null; readonly matches: Matches } {
    const name = this.#next();
    const kind = KINDS.get(name);
    if (kind !== undefined) return { char: null, matches: (other) => kind.test(other) };
    const char = CONTROLS.get(name) ?? name;
    if (char === name && !"^$\\.*+?()[]{}|/-".includes(name)) throw new Unsupported();
    return { char, matches: (other) => other === char };
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #rest(length: number): string {
    return this.#chars.slice(this.#at, this.#at + length).join("");
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw new Unsupported();
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}

const point = (char: string): number => char.codePointAt(0) ?? -1;

const KINDS: ReadonlyMap<string, RegExp> = new Map([
  ["d", /\d/u],
  ["D", /\D/u],
  ["w", /\w/u],
  ["W", /\W/u],
  ["s", /\s/u],
  ["S", /\S/u],
]);

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
