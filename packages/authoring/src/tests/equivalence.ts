/**
 * Mutants that answer every call as the policy does must not count against its tests. Here is what shows from the text
 * alone: rules that are there twice, patterns that are there twice, an end that means nothing.
 */
import type { PolicyData, RuleData, RuleMatch } from "@agent-run/policy";
import type { Mutant } from "./mutant.ts";

/** Why no call can tell them apart; null: nothing shows it. */
export function equivalenceOf({ rule, kind, parts }: Mutant, { rules }: PolicyData): string | null {
  const isEnd = kind === "drop expires" || (kind === "move bound" && differsInEnd(rule.parts, parts));
  if (isEnd && rule.effect !== "allow") return `an expired ${rule.effect} stays`;
  const before = new Set(rule.parts.map(meaningOf));
  const after = new Set(parts.map(meaningOf));
  if (before.size === after.size && [...before].every((text) => after.has(text)))
    return "it says the same in other words";
  const others = new Set(rules.filter(({ ref }) => ref.id !== rule.ref.id).map(meaningOf));
  const lost = [...before].filter((text) => !after.has(text));
  const won = [...after].filter((text) => !before.has(text));
  return [...lost, ...won].every((text) => others.has(text)) ? "another rule says the same" : null;
}

const differsInEnd = (before: readonly RuleData[], after: readonly RuleData[]): boolean =>
  before.some(({ expires }, at) => expires !== after[at]?.expires);

/** All that decides, patterns in one order and once each. */
function meaningOf({ effect, on, match, except, when = [], expires, hours, sealed }: RuleData): string {
  const conditions = [...new Set(when.map((one) => JSON.stringify(one)))].sort();
  return JSON.stringify([
    effect,
    [...on].sort(),
    orderedMatch(match),
    except === undefined ? null : orderedMatch(except),
    conditions,
    effect === "allow" ? (expires ?? null) : null,
    hours ?? null,
    sealed ?? false,
  ]);
}

function orderedMatch(match: RuleMatch): unknown {
  const sorted = (list: readonly unknown[]) => [...new Set(list.map((one) => JSON.stringify(one)))].sort();
  if (match.kind === "any" || match.kind === "tool") return match.kind;
  if (match.kind === "address") return [match.kind, sorted(match.ranges)];
  if (match.kind === "command") return [match.kind, match.name, match.args === undefined ? null : sorted(match.args)];
  return [match.kind, match.kind === "path" && match.below, sorted(match.patterns)];
}
