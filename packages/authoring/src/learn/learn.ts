/**
 * From records to a policy that allows what was seen, and little else. Nothing here decides: the text is loaded, and the
 * policy that comes of it is asked about every call of the records. A call that was denied must stay denied, a ceiling
 * must agree to everything, and what fails one of the two is taken out again, generalisations first.
 */
import {
  type CanonicalRequest,
  canonicalJson,
  type Json,
  type LoadResult,
  Policy,
  type ResolvedCommand,
} from "@agent-run/policy";
import { draftRules } from "./draft.ts";
import { type Fact, Facts, placesOf } from "./fact.ts";
import { generalise, type Surroundings } from "./generalise.ts";
import { callsOf, type Header, type NamedRule, notesOf, policyText, runsOf } from "./policy-text.ts";
import type { RecordedCall, RecordedRun } from "./recorded-run.ts";
import { unwritable } from "./writable.ts";

export interface LearnInput {
  readonly runs: readonly RecordedRun[];
  /** Loads a text as the file that it will be. */
  load(text: string): LoadResult;
  /** Loads a text that inherits nothing, at the same place: what always holds. */
  readonly bare: Policy;
  readonly homes: readonly string[];
  readonly header: Header;
  readonly base: Policy | null;
  readonly ceiling: Policy | null;
  /** Places that fewer runs than this touched are left out. */
  readonly minRuns: number;
  /** Milliseconds since 1970: rules are asked as they answer now. */
  readonly now: number;
  /** How many files of this ending a directory has; null: nobody counts. */
  count?(directory: string, extension: string): number;
}

export interface LearnedRule {
  readonly id: string;
  readonly effect: "allow" | "ask";
  readonly on: string;
  readonly keys: NamedRule["keys"];
  readonly calls: number;
  readonly runs: number;
  readonly first: string;
  readonly last: string;
  /** What it admits besides, as nothing narrower can be said. */
  readonly notes: readonly string[];
  readonly generalised: null | {
    readonly pattern: string;
    readonly observed: number;
    readonly existing: number | null;
    readonly admits: string;
    readonly tighter: readonly string[];
  };
}

export interface LeftOut {
  readonly what: string;
  readonly why: string;
  readonly calls: number;
}

export type Learned =
  | {
      readonly ok: true;
      readonly text: string;
      readonly rules: readonly LearnedRule[];
      readonly leftOut: readonly LeftOut[];
      /** Refused, and so no reason for a rule: what a person may want to grant. */
      readonly wanted: readonly LeftOut[];
      /** Different requests that happened and that the result does not allow. */
      readonly uncovered: number;
      readonly alreadyGranted: number;
    }
  | { readonly ok: false; readonly problems: Extract<LoadResult, { ok: false }>["problems"] };

export function learn(input: LearnInput): Learned {
  return new Learning(input).result();
}

/** Patterns in one result; a file with more is read by nobody. */
const MAX_FACTS = 5000;
const MAX_ROUNDS = 20;

interface Seen {
  readonly request: CanonicalRequest;
  readonly rule: string;
  calls: number;
}

class Learning {
  readonly #input: LearnInput;
  readonly #surroundings: Surroundings;
  readonly #facts = new Facts();
  readonly #happened = new Map<string, Seen>();
  readonly #denied = new Map<string, Seen>();
  readonly #wanted = new Map<string, Seen>();
  /** Keys of facts that become no rule, and why. */
  readonly #left = new Map<string, string>();
  /** Generalisations that were given up, by their keys. */
  readonly #tooWide = new Map<string, Omit<LeftOut, "calls">>();
  #granted = 0;

