/**
 * Rules that do nothing, and `[[never]]`s that do not hold: exact, by the analysis. A rule is told to be without effect
 * only where that is proved for every call; what is too complex to know is not told.
 */
import type { PolicyChecks, PolicyData, RuleData, RuleMatch } from "@agent-run/policy";
import { neverProblems, proveNevers } from "../analysis/never.ts";
import { needs } from "../analysis/regions.ts";
import { type Finding, finding } from "./finding.ts";

export function brokenNevers(data: PolicyData, { nevers }: PolicyChecks): readonly Finding[] {
  return proveNevers(data, nevers).flatMap((proof) =>
    neverProblems(proof).map((message) => {
      const { never } = proof;
      const hint = "narrow the grant, or the `[[never]]`";
      return finding("violated-never", { id: never.name ?? "never", ...never.at }, message, hint);
    }),
  );
}

/** Of the policy's own files: what a preset says twice is not its user's to mend. */
export function idleRules(data: PolicyData): readonly Finding[] {
  const isOwn = ({ ref, use }: RuleData) =>
    ref.file !== undefined && !ref.file.startsWith("preset:") && use === undefined;
  const alone = { ...data, ceilings: [] };
  return needs(alone, isOwn)
    .filter(({ changes, unknown }) => changes.length === 0 && unknown.length === 0)
    .flatMap(({ rule }) => idle(rule, alone));
}

function idle(rule: RuleData, data: PolicyData): readonly Finding[] {
  const parts = data.rules.filter(({ ref }) => ref.id === rule.ref.id && ref.file === rule.ref.file);
  if (!matters(rule, { ...data, rules: [...(rule.effect === "allow" ? [] : everythingFor(parts)), ...parts] }))
    return [finding("unreachable", rule.ref, "no call can match it", "look at its patterns, `except` and conditions")];
  // A denial of what nothing grants stands guard over later grants.
  if (rule.effect === "deny")
    return coveredBy(rule, data, "deny") ? [redundant(rule, "other denials say the same")] : [];
  if (!coveredBy(rule, data, rule.effect)) return [shadowed(rule)];
  return [redundant(rule, rule.effect === "allow" ? "other grants say the same" : "other questions say the same")];
}

const redundant = ({ ref }: RuleData, why: string): Finding =>
  finding("redundant", ref, `without it every call gets the same answer: ${why}`, "remove it");

const shadowed = ({ ref, effect }: RuleData): Finding =>
  finding(
    "shadowed",
    ref,
    `stricter rules cover every call that it would ${effect}`,
    "remove it, or take back the stricter rule with `!entry`",
  );

/** Among the rules of its own effect alone, does it still change nothing? */
function coveredBy(rule: RuleData, data: PolicyData, effect: RuleData["effect"]): boolean {
  const same = data.rules.filter((one) => one.effect === effect);
  const base =
    effect === "allow" ? [] : everythingFor(same.filter(({ on }) => on.some((name) => rule.on.includes(name))));
  return !matters(rule, { ...data, rules: [...base, ...same] });
}

/** Also where it is not known. */
function matters({ ref }: RuleData, data: PolicyData): boolean {
  const found = needs(data, (one) => one.ref.id === ref.id && one.ref.file === ref.file);
  return found.some(({ changes, unknown }) => changes.length > 0 || unknown.length > 0);
}

/** A grant of all that these rules could be about, so that only they make a difference. */
function everythingFor(rules: readonly RuleData[]): readonly RuleData[] {
  const commands = rules.flatMap(({ match }) => (match.kind === "command" ? [match.name] : []));
  const on = [...new Set(rules.flatMap((rule) => rule.on))];
  const matches: readonly RuleMatch[] = [
    { kind: "path", patterns: ["/**"], below: false },
    { kind: "host", patterns: [{ scheme: "*", host: "*", port: "*", path: null }] },
    { kind: "variable", patterns: ["*"] },
    ...[...new Set(["any-command", ...commands])].map((name) => ({ kind: "command", name }) as const),
  ];
  return matches.map((match) => ({ ref: { id: "everything" }, effect: "allow", on, match }));
}
