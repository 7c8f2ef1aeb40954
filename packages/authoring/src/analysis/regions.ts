/**
 * Exact answers about all calls that a policy could be asked: which are possible, what another policy changes, what one
 * rule is there for. About calls with one target, as `explain` and `evaluate` make them; what a run counts (limits,
 * budgets, answers that were remembered) is taken as not used up.
 * Long because the three questions share how a search is begun and how its end is told.
 */
import {
  CAPABILITIES,
  type Capability,
  type Decision,
  type Effect,
  isTool,
  once,
  Policy,
  type PolicyData,
  type RuleData,
} from "@agent-run/policy";
import { type Answer, isDoor } from "./clause.ts";
import { answers, changes, type Space } from "./compare.ts";
import { dimensionsOf } from "./dimensions.ts";
import { doubtOf, policyDoubt } from "./doubts.ts";
import { Findings, type Point } from "./explore.ts";
import { type Layers, layersOf, type Stack } from "./layers.ts";
import { Model } from "./model.ts";
import { linesOf, programsOf } from "./programs.ts";
import { narrow, type Within } from "./question.ts";
import { decisionAt, type Witness, witnessOf } from "./witness.ts";
import { boundedWork, spend, TooComplex } from "./work.ts";

export type Asked = PolicyData | Policy;

export interface Question {
  readonly on: readonly Capability[];
  /** Only calls within these. */
  readonly within?: Within;
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
  const rules = layers.rules.map(({ rule }) => rule);
  if (layers.excess !== null)
    return { found: [], unknown: [...on].map((one) => ({ on: one, reason: layers.excess ?? "" })) };
  const doubt = (capability: Capability) =>
    policyDoubt(rules, capability, { now: within.now, commands: commandsOf(layers) });
  return each(on, wanted, doubt, (capability, unknown) => {
    const model = new Model(capability, layers.rules);
    const space = spaceOf(capability, layers, within);
    const findings = new Findings((answer, point, isAsked) =>
      possibility(asked, capability, answer as Answer, point, isAsked),
    );
    answers(space, model.clauses(), layers.stacks[0] as Stack, wanted, findings);
    tellGivenUp(capability, findings, unknown);
    return findings.all();
  });
}

const commandsOf = ({ data }: Layers) => data.flatMap(({ subprocess }) => subprocess.commands);

function spaceOf(capability: Capability, { data }: Layers, within: Within): Space {
  const [first] = data as [PolicyData, ...PolicyData[]];
  const narrowed = narrow(dimensionsOf(capability, data, within), capability, within, first);
  if (capability !== "subprocess.exec") return { capability, ...narrowed };
  const lines = { programs: programsOf(data, within.places), tried: once(() => linesOf(data, within.places)) };
  return { capability, ...narrowed, lines };
}

const revived = (policy: Asked): Policy => (policy instanceof Policy ? policy : Policy.revive(policy));

function possibility(
  policy: Policy,
  on: Capability,
  answer: Answer,
  point: Point,
  isAsked: boolean,
): Asking<Possibility> {
  const witness = witnessOf(on, point);
  const decision = witness === null ? null : decisionAt(policy, witness);
  const isConfirmed = isAsked && decision !== null && told(decision) === answer;
  const value = { on, answer, witness: isConfirmed ? witness : null, decision: isConfirmed ? decision : null };
  return { value, isConfirmed };
}

/** What the engine was asked to confirm. */
interface Asking<T> {
  readonly value: T;
  readonly isConfirmed: boolean;
}

const told = ({ effect, sealed }: Decision): string => (sealed === undefined ? effect : `${effect} sealed`);

const LOOSEST_FIRST: readonly Effect[] = ["allow", "ask", "deny"];