  constructor(input: LearnInput) {
    this.#input = input;
    this.#surroundings = { data: input.bare.data, homes: input.homes };
    for (const call of input.runs.flatMap(({ calls }) => calls)) this.#take(call);
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
      const policy = this.#asked(Policy.revive(loaded.data));
      if (this.#narrow(policy, rules)) continue;
      return this.#told(text, rules, policy);
    }
    // Each round takes something out, so this is more conflicts than anybody wants to read: nothing is granted.
    for (const { key } of this.#facts.all)
      if (!this.#left.has(key)) this.#left.set(key, "too much of it was denied elsewhere");
    const text = policyText(this.#input.header, []);
    const loaded = this.#input.load(text);
    return loaded.ok ? this.#told(text, [], this.#asked(Policy.revive(loaded.data))) : loaded;
  }

  #take(call: RecordedCall): void {
    const { kind, request, rule } = call;
    if (kind === "sealed") return;
    const happened = kind === "allowed" || kind === "learned" || kind === "asked";
    const all = happened ? this.#happened : kind === "denied" ? this.#denied : this.#wanted;
    const key = canonicalJson({ ...request } as unknown as Json);
    const seen = all.get(key) ?? { request, rule, calls: 0 };
    seen.calls += 1;
    all.set(key, seen);
    if (!happened) return;
    const decision = this.#input.base === null ? null : this.#asked(this.#input.base).decide(request);
    if (decision?.effect === "allow") this.#granted += 1;
    else this.#facts.add(call);
  }

  /** What must not, or cannot, become a rule. */
  #screen(): void {
    const { bare, base, minRuns } = this.#input;
    let kept = 0;
    for (const fact of [...this.#facts.all].sort((a, b) => b.calls - a.calls)) {
      const few = fact.runs.size < minRuns ? `fewer than ${minRuns} runs touched it` : null;
      const many = kept >= MAX_FACTS ? `only ${MAX_FACTS} places are written, the most used ones` : null;
      const why = few ?? many ?? unwritable(fact, bare);
      if (why === null) kept += 1;
      else this.#left.set(fact.key, why);
    }
    if (base !== null) this.#leaveDenied(this.#asked(base), "the base policy", ({ rule }) => rule.id !== "default");
    if (this.#input.ceiling !== null) this.#leaveDenied(this.#asked(this.#input.ceiling), "the ceiling", () => true);
  }

  /** Leaves out what another policy denies: each target by itself, as only some of a call may be denied. */
  #leaveDenied(policy: Policy, who: string, counts: (decision: ReturnType<Policy["decide"]>) => boolean): void {
    for (const { request } of this.#happened.values()) {
      const decision = policy.decide(request);
      if (decision.effect !== "deny") continue;
      for (const { key, denial } of deniedPlaces(policy, request))
        if (counts(denial)) this.#left.set(key, `${who} denies it (\`${denial.rule.id}\`)`);
    }
  }

  #draft(): readonly NamedRule[] {
    const facts = this.#facts.all.filter(({ key }) => !this.#left.has(key));
    const general = generalise(facts, this.#surroundings, new Set(this.#tooWide.keys()));
    const taken = new Set(this.#input.base?.data.rules.map(({ ref }) => ref.id) ?? []);
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
    for (const { request, rule } of this.#denied.values()) {
      if (policy.decide(request).effect === "deny") continue;
      if (this.#input.base?.decide(request).effect === "allow") continue;
      this.#takeOut(policy.decide(request).matched, request, rules, `it was denied in a run (\`${rule}\`)`);
      narrowed = true;
    }
    return this.#narrowToCeiling(rules) || narrowed;
  }

  /** Whole generalisations are taken out before anything that was seen. */
  #takeOut(matched: readonly string[], request: CanonicalRequest, rules: readonly NamedRule[], why: string): void {
    const wide = rules.filter(({ id, generalised }) => generalised !== null && matched.includes(id));
    this.#giveUp(wide, why);
    if (wide.length > 0) return;
    for (const { key } of placesOf(request)) if (this.#facts.get(key) !== undefined) this.#left.set(key, why);
  }

  /** The ceiling is asked about files that nobody saw, too, as far as a few can stand for all. */
  #narrowToCeiling(rules: readonly NamedRule[]): boolean {
    const { ceiling } = this.#input;
    if (ceiling === null) return false;
    const beyond = rules.filter(
      ({ generalised, on }) =>
        generalised?.files != null &&
        WITNESSES.some((name) => {
          const value = `${generalised.files?.directory}/${name}.${generalised.files?.extension}`;
          const role = on === "fs.write" ? "write" : on === "fs.delete" ? "delete" : "read";
          return ceiling.decideTarget({ on, role, kind: "path", value }).effect === "deny";
        }),
    );
    this.#giveUp(beyond, "the ceiling does not allow all of it");
    return beyond.length > 0;
  }

  /** What was seen is then granted as it was seen. */
  #giveUp(rules: readonly NamedRule[], why: string): void {
    for (const { on, generalised } of rules)
      if (generalised !== null) this.#tooWide.set(generalised.key, { what: `${on} ${generalised.pattern}`, why });
  }

  /** Commands are known by what the records say that their names were found to be. */
  #asked(policy: Policy): Policy {
    this.#commands ??= commandsOf([...this.#happened.values(), ...this.#denied.values()]);
    const { now } = this.#input;
    return policy.withCommands(this.#commands).at(() => ({ now, actor: null }));
  }
  #commands: readonly ResolvedCommand[] | null = null;

  #told(text: string, rules: readonly NamedRule[], policy: Policy): Learned {
    const uncovered = [...this.#happened.values()].filter(({ request }) => policy.decide(request).effect === "deny");
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
      wanted: [...this.#wanted.values(), ...this.#denied.values()].map((seen) => ({
        ...seenText(seen),
        why: seen.rule,
      })),
      uncovered: uncovered.length,
      alreadyGranted: this.#granted,
    };
  }
}

