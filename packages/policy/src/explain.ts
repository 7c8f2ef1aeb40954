/**
 * How a policy came to an answer: every rule that had a say, and those that nearly had one, with the clause that failed and
 * what the call has instead. It asks the very patterns and clauses that `decide` asks, rule by rule, so it can not tell
 * another story than what happened; the answer itself is `decide`'s. Slow beside it, as it asks rules that decide nothing.
 */
import { type Atom, atomsOf, isNarrow, listOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import type { CallFacts, UrlSubject } from "./attribute.ts";
import { failedClause, fails } from "./clauses.ts";
import type { Circumstances } from "./condition.ts";
import type { Decision, Effect } from "./decision.ts";
import type { Explanation, FailedClause, NearMiss, TargetExplanation } from "./explanation.ts";
import { hostText } from "./host-text.ts";
import { layerOf } from "./layers.ts";
import type { RuleMatch } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { Rule } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";
import { readSubject, type Subject } from "./subject.ts";

export interface Asked {
  readonly books: { readonly main: RuleBook; readonly ceilings: readonly RuleBook[] };
  readonly request: CanonicalRequest;
  readonly circumstances: Circumstances;
  /** What the policy answers, to the whole call and to a target alone. */
  readonly decision: Decision;
  decide(target: Target): Decision;
}

/** Grants of other places that are shown: those that share the longest beginning with the target. */
const MOST_ELSEWHERE = 3;

export function explain(asked: Asked): Explanation {
  const { request, decision } = asked;
  const traces = request.targets.map((target) => traceOf(target, asked));
  const nearMisses = traces.flatMap(({ misses }, at) => nearest(misses, asked.decide(request.targets[at] as Target)));
  const targets = traces.map(({ target, matched }): TargetExplanation => {
    const { effect, rule } = asked.decide(target);
    return { target, effect, rule, matched };
  });
  return { decision, request, targets, nearMisses, remedy: remedyFor(decision, nearMisses) };
}

interface Trace {
  readonly target: Target;
  readonly matched: TargetExplanation["matched"];
  readonly misses: readonly Miss[];
}

interface Miss extends NearMiss {
  /** It speaks about this very place; other clauses failed. */
  readonly isHere: boolean;
  /** Characters that its pattern shares with the target, from the beginning. */
  readonly shared: number;
}

function traceOf(target: Target, { books, request, circumstances }: Asked): Trace {
  const { on, attrs, targets } = request;
  const subject = readSubject(target, attrs);
  if (subject === null) return { target, matched: [], misses: [] };
  const urls = targets
    .map((one) => readSubject(one, attrs))
    .filter((one): one is UrlSubject => one?.kind === "url" && one.target.on === target.on);
  const facts = { on, attrs, circumstances, address: null, urls: subject.kind === "address" ? urls : [] };
  const layers = [
    { layer: "policy", book: books.main },
    ...books.ceilings.map((book) => ({ layer: layerOf(book.data), book })),
  ];
  const answers = layers.flatMap(({ layer, book }) => {
    const asking = { book, layer, subject, facts };
    return book.about(target.on).rules.map((rule) => ({ layer, rule, miss: missOf(rule, asking) }));
  });
  const matched = answers.flatMap(({ layer, rule, miss }) =>
    miss === null ? [{ rule: rule.data.ref, effect: rule.data.effect, layer }] : [],
  );
  return { target, matched: oneEach(matched), misses: answers.flatMap(({ miss }) => miss ?? []) };
}

interface Asking {
  readonly book: RuleBook;
  readonly layer: string;
  readonly subject: Subject;
  readonly facts: CallFacts;
}

/** Null: it matches. */
function missOf(rule: Rule, { book, layer, subject, facts }: Asking): Miss | null {
  const { ref, effect, match } = rule.data;
  const list = listOf(effect);
  const narrow = isNarrow(list);
  const { commands } = book.data.subprocess;
  const atoms = atomsOf(rule, list, commands);
  const index = new AtomIndex(atoms, commands);
  // An address is granted by what grants the URL that it belongs to.
  const about = subject.kind === "address" && narrow ? facts.urls : [subject];
  const address = subject.kind === "address" ? subject.address : null;
  if (about.length > 0 && about.every((one) => index.find(one, { ...facts, address })[list].length > 0)) return null;
  const isHere = about.some((one) => index.atoms(list, one).length > 0);
  const failed = clausesThatFail(atoms, subject, facts, narrow);
  const { target } = subject;
  return {
    ...{ rule: ref, effect, layer, target, isHere, shared: sharedLength(patternOf(match), target.value) },
    failed: isHere ? failed : [otherPlace(match, subject), ...failed],
  };
}

function clausesThatFail(atoms: readonly Atom[], subject: Subject, facts: CallFacts, narrow: boolean): FailedClause[] {
  const clauses = atoms[0]?.clauses ?? [];
  return clauses
    .filter((clause) => fails(clause, subject, facts, narrow))
    .map((clause) => failedClause(clause, subject, facts));
}

const WHAT = {
  path: "path",
  url: "host",
  address: "address",
  command: "command",
  variable: "name",
  tool: "tool",
} as const;

function otherPlace(match: RuleMatch, subject: Subject): FailedClause {
  const what = WHAT[subject.kind];
  const wanted = wantedText(match);
  const actual = subject.kind === "command" ? subject.command.argv.join(" ") : subject.target.value;
  return { what, wanted, actual, says: `\`${what}\` was ${actual}, and the rule is about ${wanted}` };
}

function wantedText(match: RuleMatch): string {
  if (match.kind === "path" || match.kind === "variable") return match.patterns.join(" or ");
  if (match.kind === "host") return match.patterns.map(hostText).join(" or ");
  if (match.kind === "address") return match.ranges.join(" or ");
  if (match.kind === "any" || match.kind === "tool") return "every call";
  const { name, args = [] } = match;
  return args.length === 0 ? name : args.map((words) => `${name} ${words}`).join(" or ");
}

function patternOf(match: RuleMatch): string {
  if (match.kind === "path" || match.kind === "variable") return match.patterns[0] ?? "";
  if (match.kind === "host") return match.patterns[0] === undefined ? "" : hostText(match.patterns[0]);
  return match.kind === "command" ? match.name : "";
}

function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };

