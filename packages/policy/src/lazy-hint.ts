/**
 * Decisions whose hint is only made when somebody reads it: most denials of a run are caught or counted, and the sentence
 * costs more than the answer. It is read like any other member and stands in JSON; spreading and cloning leave it out
 * (a member that waits and is the object's own would cost as much as half a decision), so copies are made by
 * `withHint`, `withoutHint`, `changed` and, for who is not of this house, `plainDecision`.
 */
import type { Decision } from "./decision.ts";

type Hintless = Omit<Decision, "hint">;

class Waiting implements Decision {
  readonly effect: Decision["effect"];
  readonly code: Decision["code"];
  readonly rule: Decision["rule"];
  readonly matched: Decision["matched"];
  readonly layer: string;
  declare readonly target?: NonNullable<Decision["target"]>;
  #hint: string | (() => string);

  constructor({ effect, code, rule, matched, layer, target }: Hintless, make: () => string) {
    this.effect = effect;
    this.code = code;
    this.rule = rule;
    this.matched = matched;
    this.layer = layer;
    if (target !== undefined) this.target = target;
    this.#hint = make;
  }

  get hint(): string {
    // Who compares objects asks their prototypes, too.
    if (!(#hint in this)) return "";
    if (typeof this.#hint !== "string") this.#hint = told(this.#hint);
    return this.#hint;
  }

  toJSON(): Decision {
    return plainDecision(this);
  }
}

/** The decision with a hint. */
export function withHint(decision: Hintless, make: () => string): Decision {
  const { sealed, use, limited, learned } = decision;
  const waiting = new Waiting(decision, make);
  if ((sealed ?? use ?? limited ?? learned) === undefined) return waiting;
  return Object.assign(waiting, decision);
}

/** All but the hint, without making it. */
export function withoutHint(decision: Decision): Hintless {
  if (decision instanceof Waiting) return { ...decision };
  const { hint: _, ...rest } = decision;
  return rest;
}

/** Another decision with the same hint, unless that is changed, too. */
export const changed = (decision: Decision, changes: Partial<Decision>): Decision => ({
  ...plainDecision(decision),
  ...changes,
});

/** Its hint made, and a member like the others. */
export function plainDecision(decision: Decision): Decision {
  const { hint } = decision;
  return hint === undefined ? { ...decision } : { ...withoutHint(decision), hint };
}

/** Who reads a refusal gets one, whatever happens. */
function told(make: () => string): string {
  try {
    return make();
  } catch {
    return "nothing can be said about what would be allowed";
  }
}
