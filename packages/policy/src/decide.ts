/**
 * THE decision: one canonical request in, one answer out, nothing touched. Every target is judged and the strictest
 * answer is the answer; deny beats ask beats allow, and what nothing grants is denied (DEFAULT-NO). The order of rules
 * means nothing for the answer, only for which of several is named. Total: whatever comes in, a decision comes out,
 * and an exception is a denial.
 */
import { specialPurpose } from "./address.ts";
import type { Decision, Effect, RuleRef } from "./decision.ts";
import { deniedFlags } from "./flags.ts";
import { type Deciding, hintFor } from "./hint.ts";
import { addressProblem } from "./host.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { Chapter, Rule, RuleBook } from "./rule-book.ts";
import { readSubject, type Subject } from "./subject.ts";
import { isLoaderVariable } from "./variable.ts";

/** `typed`: the request before checking added real paths and addresses; hints name only what it holds. */
export function decide(book: RuleBook, request: CanonicalRequest, typed: CanonicalRequest): Decision {
  try {
    const { targets, attrs } = request;
    if (request.v !== 1 || targets.length === 0) return error(targets[0]);
    const subjects = targets.map((target) => readSubject(target, attrs));
    const verdicts = subjects.map((subject, at) => {
      const target = targets[at] as Target;
      return subject === null ? unreadable(target) : judge(book, subject, subjects);
    });
    return answer(book, verdicts, typed);
  } catch {
    return error(undefined);
  }
}

/** What one target gets. */
interface Verdict extends Deciding {
  readonly matched: readonly Rule[];
}

function judge(book: RuleBook, subject: Subject, all: readonly (Subject | null)[]): Verdict {
  const { target } = subject;
  const chapter = book.about(target.on);
  const denies = chapter.denials(subject);
  const asks = chapter.questions(subject);
  const grants = grantsOf(chapter, subject, all);
  const matched = [...denies, ...asks, ...grants];
  const [denied] = denies;
  if (denied !== undefined) return { effect: "deny", ref: denied.data.ref, target, matched };
  const builtin = builtinDenial(book, subject, chapter, all);
  if (builtin !== null) return { effect: "deny", ref: { id: builtin.id }, target, matched, reason: builtin.reason };
  const granted = grants.find(({ data }) => data.effect === "allow") ?? grants[0];
  if (granted === undefined) return { effect: "deny", ref: { id: "default" }, target, matched };
  const asked = asks[0] ?? (granted.data.effect === "ask" ? granted : undefined);
  if (asked !== undefined) return { effect: "ask", ref: asked.data.ref, target, matched };
  return { effect: "allow", ref: granted.data.ref, target, matched };
}

/** An address is granted by what grants the URL that it belongs to. */
function grantsOf(chapter: Chapter, subject: Subject, all: readonly (Subject | null)[]): readonly Rule[] {
  if (subject.kind !== "address") return chapter.grants(subject);
  const [first, ...others] = urlsOf(subject, all).map((url) => chapter.grants(url));
  return first?.filter((rule) => others.every((rules) => rules.includes(rule))) ?? [];
}

const urlsOf = ({ target }: Subject, all: readonly (Subject | null)[]) =>
  all.filter((one) => one?.kind === "url").filter((one) => one.target.on === target.on);

/** Denials that no file holds and nothing opens: `builtin.*`. */
function builtinDenial(
  book: RuleBook,
  subject: Subject,
  chapter: Chapter,
  all: readonly (Subject | null)[],
): { readonly id: string; readonly reason: string } | null {
  if (subject.kind === "variable" && isLoaderVariable(subject.name)) {
    return { id: "builtin.loader_variables", reason: "it says how processes are started or supervised" };
  }
  if (subject.kind === "command") {
    const flag = deniedFlags(subject.command.programs, subject.command.argv);
    if (flag === null) return null;
    return {
      id: `builtin.program_flags.${flag.command}`,
      reason: `\`${flag.flag}\` of \`${flag.command}\` ${flag.reason}`,
    };
  }
  if (subject.kind === "url") return addressDenial(book, subject, subject.addresses, chapter);
  if (subject.kind !== "address") return null;
  const urls = urlsOf(subject, all);
  if (urls.length === 0) return { id: "builtin.special_address", reason: "an address is only reached by a URL" };
  return urls.map((url) => addressDenial(book, url, [subject.address], chapter)).find((one) => one !== null) ?? null;
}

function addressDenial(
  book: RuleBook,
  subject: Extract<Subject, { kind: "url" }>,
  addresses: readonly string[],
  chapter: Chapter,
): { readonly id: string; readonly reason: string } | null {
  const grants = chapter.hostGrants(subject);
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

function answer(book: RuleBook, verdicts: readonly Verdict[], typed: CanonicalRequest): Decision {
  const [first, ...others] = verdicts as readonly [Verdict, ...Verdict[]];
  const strictest = others.reduce((a, b) => (STRICTNESS[b.effect] > STRICTNESS[a.effect] ? b : a), first);
  const { effect, ref, target } = strictest;
  const matched = matchedIds(verdicts);
  if (effect === "allow") return { effect, code: null, rule: ref, matched, layer: "policy" };
  const code = effect === "ask" ? "E_APPROVAL_UNAVAILABLE" : "E_POLICY_DENIED";
  return { effect, code, rule: ref, matched, layer: "policy", target, hint: hintFor(book, strictest, typed) };
}

/** In policy order; built-in ones that are no rules of the book at the end. */
function matchedIds(verdicts: readonly Verdict[]): readonly string[] {
  const rules = verdicts.flatMap(({ matched }) => matched).sort((a, b) => a.order - b.order);
  const builtin = verdicts.filter(({ reason }) => reason !== undefined).map(({ ref }) => ref.id);
  return [...new Set([...rules.map(({ data }) => data.ref.id), ...builtin])];
}

const ERROR: RuleRef = { id: "builtin.error" };

const unreadable = (target: Target): Verdict => ({
  effect: "deny",
  ref: ERROR,
  target,
  matched: [],
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
