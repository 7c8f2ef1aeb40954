/**
 * Which rules, and which conditions of them, the tests have seen from both sides: a rule matched by one call and not by
 * another of its capability, a condition true and false where the rule's place matches. Each rule is judged alone, so that
 * one that another rule always beats still counts as seen; what that misses is what mutants are for.
 */
import { isAmong, type PolicyData, type RuleMatch, type RuleRef } from "@agent-run/policy";
import { clauseText } from "./clause-text.ts";
import { type Clause, clausesOf, matcherOf, type OwnRule, ownRules, partsWith, placeOf } from "./own-rule.ts";
import { isAbout, type ReadyCall } from "./ready-test.ts";

export interface Coverage {
  readonly rules: readonly RuleCoverage[];
  /** Outcomes that a test has seen, of all that there are: two of a rule, two of each condition. */
  readonly seen: number;
  readonly outcomes: number;
  /** 0 to 100, rounded down so that 100 means all; 100 for a policy without rules of its own. */
  readonly percent: number;
}

export interface RuleCoverage {
  readonly rule: RuleRef;
  /** A test call matched it. */
  readonly hit: boolean;
  /** A test call of its capability did not; null: every call does. */
  readonly missed: boolean | null;
  readonly conditions: readonly { readonly says: string; readonly true: boolean; readonly false: boolean }[];
  /** What no test sees, in words. */
  readonly missing: readonly string[];
}

export function coverageOf(data: PolicyData, calls: readonly ReadyCall[]): Coverage {
  const rules = ownRules(data).map((rule) => coverageOfRule(rule, data, calls));
  const flags = rules.flatMap(({ hit, missed, conditions }) => [
    hit,
    ...(missed === null ? [] : [missed]),
    ...conditions.flatMap((condition) => [condition.true, condition.false]),
  ]);
  const seen = flags.filter(Boolean).length;
  return { rules, seen, outcomes: flags.length, percent: percentOf(seen, flags.length) };
}

/** Whole, and 100 only where nothing is missing. */
export const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((part / whole) * 100);

function coverageOfRule(rule: OwnRule, data: PolicyData, all: readonly ReadyCall[]): RuleCoverage {
  const calls = all.filter((call) => isAbout(call, rule.on));
  const matches = matcherOf(data, rule.parts);
  const hit = calls.some(matches);
  const missed = isEverywhere(rule) ? null : calls.some((call) => !matches(call));
  const conditions = clausesOf(rule).map((clause) => seenOf(rule, clause, data, calls));
  const unseen = conditions.flatMap((condition) =>
    ([true, false] as const)
      .filter((side) => !condition[`${side}`])
      .map((side) => `no test sees \`${condition.says}\` ${side}`),
  );
  const missing = [
    ...(hit ? [] : ["no test is matched by it"]),
    ...(missed === false ? [`no test of ${rule.on.join(", ")} lies outside of it`] : []),
    ...unseen,
  ];
  return { rule: rule.ref, hit, missed, conditions, missing };
}

/** No call of its capabilities lies outside of it. */
const isEverywhere = (rule: OwnRule): boolean =>
  clausesOf(rule).length === 0 &&
  rule.on.every((on) => rule.parts.some((part) => isAmong(part.on, on) && coversAll(part.match)));

function coversAll(match: RuleMatch): boolean {
  if (match.kind === "any") return true;
  if (match.kind === "path") return match.patterns.includes("/**");
  return match.kind === "variable" && match.patterns.includes("*");
}

/** `except` is true where the call is none of what is left out. */
function seenOf(rule: OwnRule, clause: Clause, data: PolicyData, calls: readonly ReadyCall[]) {
  const there = calls.filter(matcherOf(data, placeOf(rule, clause)));
  const holds = matcherOf(data, partsWith(rule, clause));
  const seen = { true: there.some(holds), false: there.some((call) => !holds(call)) };
  return { says: clauseText(rule, clause), ...seen };
}
