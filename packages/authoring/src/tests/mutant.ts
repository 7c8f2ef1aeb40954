/**
 * Mutants of a policy: the same policy with one slip in one rule, as a tired hand would make it. Tests that answer the
 * same for it do not watch that rule. `limit` is left alone: it is counted over a run, and no single decision knows it.
 */
import { type Condition, type PolicyData, type RuleData, type RuleRef, rootPattern } from "@agent-run/policy";
import { slipsOfCondition, slipsOfHours } from "./mutate-condition.ts";
import { type Bases, type Slip, type SlipKind, slipsOfMatch } from "./mutate-match.ts";
import { type OwnRule, ownRules } from "./own-rule.ts";
import type { TestBase } from "./ready-test.ts";

export interface Mutant {
  readonly rule: OwnRule;
  readonly kind: SlipKind;
  /** What was changed, in words. */
  readonly what: string;
  /** What stands in the place of the rule's parts. */
  readonly parts: readonly RuleData[];
  /** The whole policy with it. */
  readonly data: PolicyData;
}

/** One after the other, since a policy of a thousand rules has many thousands of them. */
export function* mutantsOf(data: PolicyData, base: TestBase): Generator<Mutant> {
  const bases = [data.root, base.home].filter((path) => path !== "/").map((path) => rootPattern(path, ""));
  for (const rule of ownRules(data)) {
    for (const { kind, what, after } of slipsOf(rule, bases)) {
      yield { rule, kind, what, parts: after, data: withParts(data, rule.ref, after) };
    }
  }
}

/** How many there will be, for who shows progress. */
export function countMutants(data: PolicyData, base: TestBase): number {
  let count = 0;
  for (const _ of mutantsOf(data, base)) count++;
  return count;
}

/** At the place of the first part, so that the order for naming a rule stays. */
function withParts(data: PolicyData, ref: RuleRef, parts: readonly RuleData[]): PolicyData {
  const at = data.rules.findIndex((rule) => rule.ref.id === ref.id);
  const others = (rules: readonly RuleData[]) => rules.filter((rule) => rule.ref.id !== ref.id);
  return { ...data, rules: [...others(data.rules.slice(0, at)), ...parts, ...others(data.rules.slice(at))] };
}

function* slipsOf(rule: OwnRule, bases: Bases): Generator<Slip<readonly RuleData[]>> {
  yield { kind: "delete rule", what: "without the rule", after: [] };
  yield* flipsOf(rule);
  yield* commandsOf(rule);
  for (const [at, part] of rule.parts.entries()) {
    const put = (changed: RuleData) => rule.parts.map((one, index) => (index === at ? changed : one));
    for (const slip of slipsOfMatch(part.match, part.effect === "allow", bases))
      yield { ...slip, after: put({ ...part, match: slip.after }) };
  }
  yield* exceptsOf(rule, bases);
  yield* conditionsOf(rule);
  yield* timesOf(rule);
}

const FLIPS = { allow: ["deny"], deny: ["allow"], ask: ["allow", "deny"] } as const;

/** A grant names a place: what is about every call, or about addresses, can only be asked or denied. */
function* flipsOf({ parts, effect }: OwnRule): Generator<Slip<readonly RuleData[]>> {
  for (const flipped of FLIPS[effect]) {
    if (flipped === "allow" && !parts.some(({ match }) => canGrant(match))) continue;
    yield {
      kind: "flip effect",
      what: `${effect} turned into ${flipped}`,
      after: parts.map(({ sealed: _, ...part }) => ({
        ...part,
        effect: flipped,
        match: part.match.kind === "path" ? { ...part.match, below: flipped === "deny" } : part.match,
      })),
    };
  }
}

const canGrant = (match: RuleData["match"]): boolean =>
  match.kind !== "any" && match.kind !== "address" && !(match.kind === "command" && match.name === "*");

/** A rule about several commands is compiled to one part each. */
function* commandsOf({ parts }: OwnRule): Generator<Slip<readonly RuleData[]>> {
  const names = [...new Set(parts.flatMap(({ match }) => (match.kind === "command" ? [match.name] : [])))];
  if (names.length < 2) return;
  for (const name of names) {
    const after = parts.filter(({ match }) => match.kind !== "command" || match.name !== name);
    yield { kind: "drop pattern", what: `without \`${name}\``, after };
  }
}

function* exceptsOf({ parts }: OwnRule, bases: Bases): Generator<Slip<readonly RuleData[]>> {
  if (parts.every(({ except }) => except === undefined)) return;
  yield { kind: "drop except", what: "without `except`", after: parts.map(({ except: _, ...part }) => part) };
  for (const [at, part] of parts.entries()) {
    if (part.except === undefined) continue;
    for (const slip of slipsOfMatch(part.except, part.effect !== "allow", bases)) {
      const after = parts.map((one, index) => (index === at ? { ...part, except: slip.after } : one));
      yield { kind: slip.kind, what: `except ${slip.what}`, after };
    }
  }
}

/** A condition that several parts have changes in all of them. */
function* conditionsOf({ parts }: OwnRule): Generator<Slip<readonly RuleData[]>> {
  const conditions = new Map(parts.flatMap(({ when = [] }) => when).map((one) => [JSON.stringify(one), one]));
  for (const [text, condition] of conditions) {
    for (const slip of slipsOfCondition(condition)) {
      const changed = (one: Condition) =>
        JSON.stringify(one) !== text ? [one] : slip.after === null ? [] : [slip.after];
      const after = parts.map((part) =>
        part.when === undefined ? part : { ...part, when: part.when.flatMap(changed) },
      );
      yield { ...slip, after };
    }
  }
}

function* timesOf({ parts }: OwnRule): Generator<Slip<readonly RuleData[]>> {
  const expires = parts.find((part) => part.expires !== undefined)?.expires;
  if (expires !== undefined) {
    yield { kind: "drop expires", what: "without `expires`", after: parts.map(({ expires: _, ...part }) => part) };
    for (const moved of [expires + 1, expires - 1]) {
      const what = `expires ${moved > expires ? "a millisecond later" : "a millisecond earlier"}`;
      yield { kind: "move bound", what, after: parts.map((part) => ({ ...part, expires: moved })) };
    }
  }
  const hours = parts.find((part) => part.hours !== undefined)?.hours;
  if (hours === undefined) return;
  for (const slip of slipsOfHours(hours)) {
    const after = parts.map(({ hours: _, ...part }) => (slip.after === null ? part : { ...part, hours: slip.after }));
    yield { ...slip, after };
  }
}