/**
 * Where nothing grants it: what would have. Else what is stricter than the answer and speaks of this place. A denial by a
 * rule has none, as nothing beats it.
 */
function nearest(misses: readonly Miss[], { effect, rule }: Decision): readonly NearMiss[] {
  const isDefault = effect === "deny" && rule.id === "default";
  if (effect === "deny" && !isDefault) return [];
  const relevant = misses.filter((miss) =>
    isDefault ? miss.effect !== "deny" : miss.isHere && STRICTNESS[miss.effect] > STRICTNESS[effect],
  );
  const here = relevant.filter(({ isHere }) => isHere).sort((a, b) => a.failed.length - b.failed.length);
  const elsewhere = relevant.filter(({ isHere, shared }) => !isHere && shared > 0).sort((a, b) => b.shared - a.shared);
  const chosen = [...here, ...elsewhere.slice(0, MOST_ELSEWHERE)];
  return chosen.map(({ isHere: _, shared: __, ...miss }) => miss);
}

/** A rule about several places stands for several; it is told once. */
function oneEach(matched: TargetExplanation["matched"]): TargetExplanation["matched"] {
  const key = ({ rule, layer }: TargetExplanation["matched"][number]) => `${layer} ${rule.file ?? ""} ${rule.id}`;
  return [...new Map(matched.map((one) => [key(one), one])).values()];
}

const PLACES: ReadonlySet<string> = new Set(Object.values(WHAT));

function remedyFor({ effect, hint, rule }: Decision, misses: readonly NearMiss[]): string {
  if (effect === "allow") return "it is allowed";
  if (effect === "ask") return `a person's yes, each time; ${hint ?? `rule \`${rule.id}\` asks`}`;
  const near = misses.find(
    ({ effect: one, failed }) => one === "allow" && failed.every(({ what }) => !PLACES.has(what)),
  );
  if (near === undefined) return hint ?? "nothing does";
  const needs = near.failed.map(needText);
  return `a call with ${needs.join(" and ")}, by rule \`${near.rule.id}\`; or ${hint ?? "another rule"}`;
}

function needText({ what, wanted }: NearMiss["failed"][number]): string {
  if (what === "except") return `a target that is not ${wanted}`;
  if (what === "expires") return `\`now\` before ${wanted}`;
  return what === "hours" ? `\`now\` within ${wanted}` : `\`${what}\` ${wanted}`;
}
