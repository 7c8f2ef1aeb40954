/**
 * For tests only: the rules of a policy read in the plainest way, as docs/policy.md tells it, to hold the engine against.
 * No index, no clause objects, nothing compiled ahead; of the engine's code only the patterns of paths, hosts, names and
 * regular expressions are used. An address is its URL, asked about once more with the address known.
 */

import type { Circumstances, Condition } from "../condition.ts";
import type { Effect } from "../decision.ts";
import { compileName, compilePathGlob, compileSegments } from "../glob.ts";
import { compileHostPattern, inAnyRange, urlText } from "../host.ts";
import { isWithin } from "../hours.ts";
import { isJsonArray, type Json } from "../json.ts";
import { pathText } from "../path.ts";
import type { RuleData, RuleMatch } from "../policy-data.ts";
import { compileRegex } from "../regex.ts";
import type { CanonicalRequest, Target } from "../request.ts";
import { fold } from "../spelling.ts";

interface Asked {
  readonly target: Target;
  readonly address: string | null;
  readonly request: CanonicalRequest;
  readonly around: Circumstances;
}

const STRICTNESS: readonly Effect[] = ["allow", "ask", "deny"];

export function plainAnswer(rules: readonly RuleData[], request: CanonicalRequest, around: Circumstances): Effect {
  const url = request.targets.find(({ kind }) => kind === "url");
  const answers = request.targets.map((target) => {
    const address = target.kind === "address" ? target.value : null;
    return ofTarget(rules, { target: address === null || url === undefined ? target : url, address, request, around });
  });
  return STRICTNESS.findLast((effect) => answers.includes(effect)) ?? "deny";
}

function ofTarget(rules: readonly RuleData[], asked: Asked): Effect {
  const about = rules.filter(({ on }) => on.includes(asked.target.on));
  const speaks = (rule: RuleData) =>
    (place(rule.match, asked, true) && !excepts(rule, asked, true) && holds(rule, asked, true)) ||
    liesBelow(rule, asked);
  if (about.some((rule) => rule.effect === "deny" && speaks(rule))) return "deny";
  const grants = about.filter(
    (rule) =>
      opens(rule) && place(rule.match, asked, false) && !excepts(rule, asked, false) && holds(rule, asked, false),
  );
  if (grants.length === 0) return "deny";
  const isAsked = about.some((rule) => rule.effect === "ask" && speaks(rule));
  return isAsked || grants.every(({ effect }) => effect === "ask") ? "ask" : "allow";
}

const opens = ({ effect, match, opens: isOpen }: RuleData): boolean =>
  effect === "allow" ||
  (effect === "ask" &&
    match.kind !== "any" &&
    (match.kind !== "command" || match.args === undefined || isOpen === true));

function place(match: RuleMatch, { target, request }: Asked, loose: boolean): boolean {
  const path = target.kind === "path" ? pathText(target.value) : null;
  const url = target.kind === "url" ? urlText(target.value) : null;
  if (match.kind === "any") return true;
  if (match.kind === "path")
    return (
      path !== null &&
      match.patterns.some((one) =>
        loose
          ? compilePathGlob(one).matchesFolded(path, match.below)
          : compilePathGlob(one).matches(path.segments, match.below),
      )
    );
  if (match.kind === "host")
    return (
      url !== null && match.patterns.some((one) => compileHostPattern(one)[loose ? "matchesLoosely" : "matches"](url))
    );
  if (match.kind === "variable")
    return match.patterns.some(
      (one) => compileName(one, false)(target.value) || (loose && compileName(one, true)(target.value)),
    );
  if (match.kind !== "command" || target.kind !== "command") return false;
  const words = (isJsonArray(request.attrs.argv) ? request.attrs.argv : []).map(String);
  const isNamed = match.name === "*" || match.name === words[0];
  return (
    isNamed &&
    (match.args === undefined ||
      match.args.some((args) =>
        loose ? hasWords(args.split(" "), words.slice(1)) : areWords(args.split(" "), words.slice(1)),
      ))
  );
}

/** In order, others between them: of programs that nothing is known about. */
function hasWords(pattern: readonly string[], words: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return true;
  // `*` in a word is any characters.
  const at = words.findIndex((word) => word === first || (first.includes("*") && !word.startsWith("-")));
  return at >= 0 && hasWords(rest, words.slice(at + 1));
}

