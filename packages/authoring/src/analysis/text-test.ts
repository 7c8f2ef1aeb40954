/**
 * What a rule asks about a text (a path, a host, a name), as a formula over automata. It can be asked in the middle of a
 * text: certainly, certainly not, or open; what is certain early needs no looking further.
 */
import type { Automaton, State } from "./automaton.ts";

export type Fate = boolean | null;

export type TextTest =
  /** The text matches a pattern of the label; `others`: of another label than that. `label` null: of any. */
  | { readonly kind: "matches"; readonly automaton: Automaton; readonly label: number | null; readonly others: boolean }
  | { readonly kind: "not"; readonly of: TextTest }
  | { readonly kind: "all" | "some"; readonly of: readonly TextTest[] };

export const matches = (automaton: Automaton, label: number | null = null, others = false): TextTest => ({
  kind: "matches",
  automaton,
  label,
  others,
});
export const not = (of: TextTest): TextTest => ({ kind: "not", of });
export const all = (...of: readonly TextTest[]): TextTest => ({ kind: "all", of });
export const some = (...of: readonly TextTest[]): TextTest => ({ kind: "some", of });

/** The automata of tests, each once. */
export function automataOf(tests: readonly TextTest[], found: Set<Automaton> = new Set()): Set<Automaton> {
  for (const test of tests) {
    if (test.kind === "matches") found.add(test.automaton);
    else automataOf(test.kind === "not" ? [test.of] : test.of, found);
  }
  return found;
}

export type StateOf = (automaton: Automaton) => State;

/** Does the whole text pass? */
export function passes(test: TextTest, stateOf: StateOf): boolean {
  if (test.kind === "matches") return has(stateOf(test.automaton).accepts, test);
  if (test.kind === "not") return !passes(test.of, stateOf);
  return test.kind === "all"
    ? test.of.every((one) => passes(one, stateOf))
    : test.of.some((one) => passes(one, stateOf));
}

/** Does this very text pass? */
export function passesText(test: TextTest, text: string): boolean {
  const ends = new Map<Automaton, State>();
  for (const automaton of automataOf([test])) {
    let state = automaton.start;
    for (const letter of text) state = automaton.step(state, letter.codePointAt(0) ?? 0);
    ends.set(automaton, state);
  }
  return passes(test, (automaton) => ends.get(automaton) ?? automaton.start);
}

/** What every text that begins like this will get; null: some this, some that. */
export function fateOf(test: TextTest, stateOf: StateOf): Fate {
  if (test.kind === "matches") {
    const state = stateOf(test.automaton);
    if (has(state.sure, test)) return true;
    return has(state.alive, test) ? null : false;
  }
  if (test.kind === "not") {
    const fate = fateOf(test.of, stateOf);
    return fate === null ? null : !fate;
  }
  const decisive = test.kind === "some";
  let open = false;
  for (const one of test.of) {
    const fate = fateOf(one, stateOf);
    if (fate === decisive) return decisive;
    if (fate === null) open = true;
  }
  return open ? null : !decisive;
}

/** What the cheapest longer text costs that passes, or less. */
export function distanceOf(test: TextTest, stateOf: StateOf): number {
  if (test.kind === "matches") return stateOf(test.automaton).distance(test.label, test.others);
  if (test.kind === "not" || test.of.length === 0) return 0;
  const each = test.of.map((one) => distanceOf(one, stateOf));
  return test.kind === "all" ? Math.max(...each) : Math.min(...each);
}

function has(labels: ReadonlySet<number>, { label, others }: Extract<TextTest, { kind: "matches" }>): boolean {
  if (label === null) return labels.size > 0;
  if (!others) return labels.has(label);
  return labels.size > (labels.has(label) ? 1 : 0);
}
