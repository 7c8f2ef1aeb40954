/**
 * All the ways in which texts can answer a list of tests, each with a shortest text that does: a walk over the product
 * of the tests' automata, cheapest texts first. Exact: what is not found does not exist.
 */
import type { Automaton, State } from "./automaton.ts";
import { costOf, exampleIn, LAST, type Ranges, rankOf } from "./letters.ts";
import { automataOf, distanceOf, type Fate, fateOf, passes, type StateOf, type TextTest } from "./text-test.ts";
import { spend, TooComplex } from "./work.ts";

export interface TextClass {
  /** One answer for each test. */
  readonly answers: readonly boolean[];
  readonly text: string;
}

export interface TextQuestion {
  /** Which texts there are. */
  readonly domain: TextTest;
  readonly tests: readonly TextTest[];
  /** A text that is wanted passes one test of each list. */
  readonly needed: readonly (readonly TextTest[])[];
  /** Is it of no use to look at texts with these fates? */
  isHopeless(fates: readonly Fate[]): boolean;
  onClass(found: TextClass): void;
}

/** What a step costs besides its automata. */
const STEP = 20;
/** Steps of one walk. */
const MOST_STEPS = 1_000_000;

interface Reached {
  readonly states: readonly State[];
  readonly before: Reached | null;
  readonly code: number;
  readonly cost: number;
  /** The cost, and what at least is to come. */
  readonly bound: number;
}

/** Each class once, at its cheapest text. */
export function eachTextClass({ domain, tests, needed, isHopeless, onClass }: TextQuestion): void {
  const automata = [...automataOf([...tests, domain])];
  const single = needed.flatMap((some) => (some.length === 1 ? some : []));
  const guides = [domain, ...single].flatMap(guidesOf).map((one) => automata.indexOf(one));
  const noted = new Set<string>();
  const seen = new Set<string>();
  const queue = new Queue();
  queue.add({ states: automata.map((automaton) => automaton.start), before: null, code: -1, cost: 0, bound: 0 });
  const aheadOf = (states: readonly State[]) => {
    const stateOf = reader(automata, states);
    const least = needed.map((some) => Math.min(...some.map((test) => distanceOf(test, stateOf))));
    return Math.max(0, ...least);
  };
  let steps = 0;
  for (let at = queue.take(); at !== null; at = queue.take()) {
    const key = at.states.map(({ id }) => id).join();
    if (seen.has(key)) continue;
    seen.add(key);
    const stateOf = reader(automata, at.states);
    if (fateOf(domain, stateOf) === false) continue;
    if (needed.some((some) => some.every((test) => fateOf(test, stateOf) === false))) continue;
    const fates = tests.map((test) => fateOf(test, stateOf));
    if (isHopeless(fates)) continue;
    if (passes(domain, stateOf)) {
      const answers = tests.map((test) => passes(test, stateOf));
      const signature = answers.map(Number).join("");
      if (!noted.has(signature)) {
        noted.add(signature);
        onClass({ answers, text: textOf(at) });
        // Nothing that could still come is wanted.
        if (isHopeless(tests.map(() => null))) return;
        if (isHopeless(fates)) continue;
      }
    }
    if (fates.every((fate) => fate !== null) && noted.has(fates.map(Number).join(""))) continue;
    for (const code of examples(
      at.states,
      guides.map((guide) => at?.states[guide] as State),
    )) {
      spend(STEP + automata.length);
      if (++steps > MOST_STEPS) throw new TooComplex("there are too many ways in which names can match");
      const states = automata.map((automaton, index) => automaton.step(at?.states[index] as State, code));
      const cost = at.cost + costOf(code);
      const ahead = aheadOf(states);
      if (ahead < Number.POSITIVE_INFINITY)
        queue.add({ states, before: at, code, cost, bound: Math.max(at.bound, cost + ahead) });
    }
  }
}

/** Automata that a text must go on in, to pass at all. */
function guidesOf(test: TextTest): readonly Automaton[] {
  if (test.kind === "matches") return test.others ? [] : [test.automaton];
  return test.kind === "all" ? test.of.flatMap(guidesOf) : [];
}

function reader(automata: readonly Automaton[], states: readonly State[]): StateOf {
  return (automaton) => states[automata.indexOf(automaton)] as State;
}

function textOf(end: Reached): string {
  const codes: number[] = [];
  for (let at: Reached | null = end; at !== null && at.before !== null; at = at.before) codes.push(at.code);
  return String.fromCodePoint(...codes.reverse());
}

/** One character for each way in which characters can behave here, the readable ones last. */
function examples(states: readonly State[], guides: readonly State[]): readonly number[] {
  const live = guides.map((guide) => guide.live).reduce(intersection, EVERYTHING);
  if (live.length === 0) return [];
  const cuts = new Set<number>();
  const isNarrow = live.length === 1 && live[0]?.[0] === live[0]?.[1];
  if (isNarrow) return [live[0]?.[0] ?? 0];
  for (const state of states) for (const cut of state.cuts) cuts.add(cut);
  spend(cuts.size);
  const sorted = [...cuts].sort((a, b) => a - b);
  const found: number[] = [];
  let next = 0;
  for (const [low, high] of live) {
    while ((sorted[next] ?? Number.POSITIVE_INFINITY) <= low) next++;
    let from = low;
    for (let cut = sorted[next]; cut !== undefined && cut <= high; cut = sorted[++next]) {
      found.push(exampleIn(from, cut - 1));
      from = cut;
    }
    found.push(exampleIn(from, high));
  }
  return found.sort((a, b) => rankOf(b) - rankOf(a));
}

const EVERYTHING: Ranges = [[0, LAST]];

function intersection(a: Ranges, b: Ranges): Ranges {
  const found: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [[low, high], [from, to]] = [a[i] ?? [0, 0], b[j] ?? [0, 0]];
    if (Math.max(low, from) <= Math.min(high, to)) found.push([Math.max(low, from), Math.min(high, to)]);
    if (high < to) i++;
    else j++;
  }
  return found;
}

/** By bound; within one the latest first, which goes on where an end is near. */
class Queue {
  readonly #buckets: Reached[][] = [];
  #bound = 0;

  add(reached: Reached): void {
    const bucket = this.#buckets[reached.bound];
    if (bucket === undefined) this.#buckets[reached.bound] = [reached];
    else bucket.push(reached);
  }

  take(): Reached | null {
    while (this.#bound < this.#buckets.length) {
      const next = this.#buckets[this.#bound]?.pop();
      if (next !== undefined) return next;
      delete this.#buckets[this.#bound++];
    }
    return null;
  }
}
