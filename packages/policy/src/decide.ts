/**
 * THE decision: one canonical request in, one answer out, nothing touched. Every target is judged and the strictest
 * answer is the answer; deny beats ask beats allow, and what nothing grants is denied (DEFAULT-NO). The order of rules
 * means nothing for the answer, only for which of several is named. Local-only beats every public grant (NO-PLAINTEXT):
 * what a local-only entry names is granted by such entries only. Total: whatever comes in, a decision comes out,
 * and an exception is a denial.
 */
import { specialPurpose } from "./address.ts";
import type { CallFacts, UrlSubject } from "./attribute.ts";
import type { Circumstances } from "./condition.ts";
import type { Decision, Effect, RuleRef } from "./decision.ts";
import { deniedFlagsIn } from "./flags.ts";
import { type RulesByList, united } from "./found-rules.ts";
import { hintFor } from "./hint.ts";
import { addressProblem } from "./host.ts";
import { withHint } from "./lazy-hint.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { Rule } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";
import { LOCAL_ONLY, NO_DOOR, openEnd, sealingOf } from "./sealing.ts";
import { readSubject, type Subject } from "./subject.ts";
import { isLoaderVariable } from "./variable.ts";
import type { Door, Verdict } from "./verdict.ts";

/** `typed`: the request before checking added real paths and addresses; hints name only what it holds. */
export function decide(
  book: RuleBook,
  request: CanonicalRequest,
  typed: CanonicalRequest,
  circumstances: Circumstances,
): Decision {
  try {
    const { targets, attrs, on } = request;
    if (request.v !== 1 || targets.length === 0) return error(targets[0]);
    const facts = { on, attrs, circumstances, address: null, urls: NO_URLS };
    const target = targets[0];
    if (targets.length === 1 && target !== undefined) {
      const subject = readSubject(target, attrs);
      const call = { request, subjects: [subject], facts };
      return plainAnswer(book, verdictOn(book, target, subject, call), typed);
    }
    const subjects = targets.map((one) => readSubject(one, attrs));
    const call = { request, subjects, facts };
    const verdicts = targets.map((one, at) => verdictOn(book, one, subjects[at] ?? null, call));
    return answer(book, verdicts, typed);
  } catch {
    return error(undefined);
  }
}

const verdictOn = (book: RuleBook, target: Target, subject: Subject | null, call: Call): Verdict =>
  subject === null ? unreadable(target, call.facts) : judge(book, subject, call);

const NO_URLS: readonly UrlSubject[] = [];

interface Call {
  readonly request: CanonicalRequest;
  readonly subjects: readonly (Subject | null)[];
  /** For all of its targets; what only an address has is added by `factsOf`. */
  readonly facts: CallFacts;
}

const factsOf = (subject: Subject, call: Call): CallFacts =>
  subject.kind === "address" ? { ...call.facts, urls: urlsOf(subject, call) } : call.facts;

function judge(book: RuleBook, subject: Subject, call: Call): Verdict {
  const { target } = subject;
  const chapter = book.about(target.on);
  const facts = factsOf(subject, call);
  const found = chapter.find(subject, facts);
  const { deny: denies, ask: asks } = found;
  const door = doorOf(book, subject, call, found);
  const matched = joined(joined(denies, asks), joined(door.local, door.grants));
  const denied = denies[0];
  if (denied !== undefined) return { effect: "deny", ref: denied.ref, target, subject, door, matched, facts };
  const builtin = builtinDenial(book, subject, door, call) ?? coveredDenial(book, subject, call);
  if (builtin !== null) {
    const { id, reason } = builtin;
    return { effect: "deny", ref: { id }, target, subject, door, matched, facts, reason };
  }
  const granted = door.grants.find(isAllow) ?? door.grants[0];
  const asked = asks[0] ?? granted;
  const effect = granted === undefined ? "deny" : asked?.effect === "ask" ? "ask" : "allow";
  const decisive = effect === "ask" ? asked : (granted ?? door.local[0]);
  return { effect, ref: decisive?.ref ?? DEFAULT, target, subject, door, matched, facts };
}

