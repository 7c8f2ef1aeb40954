/**
 * The calls of commands, program after program: of each, its arguments are a text, and the clauses are what they are for this
 * program. Where the bounds of a denial leave open whether it matches, both is looked at, as a dimension of its own: what is
 * not found then does not exist, and what is found is asked of the engine.
 */

import { ALWAYS, NEVER } from "./bounds.ts";
import type { Clause, Line, Test } from "./clause.ts";
import type { Dimension, Point } from "./explore.ts";
import { argsDomain, argsOfText } from "./line-texts.ts";
import { all, not, type TextTest } from "./text-test.ts";

/** Clauses of one program. */
export class ProgramClauses {
  readonly program: Line;
  readonly #doubts = new Set<string>();
  #next = 0;

  constructor(program: Line) {
    this.program = program;
  }

  of(clauses: readonly Clause[]): readonly Clause[] {
    return clauses.flatMap((clause) => this.#each(clause));
  }

  /** Those of the others, the arguments first, and one for each doubt of the clauses that were asked for. */
  dimensions(others: readonly Dimension[]): readonly Dimension[] {
    const doubts = [...this.#doubts].map((name): Dimension => ({ name, kind: "value", values: DOUBTS }));
    return [{ name: "line", kind: "text", domain: DOMAIN, specials: [] }, ...doubts, ...others];
  }

  /** The arguments as a command line, first as people write one, where the answer may be the same: no word empty, or with a space. */
  points(point: Point): readonly Point[] {
    const { real, argv } = this.program;
    const args = typeof point.line === "string" ? argsOfText(point.line) : [];
    const apart = args.flatMap((one) => one.split(" "));
    const filled = READABLE.map((word) => args.map((one) => one || word));
    const texts = [...(apart.length > args.length ? [apart] : []), ...(args.includes("") ? filled : []), args];
    return texts.map((words) => ({ ...point, line: { real, argv: [...argv, ...words] } }));
  }

  /** One that holds within the lower bound, and one that may between the two. */
  #each(clause: Clause): readonly Clause[] {
    const test = clause.tests.get("line");
    const bounds = test === undefined ? ALWAYS : boundsOf(test, this.program);
    if (bounds === NEVER) return [];
    const excepts = this.of(clause.excepts);
    const others = [...clause.tests].filter(([name]) => name !== "line");
    const made = (own: readonly (readonly [string, Test])[]): Clause => ({
      ...clause,
      id: this.#next++,
      tests: new Map([...own, ...others]),
      excepts,
    });
    if (bounds === ALWAYS) return [made([])];
    const { key, lower, upper } = bounds;
    if (lower === upper) return [made([["line", textOf(lower)]])];
    const doubt = `may be ${key}`;
    this.#doubts.add(doubt);
    return [
      made([["line", textOf(lower)]]),
      made([
        ["line", textOf(all(upper, not(lower)))],
        [doubt, { kind: "value", holds: (value) => value === YES }],
      ]),
    ];
  }
}

const READABLE = ["x", "y"];
const YES = "yes";
const DOUBTS = ["no", YES] as const;
const DOMAIN = argsDomain();

const textOf = (test: TextTest): Test => ({ kind: "text", test, special: () => false });

function boundsOf(test: Test, program: Line) {
  if (test.kind !== "value" || test.bounds === undefined) throw new TypeError("a line is tested by its bounds");
  return test.bounds(program);
}
