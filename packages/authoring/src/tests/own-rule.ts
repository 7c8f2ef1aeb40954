/**
 * A rule as its writer sees it: one entry of a section or one `[[rule]]`, which may be compiled to several `RuleData` of
 * one id, and taken apart into the clauses that can keep it from matching. Built-in rules and those of presets are
 * nobody's to test here: they have tests of their own.
 */
import {
  type Capability,
  type Condition,
  type Effect,
  isAmong,
  Policy,
  type PolicyData,
  type RuleData,
  type RuleRef,
} from "@agent-run/policy";
import { answerTo, type ReadyCall } from "./ready-test.ts";

export interface OwnRule {
  readonly ref: RuleRef;
  readonly effect: Effect;
  readonly on: readonly Capability[];
  readonly parts: readonly RuleData[];
}

/** What can keep a rule from matching besides its place. */
export type Clause =
  | { readonly kind: "when"; readonly condition: Condition }
  | { readonly kind: "except" | "expires" | "hours" };

/** In policy order. What secrets grant is left out: a call in a policy can not name the slot that they need. */
export function ownRules({ rules, localOnly }: PolicyData): readonly OwnRule[] {
  const secrets = new Set(localOnly?.secrets.map(({ ref }) => ref.id));
  const byId = new Map<string, RuleData[]>();
  for (const rule of rules) {
    if (!isOwn(rule) || secrets.has(rule.ref.id)) continue;
    const parts = byId.get(rule.ref.id);
    if (parts === undefined) byId.set(rule.ref.id, [rule]);
    else parts.push(rule);
  }
  return [...byId.values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    return [{ ref: first.ref, effect: first.effect, on: [...new Set(parts.flatMap(({ on }) => on))], parts }];
  });
}

const isOwn = ({ ref, use }: RuleData): boolean =>
  ref.file !== undefined && !ref.file.startsWith("preset:") && !ref.id.startsWith("builtin.") && use === undefined;

/** Each once, whatever number of parts has it. */
export function clausesOf({ parts }: OwnRule): readonly Clause[] {
  const conditions = new Map(
    parts.flatMap(({ when = [] }) => when).map((condition) => [JSON.stringify(condition), condition]),
  );
  const others = (["except", "expires", "hours"] as const).filter((kind) =>
    parts.some((part) => part[kind] !== undefined),
  );
  return [
    ...[...conditions.values()].map((condition) => ({ kind: "when", condition }) as const),
    ...others.map((kind) => ({ kind })),
  ];
}

/** The place of a rule with one of its clauses, of which parts that do not have it know nothing; or with none. */
export const partsWith = ({ parts }: OwnRule, clause: Clause | null): readonly RuleData[] =>
  parts.filter((part) => clause === null || hasClause(part, clause)).map((part) => bare(part, clause));

/** The same parts without the clause, for what would match but for it. */
export const placeOf = ({ parts }: OwnRule, clause: Clause): readonly RuleData[] =>
  parts.filter((part) => hasClause(part, clause)).map((part) => bare(part, null));

function hasClause(part: RuleData, clause: Clause): boolean {
  if (clause.kind !== "when") return part[clause.kind] !== undefined;
  const text = JSON.stringify(clause.condition);
  return part.when?.some((condition) => JSON.stringify(condition) === text) === true;
}

function bare(part: RuleData, clause: Clause | null): RuleData {
  const { except, when: _, expires, hours, ...place } = part;
  if (clause === null) return place;
  if (clause.kind === "when") return { ...place, when: [clause.condition] };
  if (clause.kind === "except") return except === undefined ? place : { ...place, except };
  if (clause.kind === "expires") return expires === undefined ? place : { ...place, expires };
  return hours === undefined ? place : { ...place, hours };
}

/**
 * Does a rule match a call, judged alone? By the very decision of a run, over a policy of nothing but these parts, so
 * that no other rule and no index hides it.
 */
export function matcherOf(data: PolicyData, parts: readonly RuleData[]): (call: ReadyCall) => boolean {
  const [first] = parts;
  if (first === undefined) return () => false;
  const alone = Policy.revive({ ...data, rules: parts, ceilings: [] });
  const on = parts.flatMap((part) => part.on);
  return (call) =>
    call.request.targets.some((target) => isAmong(on, target.on)) &&
    answerTo(alone, call).matched.includes(first.ref.id);
}
