/**
 * A policy under its ceilings: every layer answers every call by itself, and the strictest answer is the answer, so that
 * no rule of the main policy can open what a ceiling leaves closed. Between equal answers the main policy is named; but
 * of two questions that of a ceiling is the one asked, since `--yes` answers for the main policy only. What a ceiling
 * makes local-only and the main policy would open is denied: sealing it would take an entry of the main policy.
 */
import type { Decision, Effect, RuleRef } from "./decision.ts";
import { withHint, withoutHint } from "./lazy-hint.ts";
import type { PolicyData } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { RuleBook } from "./rule-book.ts";
import type { Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { readSubject } from "./subject.ts";

/** The file that a ceiling was read from. */
export const ceilingName = ({ files }: PolicyData): string => files[0]?.path ?? "ceiling";

/** As `Decision.layer` names it. */
export const layerOf = (ceiling: PolicyData): string => `ceiling:${ceilingName(ceiling)}`;

/** What is a ceiling's, in lists that hold names of all layers. */
const named = (layer: string, name: string): string => `${layer} ${name}`;

/** A rule of a ceiling, as `Decision.matched` and `limited` name it. */
export const nameInCeiling = (ceiling: PolicyData, id: string): string => named(layerOf(ceiling), id);

/** The same question to every layer. `main`: its answer; `ceilings`: their books, in the order of `PolicyData.ceilings`. */
export function strictestOf(
  books: { readonly main: RuleBook; readonly ceilings: readonly RuleBook[] },
  request: CanonicalRequest,
  ask: (book: RuleBook) => Decision,
): Decision {
  const main = ask(books.main);
  if (books.ceilings.length === 0) return main;
  try {
    const bounds = books.ceilings.map((book) => answerOf(book, ask(book), books.main, main, request));
    return joined(main, bounds);
  } catch {
    const hint = "the call could not be held against the ceilings, so it is denied";
    const rule = { id: "builtin.error" };
    return { effect: "deny", code: "E_POLICY_DENIED", rule, matched: [rule.id], layer: "policy", hint };
  }
}

/** A ceiling's own answer, in the words of this policy's user. */
function answerOf(
  book: RuleBook,
  decision: Decision,
  mainBook: RuleBook,
  main: Decision,
  request: CanonicalRequest,
): Decision {
  const layer = layerOf(book.data);
  const file = shown(ceilingName(book.data));
  const answer = { ...withoutHint(decision), layer };
  if (decision.effect === "deny") {
    const says = () => (decision.hint === undefined ? "" : `: ${decision.hint}`);
    return withHint(answer, () => `the ceiling \`${file}\` is why, whatever the policy allows${says()}`);
  }
  const shut = openedSeal(book, decision, mainBook, main, request);
  if (shut !== null) {
    const { sealed: _, use: __, ...rest } = answer;
    const hint = `the ceiling \`${file}\` makes it local-only; ${sealHint(shut.target)}`;
    return { ...rest, effect: "deny", code: "E_POLICY_DENIED", rule: shut.rule, target: shut.target, hint };
  }
  if (decision.effect === "allow") return answer;
  return withHint(answer, () => `${decision.hint ?? "a person is asked"}, by the ceiling \`${file}\``);
}

interface Opened {
  readonly rule: RuleRef;
  readonly target: Target;
}

/** A target that the ceiling makes local-only and the main policy does not; also as a whole, as where a search is sealed. */
function openedSeal(
  book: RuleBook,
  decision: Decision,
  mainBook: RuleBook,
  main: Decision,
  { targets, attrs }: CanonicalRequest,
): Opened | null {
  const subjects = targets.flatMap((target) => readSubject(target, attrs) ?? []);
  for (const subject of subjects) {
    const urls = subjects.filter((one) => one.kind === "url").filter(({ target }) => target.on === subject.target.on);
    const [rule] = book.localOnly.rules(subject, urls);
    if (rule !== undefined && mainBook.localOnly.rules(subject, urls).length === 0)
      return { rule: rule.data.ref, target: subject.target };
  }
  const [target] = targets;
  const isOpened = decision.sealed !== undefined && main.sealed === undefined;
  return isOpened && target !== undefined ? { rule: decision.rule, target } : null;
}

const SEALING_KEYS: Readonly<Record<string, string>> = {
  "fs.read": "filesystem.local_only_read",
  "fs.write": "filesystem.local_only_write",
  "env.read": "environment.local_only_vars",
  "subprocess.exec": "subprocess.local_only_commands",
};

function sealHint({ on }: Target): string {
  if (on === "fs.delete") return "what is local-only is not deleted or moved";
  const key = SEALING_KEYS[on] ?? "network.local_only_hosts";
  return `to use it sealed, the policy needs an entry of \`${key}\` that names it`;
}

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };

function joined(main: Decision, bounds: readonly Decision[]): Decision {
  const decisive = bounds.reduce((strictest, bound) => (isDecisive(bound, strictest) ? bound : strictest), main);
  const { sealed: _, use: __, limited: ___, ...answer } = withoutHint(decisive);
  const limited = [main, ...bounds].flatMap((one) => idsOf(one, one.limited ?? []));
  const whole = { ...answer, matched: [main, ...bounds].flatMap((one) => idsOf(one, one.matched)) };
  return Object.assign(
    "hint" in decisive ? withHint(whole, () => decisive.hint ?? "") : whole,
    limited.length === 0 ? {} : { limited },
    decisive.effect === "deny" ? {} : sealingOf(main, bounds),
  );
}

function isDecisive(bound: Decision, strictest: Decision): boolean {
  if (bound.effect !== strictest.effect) return STRICTNESS[bound.effect] > STRICTNESS[strictest.effect];
  return bound.effect === "ask" && strictest.layer === "policy";
}

/** Ids are unique in one layer; an answer to one layer's question must not pass for an answer to another's. */
const idsOf = ({ layer }: Decision, ids: readonly string[]): readonly string[] =>
  layer === "policy" ? ids : ids.map((id) => named(layer, id));

/**
 * The main policy says what is sealed. Where a ceiling gives labels of its own, the data has both, and goes only where
 * every layer takes its labels. A secret goes to its uses, which the ceilings have agreed to.
 */
function sealingOf(main: Decision, bounds: readonly Decision[]): Pick<Decision, "sealed" | "use"> {
  const use = main.use === undefined ? {} : { use: main.use };
  if (main.sealed === undefined) return use;
  const { label, accepts } = main.sealed;
  const others = (of: "label" | "accepts") =>
    bounds.flatMap(({ layer, sealed }) =>
      (sealed?.[of] ?? []).filter((one) => !isSecret(one)).map((one) => named(layer, one)),
    );
  const given = label.every(isSecret) ? [] : others("label");
  return { sealed: { label: [...label, ...given], accepts: [...accepts, ...others("accepts")] }, ...use };
}

const isSecret = (label: string): boolean => label.startsWith("secret:");

/** The first ceiling under which no call of the capability can be; null: every ceiling has some. */
export function ceilingWithout(
  ceilings: readonly RuleBook[],
  capability: Capability,
  grants: (book: RuleBook, capability: Capability) => boolean,
): string | null {
  const found = ceilings.find((book) => !grants(book, capability));
  return found === undefined ? null : ceilingName(found.data);
}
