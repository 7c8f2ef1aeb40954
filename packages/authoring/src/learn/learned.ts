/** What learning tells: the text, each rule with what it rests on, and what became no rule and why. */
import type { CanonicalRequest, LoadResult, Policy } from "@agent-run/policy";
import type { Fact } from "./fact.ts";
import { callsOf, type NamedRule, notesOf, runsOf } from "./policy-text.ts";
import type { Seen } from "./seen-calls.ts";

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

export const whyDenied = (policy: Policy, { request }: Seen): string => {
  const { rule, hint } = policy.decide(request);
  return `\`${rule.id}\` denies it${hint === undefined ? "" : `: ${hint}`}`;
};

export function learnedRule(rule: NamedRule): LearnedRule {
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

export const seenText = ({ request, calls }: Seen): { what: string; calls: number } => ({
  what: `${request.on} ${request.targets.find(({ on }) => on === request.on)?.value ?? ""}${argumentsOf(request)}`,
  calls: calls.length,
});

function argumentsOf({ attrs }: CanonicalRequest): string {
  const words = Array.isArray(attrs.argv) ? attrs.argv.slice(1) : [];
  return words.length === 0 ? "" : ` ${words.join(" ")}`;
}

export function factText({ on, place }: Fact): string {
  if (place.kind === "path") return `${on} ${place.path}`;
  if (place.kind === "variable") return `${on} ${place.name}`;
  if (place.kind === "command") return `${on} ${[place.name, ...place.words].join(" ")}`;
  return `${on} ${place.scheme}://${place.host}:${place.port}${place.urlPath}`;
}
