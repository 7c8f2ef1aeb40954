/**
 * Exact answers about all calls that a policy could be asked: which are possible, what another policy changes, what one
 * rule is there for. About calls with one target, as `explain` and `evaluate` make them; what a run counts (limits,
 * budgets, answers that were remembered) is taken as not used up.
 */
import {
  CAPABILITIES,
  type Capability,
  type Decision,
  Policy,
  type PolicyData,
  type RuleData,
} from "@agent-run/policy";
import { TooComplex } from "./automaton.ts";
import type { Answer } from "./clause.ts";
import { answers, changes, type Space } from "./compare.ts";
import { dimensionsOf } from "./dimensions.ts";
import type { Point } from "./explore.ts";
import { type Layers, layersOf, type Stack } from "./layers.ts";
import { Model } from "./model.ts";
import { type Limits, limited } from "./question.ts";
import { type Witness, witnessOf } from "./witness.ts";

export type Asked = PolicyData | Policy;

export interface Question {
  readonly on: readonly Capability[];
  /** Only calls within these. */
  readonly within?: Limits;
  /** Default: what can be allowed or asked about. */
  readonly wanted?: readonly ("allow" | "ask" | "deny")[];
}

export interface Possibility {
  readonly on: Capability;
  readonly answer: Answer;
  /** Null: some call might get the answer, and none was found that does. */
  readonly witness: Witness | null;
  readonly decision: Decision | null;
}

/** What could not be found out, and why. */
export interface Unknown {
  readonly on: Capability;
  readonly reason: string;
}

export interface Possibilities {
  readonly found: readonly Possibility[];
  readonly unknown: readonly Unknown[];
}

/** Nothing found and nothing unknown: no such call exists, whatever it is. */
export function possible(policy: Asked, { on, within = {}, wanted = ["allow", "ask"] }: Question): Possibilities {
  const asked = revived(policy);
  const layers = layersOf([asked.data]);
  return each(on, (capability) => {
    const model = new Model(capability, layers.rules);
    const space = spaceOf(capability, layers, within);
    const found = answers(space, model.clauses(), layers.stacks[0] as Stack, wanted);
    return [...found].flatMap(([answer, point]) => possibility(asked, capability, answer as Answer, point));
  });
}

export const spaceOf = (capability: Capability, { data }: Layers, within: Limits): Space => ({
  capability,
  dimensions: limited(dimensionsOf(capability, data), capability, within),
});

export const revived = (policy: Asked): Policy => (policy instanceof Policy ? policy : Policy.revive(policy));

function possibility(policy: Policy, on: Capability, answer: Answer, point: Point): readonly Possibility[] {
  const witness = witnessOf(on, point);
  const decision = witness === null ? null : policy.decide(witness.request);
  const isConfirmed = decision !== null && answer.startsWith(decision.effect);
  return [{ on, answer, witness: isConfirmed ? witness : null, decision: isConfirmed ? decision : null }];
}

/** For each capability; what is too complex is told. */
function each(on: readonly Capability[], find: (capability: Capability) => readonly Possibility[]): Possibilities {
  const found: Possibility[] = [];
  const unknown: Unknown[] = [];
  for (const capability of on) {
    try {
      found.push(...find(capability));
    } catch (error) {
      if (!(error instanceof TooComplex)) throw error;
      unknown.push({ on: capability, reason: error.message });
    }
  }
  return { found, unknown };
}

export interface Difference {
  readonly on: Capability;
  readonly before: Answer;
  readonly after: Answer;
  readonly witness: Witness | null;
  readonly old: Decision | null;
  readonly new: Decision | null;
  /** The rule that is only in one of them. */
  readonly rule: RuleData;
}

export interface Differences {
  readonly found: readonly Difference[];
  readonly unknown: readonly Unknown[];
}

