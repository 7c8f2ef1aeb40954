/** The rules that some patterns belong to: a rule has many, and is named once. */
import type { Atom } from "./atom.ts";
import type { Rule } from "./rule-book.ts";

/** In policy order, each once. */
export function rulesOf(atoms: readonly Atom[]): readonly Rule[] {
  const [first] = atoms;
  if (first === undefined) return NO_RULES;
  if (atoms.length === 1) return [first.rule];
  return [...new Set(atoms.map(({ rule }) => rule))].sort((a, b) => a.order - b.order);
}

const NO_RULES: readonly Rule[] = [];
