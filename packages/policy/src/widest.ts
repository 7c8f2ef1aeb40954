/**
 * A policy as wide as it can be under any circumstances and for any size: for questions about what a script may ever do,
 * such as whether it could write a program that it may run. A call that is not known yet has no bytes, actor or time, and
 * deciding it as it is would have grants with conditions not grant and denials with conditions deny.
 */
import type { PolicyData, RuleData } from "./policy-data.ts";

export function widest(data: PolicyData): PolicyData {
  return { ...data, rules: data.rules.flatMap(widestRule), ceilings: data.ceilings.map(widest) };
}

function widestRule(rule: RuleData): readonly RuleData[] {
  const { when, hours, expires, limit, ...always } = rule;
  if (rule.effect === "allow") return [always];
  return when === undefined && hours === undefined ? [rule] : [];
}
