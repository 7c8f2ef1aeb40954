/**
 * An explanation in words: for people, with every rule that had a say and its place; for models, short, with what to do
 * instead, and the sentence that it is a decision: models take a refusal for a broken tool and try another way round.
 */
import type { Effect, RuleRef } from "./decision.ts";
import type { Explanation, NearMiss, TargetExplanation } from "./explanation.ts";
import { canonicalJson, type Json } from "./json.ts";

/** Near misses that are shown; the others are counted. */
const MOST = 5;

/** What stands behind an answer: who had a say, who nearly had, what would allow it, and the call as it was decided. */
export function explanationDetails({ decision, request, targets, nearMisses, remedy }: Explanation): readonly string[] {
  return [
    ...targets.flatMap(targetLines),
    ...(nearMisses.length === 0 ? [] : ["near misses", ...missLines(nearMisses)]),
    ...(decision.effect === "allow" || remedy === decision.hint ? [] : [`to allow it: ${remedy}`]),
    `canonical form: ${canonicalJson(request as unknown as Json)}`,
  ];
}

/** Two lines at most. */
export function explanationForModel({ decision, remedy }: Explanation): string {
  const { effect, rule, hint } = decision;
  if (effect === "allow") return `allowed by rule ${rule.id}\n`;
  const what =
    effect === "ask"
      ? `a person has to approve this call (rule ${rule.id})`
      : `the policy denies this call (rule ${rule.id})`;
  const lines = [
    `${what}. This is a decision of the policy, not an error of a file, a network or a tool: do not try another way to the same effect.`,
  ];
  lines.push(`What you can do: ${hint ?? remedy}`);
  return `${lines.join("\n")}\n`;
}

function targetLines({ target, effect, rule, matched }: TargetExplanation): string[] {
  const head = `${target.on} ${target.role} ${target.value}: ${effect}, by ${rule.id}`;
  return [
    head,
    ...matched.map((one) => `  matched  ${one.effect.padEnd(5)}  ${placed(one.rule)}${ofLayer(one.layer)}`),
  ];
}

function missLines(misses: readonly NearMiss[]): string[] {
  const shown = misses.slice(0, MOST).map(({ rule, effect, layer, failed }) => {
    const why = failed.map(({ says }) => says).join("; ");
    return `  ${would(effect)}  ${placed(rule)}${ofLayer(layer)}: ${why}`;
  });
  return misses.length > MOST ? [...shown, `  and ${misses.length - MOST} more`] : shown;
}

const would = (effect: Effect): string => `would ${effect}`.padEnd(11);

const ofLayer = (layer: string): string => (layer === "policy" ? "" : `, of ${layer}`);

/** `small-reports (agent-run.toml:7:1)`. */
export const placed = ({ id, file, line = 1, column }: RuleRef): string =>
  file === undefined ? id : `${id} (${file}:${line}${column === undefined ? "" : `:${column}`})`;
