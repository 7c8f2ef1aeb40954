/**
 * Every way in which clauses can hold together, dimension by dimension: each splits its values into classes by the tests
 * of the clauses that are still possible, and a class is followed only while it could still lead to a wanted answer. What
 * is wanted comes back with a concrete value in each dimension. No sampling: what does not come back does not exist.
 */

import type { Clause, Test, Value } from "./clause.ts";
import { eachTextClass } from "./text-search.ts";
import type { Fate, TextTest } from "./text-test.ts";
import { spend, TooComplex } from "./work.ts";

export type Dimension =
  | {
      readonly name: string;
      readonly kind: "text";
      readonly domain: TextTest;
      /** What is no text of the domain, one value for each way in which such a value can behave. */
      readonly specials: readonly Value[];
    }
  | {
      readonly name: string;
      readonly kind: "value";
      /** At least one for each way in which a value can behave, the likeliest first. */
      readonly values: readonly Value[];
    };

/** A value in each dimension. */
export type Point = Readonly<Record<string, Value>>;

export interface Goal {
  /** What the clauses that hold come to; null: not wanted. */
  key(clauses: readonly Clause[]): string | null;
  /** Nothing wanted but what is `found` can come any more. `sure`: of `possible`, those that certainly hold. */
  isHopeless(possible: readonly Clause[], sure: readonly Clause[], found: ReadonlyMap<string, unknown>): boolean;
  /** Of the clauses of each kind at least one must hold for anything wanted. */
  readonly needed: readonly ((clause: Clause) => boolean)[];
}

/** What an exploration finds, each asked of the engine: a point that it does not confirm is kept, and looked for once more. */
export class Findings<T> {
  readonly found = new Map<string, T>();
  /** Why what is not found may still be; null: then it does not exist. */
  givenUp: string | null = null;
  readonly #unconfirmed = new Map<string, T>();
  readonly #ask: Ask<T>;

  constructor(ask: Ask<T>) {
    this.#ask = ask;
  }

