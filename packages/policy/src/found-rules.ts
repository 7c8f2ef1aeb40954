/** The rules that speak about one thing, by what they are asked for: in policy order, each once. */
import type { AtomList } from "./atom.ts";
import type { Rule } from "./rule.ts";

export type RulesByList = Readonly<Record<AtomList, readonly Rule[]>>;

/** Nothing is ever put in. */
const NONE: Rule[] = [];

export const NO_RULES: readonly Rule[] = NONE;

export const NOTHING_FOUND: RulesByList = { deny: NONE, ask: NONE, open: NONE, sealed: NONE, use: NONE };

export class FoundRules implements RulesByList {
  deny: readonly Rule[] = NONE;
  ask: readonly Rule[] = NONE;
  open: readonly Rule[] = NONE;
  sealed: readonly Rule[] = NONE;
  use: readonly Rule[] = NONE;

  /** Where several are added, `settle` comes after the last. One name a case: a member by a name found here is slow. */
  add(list: AtomList, rule: Rule): void {
    switch (list) {
      case "deny":
        this.deny = withOne(this.deny, rule);
        return;
      case "ask":
        this.ask = withOne(this.ask, rule);
        return;
      case "open":
        this.open = withOne(this.open, rule);
        return;
      case "sealed":
        this.sealed = withOne(this.sealed, rule);
        return;
      case "use":
        this.use = withOne(this.use, rule);
    }
  }

  settle(): this {
    this.deny = united(this.deny);
    this.ask = united(this.ask);
    this.open = united(this.open);
    this.sealed = united(this.sealed);
    this.use = united(this.use);
    return this;
  }
}

function withOne(list: readonly Rule[], rule: Rule): readonly Rule[] {
  if (list === NONE) return [rule];
  (list as Rule[]).push(rule);
  return list;
}

/** In policy order, each once. */
export const united = (rules: readonly Rule[]): readonly Rule[] =>
  rules.length < 2 ? rules : [...new Set(rules)].sort((a, b) => a.order - b.order);
