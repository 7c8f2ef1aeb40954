/**
 * From records to a policy that allows what was seen, and little else. Nothing here decides: the text is loaded, and the
 * policy that comes of it is asked about every call of the records. A call that was denied must stay denied, a ceiling
 * must be known to agree to everything, and what fails one of the two is taken out again, generalisations first.
 */
import { type CanonicalRequest, type LoadResult, Policy, type PolicyData } from "@agent-run/policy";
import { draftRules } from "./draft.ts";
import { Facts, placesOf } from "./fact.ts";
import { generalise, type Surroundings } from "./generalise.ts";
import { factText, type Learned, type LeftOut, learnedRule, seenText, whyDenied } from "./learned.ts";
import { type Header, type NamedRule, policyText } from "./policy-text.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { SeenCalls } from "./seen-calls.ts";
import { agreesTo, boundsOf } from "./within-ceiling.ts";
import { unwritable } from "./writable.ts";

export interface LearnInput {
  readonly runs: readonly RecordedRun[];
  /** Loads a text as the file that it will be. */
  load(text: string): LoadResult;
  /** Loads a text that inherits nothing, at the same place: what always holds. */
  readonly bare: PolicyData;
  readonly homes: readonly string[];
  readonly header: Header;
  readonly base: PolicyData | null;
  readonly ceiling: PolicyData | null;
  /** Places that fewer runs than this touched are left out. */
  readonly minRuns: number;
  /** Milliseconds since 1970: rules are asked as they answer now. */
  readonly now: number;
  /** How many files of this ending a directory has; null: nobody counts. */
  count?(directory: string, extension: string): number;
}

export function learn(input: LearnInput): Learned {
  return new Learning(input).result();
}

/** Patterns in one result; a file with more is read by nobody. */
const MAX_FACTS = 5000;
const MAX_ROUNDS = 20;

class Learning {
  readonly #input: LearnInput;
  readonly #surroundings: Surroundings;
  readonly #facts = new Facts();
  readonly #seen: SeenCalls;
  readonly #base: Policy | null;
  readonly #ceiling: Policy | null;
  /** Keys of facts that become no rule, and why. */
  readonly #left = new Map<string, string>();
  /** Generalisations that were given up, by their keys. */
  readonly #tooWide = new Map<string, Omit<LeftOut, "calls">>();
  #granted = 0;