  /** `isAsked`: the point is one of those that the question is about. */
  note(key: string, point: Point, isAsked = true): void {
    if (this.found.has(key)) return;
    spend(DECISION);
    const { value, isConfirmed } = this.#ask(key, point, isAsked);
    if (isConfirmed) this.found.set(key, value);
    else if (!this.#unconfirmed.has(key)) this.#unconfirmed.set(key, value);
  }

  /** Is something possible that no call was found for? */
  get isOpen(): boolean {
    return [...this.#unconfirmed.keys()].some((key) => !this.found.has(key));
  }

  all(): readonly T[] {
    const open = [...this.#unconfirmed].flatMap(([key, value]) => (this.found.has(key) ? [] : [value]));
    return [...this.found.values(), ...open];
  }
}

/** What is told of a point; confirmed is only what the engine says, of a call that is asked about. */
type Ask<T> = (key: string, point: Point, isAsked: boolean) => { readonly value: T; readonly isConfirmed: boolean };

/** What it costs to ask the engine. */
const DECISION = 200;

/** Nodes of one exploration. */
const MOST_NODES = 100_000;

export function explore(
  clauses: readonly Clause[],
  dimensions: readonly Dimension[],
  goal: Goal,
  findings: Pick<Findings<unknown>, "found" | "note">,
): void {
  const exploration = new Exploration(dimensions, goal, findings);
  const all = clauses.flatMap((clause) => [clause, ...clause.excepts]);
  const possible = all.filter((clause) => canHold(clause, dimensions));
  exploration.from(0, possible, {});
}

/** By its conditions alone. In the first dimension most is decided, so it is left to the walk. */
function canHold({ tests }: Clause, [, ...dimensions]: readonly Dimension[]): boolean {
  return dimensions.every((dimension) => {
    const test = tests.get(dimension.name);
    if (test === undefined) return true;
    const values = dimension.kind === "value" ? dimension.values : dimension.specials;
    if (values.some((value) => holds(test, value))) return true;
    return dimension.kind === "text" && test.kind === "text" && hasText(dimension.domain, test.test);
  });
}

function hasText(domain: TextTest, test: TextTest): boolean {
  let found = false;
  eachTextClass({
    domain,
    tests: [test],
    needed: [[test]],
    isHopeless: () => found,
    onClass: ({ answers: [answer] }) => {
      found ||= answer === true;
    },
  });
  return found;
}

const holds = (test: Test, value: Value): boolean => (test.kind === "value" ? test.holds(value) : test.special(value));

class Exploration {
  readonly #findings: Pick<Findings<unknown>, "found" | "note">;
  readonly #dimensions: readonly Dimension[];
  readonly #goal: Goal;
  /** What follows depends on the clauses that are left, so each set of them is followed once. */
  readonly #seen = new Set<string>();

  constructor(dimensions: readonly Dimension[], goal: Goal, findings: Pick<Findings<unknown>, "found" | "note">) {
    this.#findings = findings;
    this.#dimensions = dimensions;
    this.#goal = goal;
  }

  /** `alive`: what earlier dimensions left possible; `point`: the values that did. */
  from(at: number, alive: readonly Clause[], point: Point): void {
    const dimension = this.#dimensions[at];
    if (dimension === undefined) {
      const key = this.#goal.key(held(alive));
      if (key !== null) this.#findings.note(key, point);
      return;
    }
    const id = `${at} ${alive.map((clause) => clause.id).join()}`;
    if (this.#seen.has(id) || this.#isHopeless(alive, at - 1)) return;
    if (this.#seen.size >= MOST_NODES) throw new TooComplex("there are too many combinations of conditions");
    this.#seen.add(id);
    this.#split(dimension, at, alive, point);
  }

  #split(dimension: Dimension, at: number, alive: readonly Clause[], point: Point): void {
    const asked = alive.flatMap((clause) => {
      const test = clause.tests.get(dimension.name);
      return test === undefined ? [] : [{ clause, test }];
    });
    const follow = ({ value, answers }: Class) => {
      const failed = new Set(asked.filter((_, index) => answers[index] !== true).map(({ clause }) => clause));
      this.from(
        at + 1,
        alive.filter((clause) => !failed.has(clause)),
        { ...point, [dimension.name]: value },
      );
    };
    if (dimension.kind === "value") {
      for (const one of firstOfEach(dimension.values, asked)) follow(one);
      return;
    }
    // What a call need not have is best left out of an example.
    const [absent, others] = [[null], dimension.specials].map((values) =>
      values.filter((one) => dimension.specials.includes(one)),
    );
    for (const one of firstOfEach(absent ?? [], asked)) follow(one);
    this.#splitText(dimension, at, alive, asked, follow);
    for (const one of firstOfEach(others ?? [], asked)) follow(one);
  }

  #splitText(
    { domain, name }: Extract<Dimension, { kind: "text" }>,
    at: number,
    alive: readonly Clause[],
    asked: readonly Asked[],
    follow: (one: Class) => void,
  ): void {
    const needed = this.#goal.needed.flatMap((isNeeded) => {
      const some = alive.filter(isNeeded);
      return some.every(({ tests }) => tests.has(name))
        ? [some.map(({ tests }) => textOf(tests.get(name) as Test))]
        : [];
    });
    eachTextClass({
      domain,
      tests: asked.map(({ test }) => textOf(test)),
      needed,
      isHopeless: (fates) => {
        const fateOf = new Map(asked.map(({ clause }, index) => [clause, fates[index] ?? null]));
        return this.#isHopeless(
          alive.filter((clause) => fateOf.get(clause) !== false),
          at,
          fateOf,
        );
      },
      onClass: ({ text, answers }) => follow({ value: text, answers }),
    });
  }

  /** `at`: the dimension in which clauses have the fates, or all that they say of it behind them. */
  #isHopeless(alive: readonly Clause[], at: number, fates?: ReadonlyMap<Clause, Fate>): boolean {
    spend(alive.length + 1);
    const later = this.#dimensions.slice(at + 1);
    const isSure = (clause: Clause) =>
      fates?.get(clause) !== null && later.every(({ name }) => !clause.tests.has(name));
    const living = ({ excepts }: Clause) => excepts.filter((except) => alive.includes(except));
    const possible = alive.filter((clause) => clause.role !== "except" && !living(clause).some(isSure));
    const sure = possible.filter((clause) => isSure(clause) && living(clause).length === 0);
    return this.#goal.isHopeless(possible, sure, this.#findings.found);
  }
}

interface Asked {
  readonly clause: Clause;
  readonly test: Test;
}

interface Class {
  readonly value: Value;
  readonly answers: readonly boolean[];
}

/** Without exceptions, and without what they take away. */
const held = (clauses: readonly Clause[]): readonly Clause[] =>
  clauses.filter((clause) => clause.role !== "except" && !clause.excepts.some((except) => clauses.includes(except)));

function textOf(test: Test): TextTest {
  if (test.kind !== "text") throw new TypeError("a text is tested as a text");
  return test.test;
}

/** What a test of a value costs: a line of arguments is read by each pattern, a moment by a clock. */
const VALUE = 10;

function firstOfEach(values: readonly Value[], asked: readonly Asked[]): readonly Class[] {
  const found = new Map<string, Class>();
  for (const value of values) {
    spend(VALUE * (asked.length + 1));
    const answers = asked.map(({ test }) => holds(test, value));
    const key = answers.map(Number).join("");
    if (!found.has(key)) found.set(key, { value, answers });
  }
  return [...found.values()];
}
