/**
 * Rules that do nothing, and `[[never]]`s that do not hold: exact, by the analysis. A rule is told to be without effect
 * only where that is proved for every call; what is too complex to know is not told. Most rules are settled without a
 * search: by a call that shows what they are for, or by a rule that plainly covers them.
 */
import {
  type Capability,
  canonicalAddress,
  isThisMachine,
  type PolicyChecks,
  type PolicyData,
  type ResolvedCommand,
  type RuleData,
  type RuleMatch,
  specialPurpose,
} from "@agent-run/policy";
import { doubtOf, policyDoubt } from "../analysis/doubts.ts";
import { neverProblems, proveNevers } from "../analysis/never.ts";
import { needs } from "../analysis/regions.ts";
import { Effort } from "../analysis/work.ts";
import { Covers } from "./covers.ts";
import { type Finding, finding } from "./finding.ts";
import { NearRules } from "./near-rules.ts";
import { TellingCalls } from "./telling-calls.ts";

export function brokenNevers(data: PolicyData, { nevers }: PolicyChecks): readonly Finding[] {
  return proveNevers(data, nevers).flatMap((proof) =>
    neverProblems(proof).map((message) => {
      const { never } = proof;
      const hint = "narrow the grant, or the `[[never]]`";
      return finding("violated-never", { id: never.name ?? "never", ...never.at }, message, hint);
    }),
  );
}

export interface IdleOptions {
  /** What `~` stands for. */
  readonly home: string;
  readonly progress?: ((done: number, of: number) => void) | undefined;
  /** Steps of all searches together. */
  readonly steps?: number;
}

/** Some seconds; policies of a thousand rules take a small part of it. */
const MOST_STEPS = 12_000_000;

/** Of the policy's own files: what a preset says twice is not its user's to mend. */
export function idleRules(data: PolicyData, { home, progress, steps = MOST_STEPS }: IdleOptions): readonly Finding[] {
  const policy = new Reach({ ...data, ceilings: [] }, home, new Effort(steps));
  const rules = [...byId(data.rules.filter(isOwn)).values()];
  const found = rules.flatMap((parts, at) => {
    progress?.(at, rules.length);
    return policy.findings(parts);
  });
  return [...found, ...unexamined(policy.unsettled)];
}

function unexamined([first, ...others]: readonly RuleData[]): readonly Finding[] {
  if (first === undefined) return [];
  const what = others.length === 0 ? "this rule was" : `this rule and ${others.length} more were`;
  const message = `${what} not looked at to the end: too many others overlap with them`;
  return [finding("unexamined", first.ref, message, "ask about one of them with `policy can`, or split the policy")];
}

const isOwn = ({ ref, use }: RuleData): boolean =>
  ref.file !== undefined && !ref.file.startsWith("preset:") && use === undefined;

function byId(rules: readonly RuleData[]): ReadonlyMap<string, readonly RuleData[]> {
  const found = new Map<string, RuleData[]>();
  for (const rule of rules) {
    const known = found.get(rule.ref.id);
    if (known === undefined) found.set(rule.ref.id, [rule]);
    else known.push(rule);
  }
  return found;
}

type Effect = RuleData["effect"];

/** Of one policy, what its rules are there for. */
class Reach {
  /** Rules about which the effort did not suffice. */
  readonly unsettled: RuleData[] = [];
  readonly #data: PolicyData;
  readonly #home: string;
  readonly #whole: Ground;
  readonly #effort: Effort;
  readonly #sameEffect = new Map<Effect, Ground>();

  constructor(data: PolicyData, home: string, effort: Effort) {
    this.#data = data;
    this.#home = home;
    this.#effort = effort;
    this.#whole = new Ground(data, data.rules, home);
  }