/** Names that stand for those that nobody saw. */
const WITNESSES = ["never-seen", "a", "Z9"];

const whyDenied = (policy: Policy, { request }: Seen): string => {
  const { rule, hint } = policy.decide(request);
  return `\`${rule.id}\` denies it${hint === undefined ? "" : `: ${hint}`}`;
};

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

function commandsOf(seen: readonly Seen[]): readonly ResolvedCommand[] {
  const found = new Map<string, ResolvedCommand>();
  for (const { request } of seen)
    for (const { kind, value } of request.targets) {
      const { command } = request.attrs;
      if (kind === "command" && typeof command === "string")
        found.set(command, { name: command, path: value, dev: 0, ino: 0 });
    }
  return [...found.values()];
}

function learnedRule(rule: NamedRule): LearnedRule {
  const { id, effect, on, keys, facts, generalised, existing } = rule;
  const dates = facts.flatMap(({ first, last }) => [first, last]).sort();
  return {
    id,
    effect,
    on,
    keys,
    calls: callsOf(rule),
    runs: runsOf(rule),
    first: dates[0] ?? "",
    last: dates.at(-1) ?? "",
    notes: notesOf(rule),
    generalised:
      generalised === null
        ? null
        : {
            pattern: generalised.pattern,
            observed: facts.length,
            existing,
            admits: generalised.admits,
            tighter: generalised.exact,
          },
  };
}

const seenText = ({ request, calls }: Seen): { what: string; calls: number } => ({
  what: `${request.on} ${request.targets.find(({ on }) => on === request.on)?.value ?? ""}${argumentsOf(request)}`,
  calls,
});

function argumentsOf({ attrs }: CanonicalRequest): string {
  const words = Array.isArray(attrs.argv) ? attrs.argv.slice(1) : [];
  return words.length === 0 ? "" : ` ${words.join(" ")}`;
}

function factText({ on, place }: Fact): string {
  if (place.kind === "path") return `${on} ${place.path}`;
  if (place.kind === "variable") return `${on} ${place.name}`;
  if (place.kind === "command") return `${on} ${[place.name, ...place.words].join(" ")}`;
  return `${on} ${place.scheme}://${place.host}:${place.port}${place.urlPath}`;
}