const isAllow = ({ effect }: Rule): boolean => effect === "allow";

const DEFAULT: RuleRef = { id: "default" };

/** Mostly one of them is empty. */
const joined = (some: readonly Rule[], others: readonly Rule[]): readonly Rule[] =>
  some.length === 0 ? others : others.length === 0 ? some : [...some, ...others];

/**
 * What is local-only is granted by local-only entries and nothing else, in whatever way else it is granted; then a use of
 * a secret comes before a public grant. An address is granted by what grants the URL that it belongs to.
 */
function doorOf(book: RuleBook, subject: Subject, call: Call, found: RulesByList): Door {
  const local = book.localOnly.rules(subject, urlsOf(subject, call));
  const { open, sealed, use: offered } = found;
  const used = offered.length === 0 ? offered : offered.filter(({ data }) => book.localOnly.isUsed(data, call.request));
  const use = used[0]?.data.use ?? null;
  if (local.length > 0) return { way: "sealed", grants: sealed, local, use, offered };
  if (used.length > 0) return { way: "use", grants: used, local, use, offered };
  // Looking where only local-only things can be found is a local-only search.
  const isSealed = open.length === 0 && sealed.length > 0 && subject.target.role === "search";
  if (isSealed) return { way: "sealed", grants: sealed, local: sealed, use, offered };
  return { way: "open", grants: open, local, use, offered };
}

function urlsOf({ kind, target }: Subject, { subjects }: Call): readonly UrlSubject[] {
  if (kind !== "address") return NO_URLS;
  return subjects.filter((one) => one?.kind === "url").filter((one) => one.target.on === target.on);
}

/**
 * Deleting, moving or copying a directory would tell whether something local-only lies in it: what is inside is found on
 * the disk, and would then be refused or not.
 */
function coveredDenial(book: RuleBook, subject: Subject, { request }: Call): BuiltinDenial | null {
  if (subject.kind !== "path" || !book.localOnly.liesBelow(subject)) return null;
  const { role } = subject.target;
  const isTaken = role === "delete" || (role === "read" && request.on === "fs.write");
  return isTaken
    ? { id: LOCAL_ONLY, reason: "local-only files may lie below it, so it is taken as a whole nowhere" }
    : null;
}

interface BuiltinDenial {
  readonly id: string;
  readonly reason: string;
}

/** Denials that no file holds and nothing opens: `builtin.*`. */
function builtinDenial(book: RuleBook, subject: Subject, door: Door, call: Call): BuiltinDenial | null {
  if (subject.kind === "variable" && isLoaderVariable(subject.name)) {
    return { id: "builtin.loader_variables", reason: "it says how processes are started or supervised" };
  }
  if (subject.kind === "command") {
    const flag = deniedFlagsIn(subject.command);
    if (flag === null) return null;
    return {
      id: `builtin.program_flags.${flag.command}`,
      reason: `\`${flag.flag}\` of \`${flag.command}\` ${flag.reason}`,
    };
  }
  if (subject.kind === "url") return addressDenial(book, subject, subject.addresses, door, call.facts);
  if (subject.kind !== "address") return null;
  const urls = urlsOf(subject, call);
  if (urls.length === 0) return { id: "builtin.special_address", reason: "an address is only reached by a URL" };
  return (
    urls
      .map((url) => {
        const found = book.about(url.target.on).find(url, call.facts);
        return addressDenial(book, url, [subject.address], doorOf(book, url, call, found), call.facts);
      })
      .find((one) => one !== null) ?? null
  );
}

function addressDenial(
  book: RuleBook,
  subject: Extract<Subject, { kind: "url" }>,
  addresses: readonly string[],
  door: Door,
  facts: CallFacts,
): BuiltinDenial | null {
  if (addresses.length === 0) return null;
  const grants = book.about(subject.target.on).hostGrants(subject, door.way, door.grants, facts);
  // Without a grant the answer is `default`, whose hint says how to grant.
  if (grants.length === 0) return null;
  for (const address of addresses) {
    const problem = addressProblem(address, subject.url, grants, book.data.network.privateHosts);
    if (problem === null) continue;
    const where = specialPurpose(address) === null ? problem : `an address of a special range (${problem})`;
    return { id: "builtin.special_address", reason: `\`${subject.url.host}\` leads to ${where}` };
  }
  return null;
}