  /** `parts`: of one rule. */
  findings(parts: readonly RuleData[]): readonly Finding[] {
    const [rule] = parts as [RuleData];
    if (this.#whole.shows(parts)) return [];
    // A denial of what nothing grants stands guard over later grants.
    if (rule.effect === "deny" && this.#same("deny").shows(parts)) return [];
    return this.#isNeeded(this.#whole, parts, true) ? [] : this.#idle(parts);
  }

  #idle(asked: readonly RuleData[]): readonly Finding[] {
    const [rule] = asked as [RuleData];
    const parts = asked.filter(({ ref }) => ref.file === rule.ref.file);
    if (rule.effect !== "allow" && parts.some(isAboutAddresses)) return [];
    const alone = this.#ground([...(rule.effect === "allow" ? [] : everythingFor(parts)), ...parts], parts);
    if (!alone.shows(parts) && !this.#isNeeded(alone, parts, false))
      return [
        finding("unreachable", rule.ref, "no call can match it", "look at its patterns, `except` and conditions"),
      ];
    const same = this.#same(rule.effect);
    const isRepeated = !same.shows(parts) && !this.#isNeeded(same, parts, false);
    if (rule.effect === "deny") return isRepeated ? [redundant(rule, "other denials say the same")] : [];
    if (!isRepeated) return [shadowed(rule)];
    return [redundant(rule, rule.effect === "allow" ? "other grants say the same" : "other questions say the same")];
  }

  /** The rules of one effect alone, over a grant of all that they could be about. */
  #same(effect: Effect): Ground {
    const known = this.#sameEffect.get(effect);
    if (known !== undefined) return known;
    const same = this.#data.rules.filter((rule) => rule.effect === effect);
    const made = this.#ground([...(effect === "allow" ? [] : everythingFor(same)), ...same], same);
    this.#sameEffect.set(effect, made);
    return made;
  }

  #ground(rules: readonly RuleData[], told: readonly RuleData[]): Ground {
    return new Ground({ ...this.#data, rules }, told, this.#home);
  }

  /** Where no call was found that shows it; also where it is not known. */
  #isNeeded(ground: Ground, parts: readonly RuleData[], byDenials: boolean): boolean {
    if (ground.covers(parts, byDenials)) return false;
    const isNeeded = ground.isNeeded(parts, this.#effort);
    if (isNeeded && this.#effort.isSpent) this.unsettled.push(...parts.slice(0, 1));
    return isNeeded;
  }
}

/** Rules among which another one may do nothing. */
class Ground {
  readonly #rules: readonly RuleData[];
  readonly #commands: readonly ResolvedCommand[];
  readonly #doubts = new Map<Capability, string | null>();
  readonly #calls: TellingCalls;
  readonly #near: NearRules;
  readonly #covers: Covers;

  /** `rules`: those of `data` that are no more than a ground for the others left out. */
  constructor(data: PolicyData, rules: readonly RuleData[], home: string) {
    this.#rules = data.rules;
    this.#commands = data.subprocess.commands;
    this.#calls = new TellingCalls(data, home);
    this.#near = new NearRules(data);
    this.#covers = new Covers(rules);
  }

  shows(parts: readonly RuleData[]): boolean {
    return this.#calls.isFound(parts);
  }

  covers(parts: readonly RuleData[], byDenials: boolean): boolean {
    return this.#covers.isCovered(parts, byDenials) && !this.#isDoubtful(parts);
  }

  /** Where the analysis proves nothing, neither does a cover. */
  #isDoubtful(parts: readonly RuleData[]): boolean {
    return parts.some((part) => part.on.some((on) => (doubtOf(part, on) ?? this.#doubtOn(on)) !== null));
  }

  #doubtOn(on: Capability): string | null {
    const known = this.#doubts.get(on);
    if (known !== undefined) return known;
    const doubt = policyDoubt(this.#rules, on, { commands: this.#commands });
    this.#doubts.set(on, doubt);
    return doubt;
  }

  /** By search, also where it is not known. */
  isNeeded(parts: readonly RuleData[], effort: Effort): boolean {
    const [rule] = parts as [RuleData];
    if (effort.isSpent) return true;
    const found = effort.within(() => needs(this.#near.of(parts), ({ ref }) => ref.id === rule.ref.id));
    return found.some(({ changes, unknown }) => changes.length > 0 || unknown.length > 0);
  }
}

/**
 * This machine, its network and other special ranges are denied anyway, unless a grant names the very address: a denial of
 * them stands guard over such a grant.
 */
function isAboutAddresses({ match, when = [] }: RuleData): boolean {
  if (match.kind === "address" || when.some(({ attribute }) => attribute === "address")) return true;
  if (match.kind !== "host") return false;
  return match.patterns.some(
    ({ host }) => isThisMachine(host) || (canonicalAddress(host).ok && specialPurpose(host) !== null),
  );
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
