/**
 * Calls that tell a policy from the same policy without one rule: guesses from the rule's own patterns and conditions,
 * each confirmed by the decision itself. One that is found is a proof that the rule matters, at the price of a few
 * decisions; that none is found says nothing.
 */
import { type Decision, Policy, type PolicyData, type RuleData, requestOf } from "@agent-run/policy";
import { sampleSurroundings } from "../tests/sample-attributes.ts";
import { samplePlaces } from "../tests/sample-place.ts";

/** Calls that are tried for one rule. */
const MOST_PLACES = 8;
const MOST_SURROUNDINGS = 12;

export class TellingCalls {
  readonly #policy: Policy;
  readonly #home: string;
  readonly #byId = new Map<string, RuleData[]>();
  readonly #sealed: readonly RuleData[];

  constructor(data: PolicyData, home: string) {
    this.#policy = Policy.revive(data);
    this.#home = home;
    this.#sealed = data.rules.filter(({ sealed }) => sealed === true);
    for (const rule of data.rules) {
      const known = this.#byId.get(rule.ref.id);
      if (known === undefined) this.#byId.set(rule.ref.id, [rule]);
      else known.push(rule);
    }
  }

  /** Is there a call that gets another answer without the rule of these parts? */
  isFound(parts: readonly RuleData[]): boolean {
    const id = parts[0]?.ref.id;
    const places = samplePlaces(parts, []).slice(0, MOST_PLACES);
    const around = sampleSurroundings(parts).slice(0, MOST_SURROUNDINGS);
    const on = [...new Set(parts.flatMap((part) => part.on))];
    return (
      id !== undefined &&
      on.some((capability) =>
        around.some(({ members, circumstances }) =>
          places.some((place) => {
            const request = requestOf({ on: capability, ...place, ...members }, this.#policy.data, {
              home: this.#home,
            });
            if (!request.ok) return false;
            const decide = (policy: Policy) => policy.decide(request.value, request.value, circumstances);
            const decision = decide(this.#policy);
            return decision.matched.includes(id) && isOther(decision, decide(this.#without(id, decision)));
          }),
        ),
      )
    );
  }

  /** Only rules that matched have a say, and those that are local-only. */
  #without(id: string, { matched }: Decision): Policy {
    const others = matched.flatMap((one) => this.#byId.get(one) ?? []);
    const rules = [...new Set([...others, ...this.#sealed])].filter(({ ref }) => ref.id !== id);
    return Policy.revive({ ...this.#policy.data, rules });
  }
}

const isOther = (one: Decision, other: Decision): boolean =>
  one.effect !== other.effect || (one.sealed === undefined) !== (other.sealed === undefined);