const STRICTNESS: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };

/** The usual answer, about one target that has nothing to do with limits, secrets and what is local-only; the rest as ever. */
function plainAnswer(book: RuleBook, verdict: Verdict, typed: CanonicalRequest): Decision {
  const { effect, ref: rule, target, matched: rules, door, reason } = verdict;
  const only = rules[0];
  if (rules.length > 1 || reason !== undefined || door.local.length > 0 || door.use !== null) {
    return answer(book, [verdict], typed);
  }
  if (only?.isLimited === true) return answer(book, [verdict], typed);
  const matched = only === undefined ? NO_IDS : only.ids;
  if (effect === "allow") return { effect, code: null, rule, matched, layer: "policy" };
  const code = effect === "deny" ? "E_POLICY_DENIED" : "E_APPROVAL_UNAVAILABLE";
  return withHint({ effect, code, rule, matched, layer: "policy", target }, () => hintFor(book, verdict, typed));
}

function answer(book: RuleBook, verdicts: readonly Verdict[], typed: CanonicalRequest): Decision {
  const [first, ...others] = verdicts as readonly [Verdict, ...Verdict[]];
  const strictest = others.reduce((a, b) => (STRICTNESS[b.effect] > STRICTNESS[a.effect] ? b : a), first);
  const mixed = strictest.effect === "deny" ? null : openEnd(verdicts);
  const decisive = mixed ?? strictest;
  const { effect, ref: rule, target } = decisive;
  const matched = matchedIds(mixed === null ? verdicts : [...verdicts, mixed]);
  const limited = effect === "deny" ? NO_IDS : limitedIds(verdicts);
  const bounds = limited.length === 0 ? NOTHING : { limited };
  if (effect === "allow") {
    return { effect, code: null, rule, matched, layer: "policy", ...bounds, ...sealingOf(book, verdicts) };
  }
  const code = effect === "deny" ? "E_POLICY_DENIED" : "E_APPROVAL_UNAVAILABLE";
  const refusal = { effect, code, rule, matched, layer: "policy", ...bounds, target } as const;
  const decision = withHint(refusal, () => hintFor(book, decisive, typed));
  return effect === "deny" ? decision : Object.assign(decision, sealingOf(book, verdicts));
}

const NOTHING = {};
const NO_IDS: readonly string[] = [];

/** In policy order; built-in ones that are no rules of the book at the end. */
function matchedIds(verdicts: readonly Verdict[]): readonly string[] {
  const rules = verdicts.flatMap(({ matched }) => matched).sort((a, b) => a.order - b.order);
  const builtin = verdicts.filter(({ reason }) => reason !== undefined).map(({ ref }) => ref.id);
  return [...new Set([...rules.map(({ id }) => id), ...builtin])];
}

/** A call that may happen is counted on each of them. In policy order. */
function limitedIds(verdicts: readonly Verdict[]): readonly string[] {
  const limited = verdicts.flatMap(({ matched }) => matched.filter(({ isLimited }) => isLimited));
  return limited.length === 0 ? NO_IDS : united(limited).map(({ id }) => id);
}

const ERROR: RuleRef = { id: "builtin.error" };

const unreadable = (target: Target, facts: CallFacts): Verdict => ({
  effect: "deny",
  ref: ERROR,
  target,
  subject: null,
  door: NO_DOOR,
  matched: [],
  facts,
  reason: "it is not in canonical form",
});

function error(target: Target | undefined): Decision {
  const hint = "the call could not be decided, so it is denied";
  const denied: Decision = {
    effect: "deny",
    code: "E_POLICY_DENIED",
    rule: ERROR,
    matched: [ERROR.id],
    layer: "policy",
    hint,
  };
  return target === undefined ? denied : { ...denied, target };
}