const areWords = (pattern: readonly string[], words: readonly string[]): boolean => {
  const length = pattern.at(-1) === "**" ? pattern.length - 1 : pattern.length;
  const fits = pattern.at(-1) === "**" ? words.length >= length : words.length === length;
  return (
    fits &&
    pattern
      .slice(0, length)
      .every((word, at) => word === words[at] || (word === "*" && words[at]?.startsWith("-") === false))
  );
};

/** Deleting takes along what a denial names below. */
function liesBelow(rule: RuleData, asked: Asked): boolean {
  const path = pathText(asked.target.value);
  if (rule.effect !== "deny" || asked.target.role !== "delete" || rule.match.kind !== "path" || path === null)
    return false;
  const others = { ...rule, when: (rule.when ?? []).filter(({ attribute }) => attribute !== "path") };
  return (
    rule.match.patterns.some((one) => {
      const names = compilePathGlob(one).literal.map(fold);
      return names.length > path.folded.length && path.folded.every((name, at) => name === names[at]);
    }) && holds(others, asked, true)
  );
}

const excepts = (rule: RuleData, asked: Asked, loose: boolean): boolean =>
  rule.except !== undefined &&
  place(rule.except.kind === "path" && loose ? { ...rule.except, below: false } : rule.except, asked, !loose);

function holds({ when = [], expires, hours, effect }: RuleData, asked: Asked, loose: boolean): boolean {
  const { now } = asked.around;
  const times = [
    effect !== "allow" || expires === undefined ? true : now === null ? null : now < expires,
    hours === undefined ? true : now === null ? null : isWithin(hours, now),
  ];
  return [...times, ...when.map((one) => condition(one, asked, loose))].every(
    (one) => one === true || (loose && one === null),
  );
}

/** Null: unknown. */
function condition({ attribute, test }: Condition, asked: Asked, loose: boolean): boolean | null {
  if (attribute === "address" && asked.address === null) return !loose;
  const value = stated(attribute, asked);
  if (test.op === "exists") return (value !== null) === test.value;
  if (value === null) return null;
  const isNegative = test.op === "ne" || test.op === "not_in";
  const foldsToo = attribute === "path" || (attribute === "url_path" && (loose || isNegative));
  const answers = [false, ...(foldsToo ? [true] : [])].map((folded) => answer(attribute, test, value, folded));
  return answers.every((one) => one === answers[0]) ? (answers[0] ?? null) : null;
}

function stated(
  attribute: string,
  { target, address, request, around }: Asked,
): string | number | readonly Json[] | null {
  const url = target.kind === "url" ? urlText(target.value) : null;
  const known: Record<string, string | number | null | undefined> = {
    ...around,
    address,
    name: target.value,
    path: target.value,
    host: url?.host,
    port: url?.port,
    scheme: url?.scheme,
    url_path: url?.path,
  };
  if (attribute in known) return known[attribute] ?? null;
  const value = request.on === target.on ? request.attrs[attribute] : undefined;
  const isSize = attribute === "bytes" || attribute === "stdin_bytes";
  // There are no sizes below zero, so such a number is of another type.
  if (isSize) return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  return typeof value === "string" || isJsonArray(value ?? null) ? (value as string | readonly Json[]) : null;
}

function answer(
  attribute: string,
  test: Condition["test"],
  value: string | number | readonly Json[],
  folded: boolean,
): boolean {
  const as = <T>(one: T) => (folded && typeof one === "string" ? fold(one) : one);
  const mine = as(value);
  const text = String(mine);
  switch (test.op) {
    case "eq":
      return mine === as(test.value);
    case "ne":
      return mine !== as(test.value);
    case "in":
      return test.values.some((one) => as(one) === mine);
    case "not_in":
      return !test.values.some((one) => as(one) === mine);
    case "lt":
      return Number(mine) < test.value;
    case "le":
      return Number(mine) <= test.value;
    case "gt":
      return Number(mine) > test.value;
    case "ge":
      return Number(mine) >= test.value;
    case "contains":
      return typeof mine === "object" ? mine.includes(test.value) : text.includes(as(test.value));
    case "starts_with":
      return text.startsWith(as(test.value));
    case "ends_with":
      return text.endsWith(as(test.value));
    case "regex":
      return compileRegex(test.pattern, folded).finds(text);
    case "cidr":
      return inAnyRange(text, test.ranges);
    case "glob":
      return test.patterns.some((one) =>
        attribute === "path" || attribute === "url_path"
          ? compileSegments(one, folded).matches(
              text
                .split("/")
                .slice(1)
                .filter((part) => part !== ""),
              false,
            )
          : one === "*" || compileName(one, false)(text),
      );
    case "exists":
      return test.value;
  }
}