/** For every rule that only one of them has: the calls of which it changes the answer. */
export function differences(old: Asked, now: Asked, on: readonly Capability[] = CAPABILITIES): Differences {
  const policies = [revived(old), revived(now)] as const;
  const layers = layersOf(policies.map(({ data }) => data));
  const stacks = layers.stacks as readonly [Stack, Stack];
  const found: Difference[] = [];
  const unknown: Unknown[] = [];
  for (const capability of on) {
    const model = new Model(capability, layers.rules);
    const space = spaceOf(capability, layers, {});
    const seen = new Set<string>();
    for (const { rule, policies: bits } of layers.rules.filter((owned) => isOwn(owned.policies, stacks))) {
      const parts = seen.has(`${bits} ${rule.ref.id}`) ? null : model.apart({ rule, policies: bits }, bits);
      seen.add(`${bits} ${rule.ref.id}`);
      if (parts === null) continue;
      try {
        const points = changes(space, parts, stacks);
        found.push(...[...points].map(([key, point]) => difference(policies, capability, key, point, rule)));
      } catch (error) {
        if (!(error instanceof TooComplex)) throw error;
        unknown.push({ on: capability, reason: error.message });
      }
    }
  }
  return { found, unknown };
}

/** Only one of the two has it. */
const isOwn = (policies: number, [old, now]: readonly [Stack, Stack]): boolean =>
  !old.some((bit, at) => policies === (bit | (now[at] ?? 0)));

function difference(
  [old, now]: readonly [Policy, Policy],
  on: Capability,
  key: string,
  point: Point,
  rule: RuleData,
): Difference {
  const [before = "deny", after = "deny"] = key.split(" > ") as Answer[];
  const witness = witnessOf(on, point);
  const decisions = witness === null ? null : [old.decide(witness.request), now.decide(witness.request)];
  const [first, second] = decisions ?? [];
  const isConfirmed =
    first !== undefined && second !== undefined && before.startsWith(first.effect) && after.startsWith(second.effect);
  return {
    on,
    before,
    after,
    witness: isConfirmed ? witness : null,
    old: isConfirmed ? first : null,
    new: isConfirmed ? second : null,
    rule,
  };
}

/** What a rule is there for. */
export interface Need {
  readonly rule: RuleData;
  /** Calls whose answer would be another one without it. None and nothing unknown: it does nothing. */
  readonly changes: readonly Difference[];
  readonly unknown: readonly Unknown[];
}

/** For each rule of the policy (that `isAsked`), in its order. */
export function needs(policy: Asked, isAsked: (rule: RuleData) => boolean = () => true): readonly Need[] {
  const asked = revived(policy);
  const layers = layersOf([asked.data, asked.data]);
  const stacks = layers.stacks as readonly [Stack, Stack];
  const models = new Map<Capability, { readonly model: Model; readonly space: Space }>();
  const about = (capability: Capability) => {
    const known = models.get(capability) ?? {
      model: new Model(capability, layers.rules),
      space: spaceOf(capability, layers, {}),
    };
    models.set(capability, known);
    return known;
  };
  const [first = 0] = stacks[0];
  const both = first | (stacks[1][0] ?? 0);
  const ids = new Map(asked.data.rules.filter(isAsked).map((rule) => [rule.ref.id, rule]));
  return [...ids.values()].map((rule) => {
    const changed: Difference[] = [];
    const unknown: Unknown[] = [];
    const without = Policy.revive({
      ...asked.data,
      rules: asked.data.rules.filter(({ ref }) => ref.id !== rule.ref.id),
    });
    const on = new Set(
      asked.data.rules
        .filter(({ ref }) => ref.id === rule.ref.id)
        .flatMap((one) => (one.sealed ? CAPABILITIES : one.on)),
    );
    for (const capability of on) {
      const { model, space } = about(capability);
      const parts = model.apart({ rule, policies: both }, first);
      if (parts === null) continue;
      try {
        const points = changes(space, parts, stacks);
        changed.push(...[...points].map(([key, point]) => difference([asked, without], capability, key, point, rule)));
      } catch (error) {
        if (!(error instanceof TooComplex)) throw error;
        unknown.push({ on: capability, reason: error.message });
      }
    }
    return { rule, changes: changed, unknown };
  });
}
