/**
 * What a policy grants and nobody used. Each grant is asked, alone, about everything that the records say happened; one
 * that answers to nothing can go, and one that is wide can be as wide as what it answered to. Denials and questions
 * without a place are not looked at: that nothing met them is what they are there for.
 */
import {
  type CanonicalRequest,
  canonicalJson,
  isAmong,
  type Json,
  Policy,
  type PolicyData,
  type RuleData,
  type Target,
} from "@agent-run/policy";
import { draftRules } from "./draft.ts";
import { type Fact, Facts } from "./fact.ts";
import { generalise } from "./generalise.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { unwritable } from "./writable.ts";

export interface TightenInput {
  /** With commands as the records have them, if they are to count. */
  readonly policy: PolicyData;
  /** What always holds, under the same root. */
  readonly bare: PolicyData;
  readonly homes: readonly string[];
  readonly runs: readonly RecordedRun[];
}

export interface Proposal {
  readonly kind: "remove" | "narrow";
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  /** What stands there, as patterns of the loaded policy. */
  readonly grants: readonly string[];
  /** `narrow`: what would do. */
  readonly instead: readonly string[];
  readonly calls: number;
  readonly runs: number;
  /** When it was last used; null: never. */
  readonly last: string | null;
}

interface Use {
  readonly request: CanonicalRequest;
  readonly runs: Set<string>;
  calls: number;
  last: string;
}

/** More patterns than this are no better to read than the one they would replace. */
const MAX_INSTEAD = 10;

export function tighten(input: TightenInput): readonly Proposal[] {
  const uses = usesOf(input.runs);
  const grants = new Map<string, RuleData[]>();
  for (const rule of input.policy.rules) {
    const { id, file, line } = rule.ref;
    if (!isGrant(rule) || file === undefined || line === undefined) continue;
    const key = JSON.stringify([file, line, rule.ref.column ?? 0, id]);
    grants.set(key, [...(grants.get(key) ?? []), rule]);
  }
  return [...grants.values()].flatMap((rules) => proposalFor(rules, uses, input) ?? []);
}

/** What opens a door: questions about everything, and about arguments, do not. */
const isGrant = ({ effect, match }: RuleData): boolean =>
  effect === "allow" || (effect === "ask" && ["path", "host", "variable", "tool"].includes(match.kind));

function usesOf(runs: readonly RecordedRun[]): readonly Use[] {
  const uses = new Map<string, Use>();
  for (const { request, run, ts, kind } of runs.flatMap(({ calls }) => calls)) {
    if (kind === "denied" || kind === "wanted") continue;
    const key = canonicalJson({ ...request } as unknown as Json);
    const use = uses.get(key) ?? { request, runs: new Set(), calls: 0, last: ts };
    uses.set(key, use);
    use.calls += 1;
    use.runs.add(run);
    if (ts > use.last) use.last = ts;
  }
  return [...uses.values()];
}

function proposalFor(rules: readonly RuleData[], uses: readonly Use[], input: TightenInput): Proposal | null {
  const [first] = rules;
  if (first === undefined) return null;
  const alone = rules.map(timeless).map((rule) => ({
    rule,
    policy: Policy.revive({ ...input.policy, rules: [rule], ceilings: [] }),
  }));
  const answered = uses.flatMap((use) => {
    const targets = use.request.targets.filter((target) =>
      alone.some(({ rule, policy }) => isAmong(rule.on, target.on) && grantsTarget(policy, use.request, target)),
    );
    return targets.length === 0 ? [] : [{ ...use, targets }];
  });
  const { id, file = "", line = 0, column = null } = first.ref;
  const counted = {
    calls: answered.reduce((sum, { calls }) => sum + calls, 0),
    runs: new Set(answered.flatMap(({ runs }) => [...runs])).size,
    last:
      answered
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? null,
  };
  const base = { rule: id, file, line, column, grants: rules.flatMap(patternsOf), ...counted };
  if (answered.length === 0) return { kind: "remove", ...base, instead: [] };
  const instead = rules.length === 1 && first.match.kind === "path" ? narrower(first, answered, input) : null;
  return instead === null ? null : { kind: "narrow", ...base, instead };
}

/** As it answers at its time, to whom it answers: the records do not say all of it. */
function timeless({ expires: _expires, hours: _hours, when = [], ...rule }: RuleData): RuleData {
  return { ...rule, when: when.filter(({ attribute }) => attribute !== "now" && attribute !== "actor") };
}

/** An address is granted by what grants its URL. */
function grantsTarget(policy: Policy, request: CanonicalRequest, target: Target): boolean {
  const urls = target.kind === "address" ? request.targets.filter(({ kind }) => kind === "url") : [];
  return policy.decide({ ...request, targets: [...urls, target] }).effect !== "deny";
}

/** Null: it is as narrow as it can be, or nothing short says what was seen. */
function narrower(
  rule: RuleData,
  answered: readonly (Use & { readonly targets: readonly Target[] })[],
  { policy, bare, homes }: TightenInput,
): readonly string[] | null {
  const patterns = patternsOf(rule);
  const wide = patterns.every((pattern) => pattern.endsWith("/**"));
  if (!patterns.some((pattern) => /[*?[]/.test(pattern.replace(/\\./gsu, "")))) return null;
  const facts = new Facts();
  for (const { request, targets, last, runs } of answered)
    facts.add({
      run: [...runs][0] ?? "",
      ts: last,
      request: { ...request, targets },
      rule: "",
      kind: "allowed",
      isListing: false,
    });
  const closed = Policy.revive(bare);
  if (facts.all.some((fact) => unwritable(fact, closed) !== null)) return null;
  const one: readonly Fact[] = facts.all.map((fact) => ({ ...fact, on: rule.on[0] ?? fact.on }));
  const surroundings = { data: policy, homes };
  // Only below `**` is a directory's pattern sure to be within.
  const general = wide ? generalise(one, surroundings, new Set()) : [];
  const drafted = draftRules(one, general, surroundings).flatMap(({ keys }) => (keys.path ?? []).map(String));
  const instead = [...new Set(drafted)].sort();
  return instead.length > MAX_INSTEAD ? null : instead;
}

const patternsOf = ({ match }: RuleData): readonly string[] => {
  if (match.kind === "path" || match.kind === "variable") return match.patterns;
  if (match.kind === "host")
    return match.patterns.map(({ scheme, host, port, path }) => `${scheme}://${host}:${port}${path ?? ""}`);
  return match.kind === "command" ? [[match.name, ...(match.args ?? [])].join(" ")] : [];
};