function each(
  on: readonly Capability[],
  wanted: readonly Effect[],
  doubtAbout: (capability: Capability) => string | null,
  find: (capability: Capability, unknown: Unknown[]) => readonly Possibility[],
): Possibilities {
  const found: Possibility[] = [];
  const unknown: Unknown[] = [];
  for (const capability of on) {
    attempt(capability, unknown, () => {
      const some = find(capability, unknown);
      found.push(...some);
      // Whoever asks for grants and gets questions has not been told that there is no grant.
      const isOpen = LOOSEST_FIRST.find((effect) => wanted.includes(effect));
      const doubt = some.some(({ answer }) => answer.startsWith(isOpen ?? "")) ? null : doubtAbout(capability);
      if (doubt !== null) unknown.push({ on: capability, reason: doubt });
    });
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

/** For every rule that only one of them has (and that `isAsked`): the calls of which it changes the answer. */
export function differences(
  old: Asked,
  now: Asked,
  built: readonly Capability[] = CAPABILITIES,
  isAsked: (rule: RuleData) => boolean = () => true,
): Differences {
  const policies = [revived(old), revived(now)] as const;
  const layers = layersOf(policies.map(({ data }) => data));
  const stacks = layers.stacks as readonly [Stack, Stack];
  const own = layers.rules.filter(({ rule, policies: bits }) => isAsked(rule) && isOwn(bits, stacks));
  // Which tools there are is not the policy's to know: that a rule about some changed is all that can be told.
  const on = new Set([...built, ...own.flatMap(({ rule }) => rule.on.filter(isTool))]);
  const found: Difference[] = [];
  const unknown: Unknown[] = [];
  if (stacks[0].length !== stacks[1].length) {
    return { found, unknown: [...on].map((one) => ({ on: one, reason: "one of the two has more ceilings" })) };
  }
  if (layers.excess !== null)
    return { found, unknown: [...on].map((one) => ({ on: one, reason: layers.excess ?? "" })) };
  if (own.length === 0) return { found, unknown };
  const engines = policies.map(engineOf) as [Engine, Engine];
  const all = layers.rules.map(({ rule }) => rule);
  const commands = commandsOf(layers);
  const compare = (capability: Capability) => {
    const about = once(() => ({ model: new Model(capability, layers.rules), space: spaceOf(capability, layers, {}) }));
    for (const { rule, policies: bits } of new Map(
      own.map((one) => [`${one.policies} ${one.rule.ref.id}`, one]),
    ).values()) {
      if (isTool(capability) && !rule.on.includes(capability)) continue;
      attempt(capability, unknown, () => {
        const { model, space } = about();
        const parts = model.apart({ rule, policies: bits }, bits);
        const findings = new Findings((key, point) => difference(engines, capability, key, point, rule));
        if (parts !== null) changes(space, parts, stacks, findings);
        tellGivenUp(capability, findings, unknown);
        const isOpen = parts !== null && [...parts.own, ...parts.others].some(isDoor);
        const some = findings.all();
        const doubt =
          isOpen && some.length === 0
            ? (doubtOf(rule, capability) ?? policyDoubt(all, capability, { commands }))
            : null;
        if (doubt !== null) unknown.push({ on: capability, reason: doubt });
        found.push(...some);
      });
    }
  };
  for (const capability of on) boundedWork(() => compare(capability));
  return { found, unknown };
}

interface Engine {
  decide(witness: Witness): Decision;
}

const engineOf = (policy: Policy): Engine => ({ decide: (witness) => decisionAt(policy, witness) });

function tellGivenUp(on: Capability, { givenUp }: Pick<Findings<unknown>, "givenUp">, unknown: Unknown[]): void {
  if (givenUp !== null) unknown.push({ on, reason: givenUp });
}

/** What is too complex is told. */
function attempt(on: Capability, unknown: Unknown[], find: () => void): void {
  try {
    boundedWork(find);
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    unknown.push({ on, reason: error.message });
  }
}

/** Only one of the two has it. */
const isOwn = (policies: number, [old, now]: readonly [Stack, Stack]): boolean =>
  !old.some((bit, at) => policies === (bit | (now[at] ?? 0)));

function difference(
  [old, now]: readonly [Engine, Engine],
  on: Capability,
  key: string,
  point: Point,
  rule: RuleData,
): Asking<Difference> {
  const [before = "deny", after = "deny"] = key.split(" > ") as Answer[];
  const witness = witnessOf(on, point);
  const decisions = witness === null ? null : [old.decide(witness), now.decide(witness)];
  const [first, second] = decisions ?? [];
  const isConfirmed = first !== undefined && second !== undefined && told(first) === before && told(second) === after;
  const value = {
    on,
    before,
    after,
    witness: isConfirmed ? witness : null,
    old: isConfirmed ? first : null,
    new: isConfirmed ? second : null,
    rule,
  };
  return { value, isConfirmed };
}

/** What a rule is there for. */
export interface Need {
  readonly rule: RuleData;
  /** Calls whose answer would be another one without it. None and nothing unknown: it does nothing. */
  readonly changes: readonly Difference[];
  readonly unknown: readonly Unknown[];
}

/** For each rule of the policy (that `isAsked`), in its order. Rules of one id are one rule. */
export function needs(policy: Asked, isAsked: (rule: RuleData) => boolean = () => true): readonly Need[] {
  const asked = revived(policy);
  const layers = layersOf([asked.data, asked.data]);
  const stacks = layers.stacks as readonly [Stack, Stack];
  const models = new Map<Capability, About>();
  const about = (capability: Capability): About => {
    const known = models.get(capability);
    if (known !== undefined) return known;
    spend(RULE_STEPS * layers.rules.length);
    const made = { model: new Model(capability, layers.rules), space: spaceOf(capability, layers, {}) };
    models.set(capability, made);
    return made;
  };
  const sealed = asked.data.rules.filter((rule) => rule.sealed === true);
  const need = ([id, rules]: readonly [string, readonly RuleData[]]): Need => {
    const changed: Difference[] = [];
    const unknown: Unknown[] = [];
    const [rule] = rules as [RuleData];
    for (const on of new Set(rules.flatMap((one) => (one.sealed === true ? CAPABILITIES : one.on)))) {
      if (layers.excess !== null) unknown.push({ on, reason: layers.excess });
      else
        attempt(on, unknown, () => {
          const engines = [engineOf(asked), without(asked, id, sealed)] as const;
          const findings = new Findings((key, point) => difference(engines, on, key, point, rule));
          changesWithout(rule, about(on), stacks, findings);
          tellGivenUp(on, findings, unknown);
          const some = findings.all();
          const doubt =
            some.length === 0
              ? (rules.map((one) => doubtOf(one, on)).find((one) => one !== null) ??
                policyDoubt(asked.data.rules, on, { commands: commandsOf(layers) }))
              : null;
          if (doubt !== null) unknown.push({ on, reason: doubt });
          changed.push(...some);
        });
    }
    return { rule, changes: changed, unknown };
  };
  return boundedWork(() => [...byId(asked.data.rules.filter(isAsked))].map(need), CAPABILITIES.length);
}

/** What a rule costs before anything is asked, in steps. */
const RULE_STEPS = 20;

interface About {
  readonly model: Model;
  readonly space: Space;
}

function byId(rules: readonly RuleData[]): ReadonlyMap<string, readonly RuleData[]> {
  const found = new Map<string, RuleData[]>();
  for (const rule of rules) {
    const known = found.get(rule.ref.id);
    if (known === undefined) found.set(rule.ref.id, [rule]);
    else known.push(rule);
  }
  return found;
}

function changesWithout(
  rule: RuleData,
  { model, space }: About,
  stacks: readonly [Stack, Stack],
  findings: Findings<Difference>,
): void {
  const [first = 0] = stacks[0];
  const parts = model.apart({ rule, policies: first | (stacks[1][0] ?? 0) }, first);
  if (parts !== null) changes(space, parts, stacks, findings);
}

/** What the engine says without a rule: only rules that matched have a say, and those that are local-only. */
function without(policy: Policy, id: string, sealed: readonly RuleData[]): Engine {
  return {
    decide: (witness) => {
      const matched = new Set(decisionAt(policy, witness).matched);
      const rules = policy.data.rules.filter(
        (rule) => rule.ref.id !== id && (matched.has(rule.ref.id) || sealed.includes(rule)),
      );
      return decisionAt(Policy.revive({ ...policy.data, rules }), witness);
    },
  };
}
