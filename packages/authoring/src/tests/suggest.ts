/**
 * A test that would tell a policy from a mutant of it: a call to which the two answer differently, in the form in which
 * it can be pasted into a policy. Calls are guessed from the patterns and bounds around the slip; every hit is confirmed
 * by asking both. Preferred are calls with another effect; else one that another rule decides.
 */
import {
  type Decision,
  Policy,
  type PolicyCall,
  type PolicyTest,
  type RuleData,
  requestOf,
  UNKNOWN_CIRCUMSTANCES,
} from "@agent-run/policy";
import type { Mutant } from "./mutant.ts";
import { matcherOf, ownRules } from "./own-rule.ts";
import { answerTo, type TestBase } from "./ready-test.ts";
import { sampleSurroundings } from "./sample-attributes.ts";
import { samplePlaces } from "./sample-place.ts";
import { testText } from "./test-text.ts";

export interface Suggestion {
  readonly given: PolicyCall;
  readonly expect: PolicyTest["expect"];
  /** `[[test]]` in TOML. */
  readonly toml: string;
}

/** Places near one slip that are tried, with everything that may be around a call. */
const MOST_PLACES = 12;
/** Calls that are asked for one mutant, and how many more once one is found that another rule decides. */
const MOST_CALLS = 1500;
const MORE_CALLS = 200;

export class Suggester {
  readonly policy: Policy;
  readonly #base: TestBase;

  constructor(policy: Policy, base: TestBase) {
    this.policy = policy;
    this.#base = base;
  }

  /** Null: no call was found, which does not mean that there is none. */
  suggest(mutant: Mutant, other: Policy): Suggestion | null {
    const { rule, parts } = mutant;
    const others = this.#othersOf(mutant);
    const surroundings = sampleSurroundings([...rule.parts, ...parts, ...others.slice(0, MOST_OTHERS)]);
    let weak: Suggestion | null = null;
    let left = MOST_CALLS;
    for (const place of this.#placesOf(mutant, others)) {
      for (const { members, circumstances } of surroundings) {
        if (left-- <= 0) return weak;
        const found = this.differs({ call: { ...place, ...members }, circumstances }, other);
        if (found !== null && found.expect.rule === undefined) return found;
        if (found !== null && weak === null) left = Math.min(left, MORE_CALLS);
        weak ??= found;
      }
    }
    return weak;
  }

  /** The test that this call would make, if it tells the two policies apart. */
  differs(given: PolicyCall, other: Policy): Suggestion | null {
    const request = requestOf(given.call, this.policy.data, this.#base);
    if (!request.ok) return null;
    const call = { request: request.value, circumstances: given.circumstances };
    const [before, after] = [answerTo(this.policy, call), answerTo(other, call)];
    const expect = expectationOf(before, after);
    if (expect === null) return null;
    const shown = this.#shortened(given);
    return { given: shown, expect, toml: testText(shown, expect) };
  }

  /** What else the policy says of the same capabilities. */
  #othersOf({ rule, parts }: Mutant): readonly RuleData[] {
    const on = [...rule.parts, ...parts].flatMap((part) => part.on);
    return ownRules(this.policy.data)
      .flatMap((one) => one.parts)
      .filter((one) => one.ref.id !== rule.ref.id && one.on.some((name) => on.includes(name)));
  }

  /** First those that the slip lets in or out, and of these those that another rule opens. */
  #placesOf({ rule, parts }: Mutant, others: readonly RuleData[]): readonly PolicyCall["call"][] {
    const { data } = this.policy;
    const before = matcherOf(data, rule.parts.map(withoutTimes));
    const after = matcherOf(data, parts.map(withoutTimes));
    const open = Policy.revive({
      ...data,
      rules: others
        .filter(({ effect }) => effect !== "deny")
        .map(withoutTimes)
        .map(withoutExcept),
      ceilings: [],
    });
    const isSlipped = parts.length === 0 || parts[0]?.effect !== rule.effect;
    const on = [...new Set([...rule.parts, ...parts].flatMap((part) => part.on))];
    const calls = samplePlaces([...rule.parts, ...parts], others).flatMap((place) =>
      on.map((name) => ({ on: name, ...place })),
    );
    const rated = calls.flatMap((call) => {
      const request = requestOf(call, data, this.#base);
      if (!request.ok) return [];
      const asked = { request: request.value, circumstances: UNKNOWN_CIRCUMSTANCES };
      const [was, is] = [before(asked), after(asked)];
      if (!was && !is) return [];
      const changes = isSlipped || was !== is ? 2 : 0;
      return [{ call, rate: changes + (answerTo(open, asked).effect === "deny" ? 0 : 1) }];
    });
    return rated
      .sort((a, b) => b.rate - a.rate)
      .slice(0, MOST_PLACES)
      .map(({ call }) => call);
  }

  /** Relative to the root, as people write paths; the answer is the same, since both are one request. */
  #shortened({ call, circumstances }: PolicyCall): PolicyCall {
    const { root } = this.policy.data;
    const { path } = call;
    if (typeof path !== "string" || root === "/") return { call, circumstances };
    if (path === root) return { call: { ...call, path: "." }, circumstances };
    const rest = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
    return rest === null || rest.startsWith("~")
      ? { call, circumstances }
      : { call: { ...call, path: rest }, circumstances };
  }
}

/** Other rules whose bounds are tried. */
const MOST_OTHERS = 40;

/** Where it speaks, whatever the call is besides. */
const withoutTimes = ({ when: _, expires: __, hours: ___, ...place }: RuleData): RuleData => place;
const withoutExcept = ({ except: _, ...place }: RuleData): RuleData => place;

function expectationOf(before: Decision, after: Decision): PolicyTest["expect"] | null {
  if (before.effect !== after.effect) return { effect: before.effect };
  return before.rule.id === after.rule.id ? null : { effect: before.effect, rule: before.rule.id };
}
