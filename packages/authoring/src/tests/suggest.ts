/**
 * A test that would tell a policy from a mutant of it: a call to which the two answer differently, in the form in which
 * it can be pasted into a policy. Calls are guessed from the patterns and bounds around the slip; every hit is confirmed
 * by asking both. Preferred are calls with another effect; else one that another rule decides.
 */
import { type Decision, type Policy, type PolicyCall, type PolicyTest, requestOf } from "@agent-run/policy";
import type { Mutant } from "./mutant.ts";
import { ownRules } from "./own-rule.ts";
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

/** Calls that are tried for one mutant, and how many more once one is found that another rule decides. */
const MOST_CALLS = 1500;
const MORE_CALLS = 200;

export class Suggester {
  readonly #policy: Policy;
  readonly #base: TestBase;

  constructor(policy: Policy, base: TestBase) {
    this.#policy = policy;
    this.#base = base;
  }

  /** Null: no call was found, which does not mean that there is none. */
  suggest(mutant: Mutant, other: Policy): Suggestion | null {
    let weak: Suggestion | null = null;
    let left = MOST_CALLS;
    for (const given of this.#callsNear(mutant)) {
      if (left-- <= 0) break;
      const found = this.differs(given, other);
      if (found === null) continue;
      if (found.expect.rule === undefined) return found;
      if (weak === null) left = Math.min(left, MORE_CALLS);
      weak ??= found;
    }
    return weak;
  }

  /** The test that this call would make, if it tells the two policies apart. */
  differs(given: PolicyCall, other: Policy): Suggestion | null {
    const request = requestOf(given.call, this.#policy.data, this.#base);
    if (!request.ok) return null;
    const call = { request: request.value, circumstances: given.circumstances };
    const [before, after] = [answerTo(this.#policy, call), answerTo(other, call)];
    const expect = expectationOf(before, after);
    if (expect === null) return null;
    const shown = this.#shortened(given);
    return { given: shown, expect, toml: testText(shown, expect) };
  }

  *#callsNear({ rule, parts }: Mutant): Generator<PolicyCall> {
    const about = [...rule.parts, ...parts];
    const on = [...new Set(about.flatMap((part) => part.on))];
    const others = ownRules(this.#policy.data)
      .flatMap((one) => one.parts)
      .filter((one) => one.ref.id !== rule.ref.id && one.on.some((name) => on.includes(name)));
    const surroundings = sampleSurroundings([...about, ...others.slice(0, 40)]);
    const places = samplePlaces(about, others);
    for (const place of places) {
      for (const { members, circumstances } of surroundings) {
        for (const name of on) yield { call: { on: name, ...place, ...members }, circumstances };
      }
    }
  }

  /** Relative to the root, as people write paths; the answer is the same, since both are one request. */
  #shortened({ call, circumstances }: PolicyCall): PolicyCall {
    const { root } = this.#policy.data;
    const { path } = call;
    if (typeof path !== "string" || root === "/") return { call, circumstances };
    if (path === root) return { call: { ...call, path: "." }, circumstances };
    const rest = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
    return rest === null || rest.startsWith("~")
      ? { call, circumstances }
      : { call: { ...call, path: rest }, circumstances };
  }
}

function expectationOf(before: Decision, after: Decision): PolicyTest["expect"] | null {
  if (before.effect !== after.effect) return { effect: before.effect };
  return before.rule.id === after.rule.id ? null : { effect: before.effect, rule: before.rule.id };
}