  constructor(input: LearnInput) {
    this.#input = input;
    this.#surroundings = { data: input.bare, homes: input.homes };
    this.#seen = new SeenCalls(input.runs.flatMap(({ calls }) => calls));
    this.#base = input.base === null ? null : this.#asked(input.base);
    this.#ceiling = input.ceiling === null ? null : this.#asked(input.ceiling);
    for (const { request, calls } of this.#seen.happened) {
      if (this.#base?.decide(request).effect === "allow") this.#granted += calls.length;
      else for (const call of calls) this.#facts.add(call);
    }
  }

  result(): Learned {
    this.#screen();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const rules = this.#draft();
      const text = policyText(this.#input.header, rules);
      const loaded = this.#input.load(text);
      if (!loaded.ok) {
        if (this.#dropUnloadable(rules)) continue;
        return loaded;
      }
      const policy = this.#asked(loaded.data);
      if (this.#narrow(policy, rules)) continue;
      if (this.#bind(policy, rules)) continue;
      return this.#told(text, rules, policy);
    }
    // Each round takes something out, so this is more conflicts than anybody wants to read: nothing is granted.
    for (const { key } of this.#facts.all)
      if (!this.#left.has(key)) this.#left.set(key, "too much of it was denied elsewhere");
    const text = policyText(this.#input.header, []);
    const loaded = this.#input.load(text);
    return loaded.ok ? this.#told(text, [], this.#asked(loaded.data)) : loaded;
  }

  /** What must not, or cannot, become a rule. */
  #screen(): void {
    const { minRuns } = this.#input;
    const bare = Policy.revive(this.#input.bare);
    let kept = 0;
    for (const fact of [...this.#facts.all].sort((a, b) => b.calls - a.calls)) {
      const few = fact.runs.size < minRuns ? `fewer than ${minRuns} runs touched it` : null;
      const many = kept >= MAX_FACTS ? `only ${MAX_FACTS} places are written, the most used ones` : null;
      const why = few ?? many ?? unwritable(fact, bare);
      if (why === null) kept += 1;
      else this.#left.set(fact.key, why);
    }
    if (this.#base !== null) this.#leaveDenied(this.#base, "the base policy", ({ rule }) => rule.id !== "default");
    if (this.#ceiling !== null) this.#leaveDenied(this.#ceiling, "the ceiling", () => true);
  }

  /** Leaves out what another policy denies: each target by itself, as only some of a call may be denied. */
  #leaveDenied(policy: Policy, who: string, counts: (decision: ReturnType<Policy["decide"]>) => boolean): void {
    for (const { request } of this.#seen.happened) {
      const decision = policy.decide(request);
      if (decision.effect !== "deny") continue;
      for (const { key, denial } of deniedPlaces(policy, request))
        if (counts(denial)) this.#left.set(key, `${who} denies it (\`${denial.rule.id}\`)`);
    }
  }

  #draft(): readonly NamedRule[] {
    const facts = this.#facts.all.filter(({ key }) => !this.#left.has(key));
    const general = generalise(facts, this.#surroundings, new Set(this.#tooWide.keys()));
    const taken = new Set(this.#input.base?.rules.map(({ ref }) => ref.id) ?? []);
    let number = 0;
    const nextId = (on: string): string => {
      number += 1;
      const id = `learned-${on}-${number}`;
      return taken.has(id) ? nextId(on) : id;
    };
    return draftRules(facts, general, this.#surroundings).map((rule) => ({
      ...rule,
      id: nextId(rule.on),
      existing: this.#existing(rule.generalised?.files ?? null),
    }));
  }

  #existing(files: { readonly directory: string; readonly extension: string } | null): number | null {
    return files === null ? null : (this.#input.count?.(files.directory, files.extension) ?? null);
  }

  /** A rule that does not load is one of a name that we did not foresee; the others need not suffer for it. */
  #dropUnloadable(rules: readonly NamedRule[]): boolean {
    let dropped = false;
    for (const rule of rules) {
      if (this.#input.load(policyText(this.#input.header, [rule])).ok) continue;
      dropped = true;
      if (rule.generalised !== null) this.#giveUp([rule], "no rule about it loads");
      else for (const { key } of rule.facts) this.#left.set(key, "no rule about it loads");
    }
    return dropped;
  }

  /** True: something was taken out. */
  #narrow(policy: Policy, rules: readonly NamedRule[]): boolean {
    let narrowed = false;
    for (const { request, rule } of this.#seen.denied) {
      if (policy.decide(request).effect === "deny") continue;
      if (this.#base?.decide(request).effect === "allow") continue;
      this.#takeOut(policy.decide(request).matched, request, rules, `it was denied in a run (\`${rule}\`)`);
      narrowed = true;
    }
    return narrowed;
  }

  /** Whole generalisations are taken out before anything that was seen. */
  #takeOut(matched: readonly string[], request: CanonicalRequest, rules: readonly NamedRule[], why: string): void {
    const wide = rules.filter(({ id, generalised }) => generalised !== null && matched.includes(id));
    this.#giveUp(wide, why);
    if (wide.length > 0) return;
    const keys = placesOf(request).flatMap(({ key }) => this.#facts.get(key)?.key ?? []);
    // A rule may admit a little more than its facts: a directory that was searched may be read.
    const all = rules.filter(({ id }) => matched.includes(id)).flatMap(({ facts }) => facts.map(({ key }) => key));
    for (const key of keys.length > 0 ? keys : all) this.#left.set(key, why);
  }

  /** Nothing stays that is not known to lie within the ceiling. True: something was taken out. */
  #bind(policy: Policy, rules: readonly NamedRule[]): boolean {
    const ceiling = this.#ceiling;
    if (ceiling === null || rules.length === 0) return false;
    const { beyond, unproved } = boundsOf(ceiling, policy, rules);
    const notProved = (why: string) => `it is not proved that the ceiling allows all of it: ${why}`;
    const isWide = ({ generalised }: NamedRule) => generalised !== null;
    const open = rules.flatMap((rule) => {
      const why = unproved.get(rule.id);
      return why === undefined || beyond.has(rule.id) ? [] : [{ rule, why }];
    });
    const affected = rules.filter(({ id }) => beyond.has(id));
    this.#giveUp(affected.filter(isWide), "the ceiling does not allow all of it");
    for (const { rule, why } of open) this.#giveUp([rule], notProved(why));
    if (affected.some(isWide) || open.some(({ rule }) => isWide(rule))) return true;
    for (const { facts } of affected)
      for (const { key } of facts) this.#left.set(key, "a rule about it would allow more than the ceiling does");
    const doubtful = open.flatMap(({ rule: { facts }, why }) =>
      facts.filter((fact) => !agreesTo(ceiling, fact)).map(({ key }) => ({ key, why })),
    );
    for (const { key, why } of doubtful) this.#left.set(key, notProved(why));
    return affected.length + doubtful.length > 0;
  }

  /** What was seen is then granted as it was seen. */
  #giveUp(rules: readonly NamedRule[], why: string): void {
    for (const { on, generalised } of rules)
      if (generalised !== null) this.#tooWide.set(generalised.key, { what: `${on} ${generalised.pattern}`, why });
  }

  /** Commands are known by what the records say that their names were found to be. */
  #asked(data: PolicyData): Policy {
    const { now } = this.#input;
    return Policy.revive(data)
      .withCommands(this.#seen.commands)
      .at(() => ({ now, actor: null }));
  }

  #told(text: string, rules: readonly NamedRule[], policy: Policy): Learned {
    const uncovered = this.#seen.happened.filter(({ request }) => policy.decide(request).effect === "deny");
    const left = this.#facts.all.flatMap((fact) => {
      const why = this.#left.get(fact.key);
      return why === undefined ? [] : [{ what: factText(fact), why, calls: fact.calls }];
    });
    const unexplained = uncovered.filter(({ request }) => placesOf(request).every(({ key }) => !this.#left.has(key)));
    return {
      ok: true,
      text,
      rules: rules.map(learnedRule),
      leftOut: [
        ...left,
        ...[...this.#tooWide.values()].map((one) => ({ ...one, calls: 0 })),
        ...unexplained.map((seen) => ({ ...seenText(seen), why: whyDenied(policy, seen) })),
      ],
      wanted: [...this.#seen.wanted, ...this.#seen.denied].map((seen) => ({
        ...seenText(seen),
        why: seen.rule,
      })),
      uncovered: uncovered.length,
      alreadyGranted: this.#granted,
    };
  }
}

/** Facts of a request that a policy denies by themselves. */
function deniedPlaces(policy: Policy, request: CanonicalRequest) {
  const urls = request.targets.filter(({ kind }) => kind === "url");
  return request.targets.flatMap((target) => {
    const targets = target.kind === "address" ? [...urls, target] : [target];
    const denial = policy.decide({ ...request, targets });
    const places = target.kind === "address" ? urls : [target];
    return denial.effect === "deny"
      ? placesOf({ ...request, targets: places }).map(({ key }) => ({ key, denial }))
      : [];
  });
}
