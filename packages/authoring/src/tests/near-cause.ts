/**
 * Why a test did not get what it expected, as near as the rules say it: the rule that was expected and the clause that
 * kept it away, or a rule of the expected effect that matches but for one clause. Only what the decision itself confirms.
 */
import type { Decision, PolicyData, PolicyTest, RuleRef } from "@agent-run/policy";
import { clauseText } from "./clause-text.ts";
import { type Clause, clausesOf, matcherOf, type OwnRule, ownRules, partsWith } from "./own-rule.ts";
import { isAbout, type ReadyCall } from "./ready-test.ts";

type Matcher = (call: ReadyCall) => boolean;

interface Probe {
  readonly rule: OwnRule;
  readonly place: Matcher;
  readonly clauses: readonly ProbedClause[];
}

interface ProbedClause {
  readonly clause: Clause;
  readonly says: string;
  readonly holds: Matcher;
}

export class NearCauses {
  readonly #data: PolicyData;
  #probes: readonly Probe[] | null = null;

  constructor(data: PolicyData) {
    this.#data = data;
  }

  of(expect: PolicyTest["expect"], call: ReadyCall, decision: Decision): string | null {
    this.#probes ??= ownRules(this.#data).map((rule) => probeOf(rule, this.#data));
    const wanted = this.#probes.filter(({ rule }) =>
      expect.rule === undefined ? rule.effect === expect.effect : rule.ref.id === expect.rule,
    );
    if (expect.rule !== undefined && wanted.length === 0) return `this policy has no rule \`${expect.rule}\``;
    const near = wanted
      .filter(({ rule, place }) => isAbout(call, rule.on) && place(call))
      .map((probe) => ({ probe, failed: probe.clauses.filter(({ holds }) => !holds(call)) }))
      .sort((a, b) => a.failed.length - b.failed.length)[0];
    if (near !== undefined) return nearText(near.probe.rule, near.failed, decision, call);
    if (expect.rule !== undefined) return `\`${expect.rule}\` does not name this place`;
    return decision.effect === "deny" ? (decision.hint ?? null) : `no rule of this policy says ${expect.effect} here`;
  }
}

function nearText(
  { ref }: OwnRule,
  failed: readonly ProbedClause[],
  decision: Decision,
  { circumstances }: ReadyCall,
): string {
  if (failed.length > 0) {
    const but = failed.map(({ says }) => `\`${says}\``).join(" and ");
    const isUntimed = circumstances.now === null && failed.some(({ clause }) => isAboutTime(clause));
    const advice = isUntimed ? ", and the test names no time: give it a `now`" : "";
    return `\`${ref.id}\`${placeText(ref)} matches but for ${but}${advice}`;
  }
  return `\`${ref.id}\`${placeText(ref)} matches, and ${deciderText(decision)} decides`;
}

const isAboutTime = (clause: Clause): boolean =>
  clause.kind === "when" ? clause.condition.attribute === "now" : clause.kind !== "except";

export const deciderText = (decision: Decision): string => `\`${decision.rule.id}\`${originText(decision)}`;

/** The place of the rule that decided, and whose it is where it is a ceiling's. */
export const originText = ({ rule, layer }: Decision): string =>
  `${placeText(rule)}${layer === "policy" ? "" : ` of ${layer}`}`;

const placeText = ({ file, line }: RuleRef): string => (file === undefined ? "" : ` (${file}:${line ?? 1})`);

const probeOf = (rule: OwnRule, data: PolicyData): Probe => ({
  rule,
  place: matcherOf(data, partsWith(rule, null)),
  clauses: clausesOf(rule).map((clause) => {
    const holds = matcherOf(data, partsWith(rule, clause));
    return { clause, says: clauseText(rule, clause), holds };
  }),
});
