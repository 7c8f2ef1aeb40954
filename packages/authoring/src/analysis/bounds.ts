/** What is known of a test of arguments as automata: lines that certainly pass, and lines that may. */
import { test } from "./line-texts.ts";
import type { Loom, Node } from "./nodes.ts";
import { all, automataOf, some, type TextTest } from "./text-test.ts";

/** `key`: two bounds of one key are about the same truth. Where both tests are one object, nothing is open. */
export interface Bounds {
  readonly key: string;
  readonly lower: TextTest;
  readonly upper: TextTest;
}

export const exact = (key: string, both: TextTest): Bounds => ({ key, lower: both, upper: both });
export const ALWAYS: Bounds = exact("always", all());
export const NEVER: Bounds = exact("never", some());

export const anyOf = (key: string, of: readonly Bounds[]): Bounds => joined(key, of, some, NEVER);
export const allOf = (key: string, of: readonly Bounds[]): Bounds => joined(key, of, all, ALWAYS);

function joined(key: string, of: readonly Bounds[], join: typeof all, none: Bounds): Bounds {
  const decisive = none === NEVER ? ALWAYS : NEVER;
  if (of.includes(decisive)) return decisive;
  const asked = of.filter((one) => one !== none);
  if (asked.length < 2) return asked[0] ?? none;
  const lower = join(...asked.map((one) => one.lower));
  return asked.every((one) => one.lower === one.upper)
    ? exact(key, lower)
    : { key, lower, upper: join(...asked.map((one) => one.upper)) };
}

/** Bounds are the same in every policy, and kept. */
const KEPT = new Map<string, Bounds>();
const MOST_KEPT = 500;

export function kept(key: string, make: () => Bounds): Bounds {
  const known = KEPT.get(key);
  // Automata grow where they are walked, up to a bound.
  const isWorn = known !== undefined && [...automataOf([known.lower, known.upper])].some(({ isLarge }) => isLarge);
  if (known !== undefined && !isWorn) return known;
  const made = make();
  if (KEPT.size >= MOST_KEPT) KEPT.clear();
  KEPT.set(key, made);
  return made;
}

/** Nodes for an automaton, made where it is known. */
export type Make = (loom: Loom) => readonly Node[];

export const unionOf = (makes: readonly Make[]): TextTest => test((loom) => makes.flatMap((make) => make(loom)));

/** Of each list all must hold. */
export function wideUnion(of: readonly (readonly Make[])[]): TextTest {
  if (of.some((makes) => makes.length === 0)) return all();
  const single = of.flatMap((makes) => (makes.length === 1 ? makes : []));
  const others = of.filter((makes) => makes.length > 1).map((makes) => all(...makes.map((make) => test(make))));
  return some(unionOf(single), ...others);
}
