/**
 * A rule matches where its place does and where each of its clauses holds: what it leaves out, its conditions, its time.
 * A clause may be unknown, since a call does not say everything. A grant takes what is true under every reading; a denial
 * or question stays away only from what is false under every reading (DEFAULT-NO). These very objects are what `decide`
 * asks, so an explanation that lists the ones that failed says what happened.
 */
import { matchesLines } from "./argv.ts";
import { type CallFacts, knownTime, type Reading, readingsOf } from "./attribute.ts";
import type { Condition, Hours, Test } from "./condition.ts";
import { takesText, testText, valueText } from "./condition-text.ts";
import type { FailedClause } from "./explanation.ts";
import { compileName, compilePathGlob, compileSegments, type Glob } from "./glob.ts";
import { compileHostPattern, inAnyRange } from "./host.ts";
import { hostText } from "./host-text.ts";
import { hoursText, isWithin } from "./hours.ts";
import { once } from "./once.ts";
import type { RuleData, RuleMatch } from "./policy-data.ts";
import { compileRegex } from "./regex.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";
import { decodedPattern } from "./url.ts";
import { compileVariable } from "./variable.ts";
import { matchesWords } from "./words.ts";

/** `later`: it is decided by itself, with another target; until then a grant may go on, and a denial does not speak. */
export type Truth = boolean | "unknown" | "later";

export interface Clause {
  /** `bytes`, `expires`, `hours`, `except` ... */
  readonly what: string;
  /** As the policy has it: `le 1048576`. */
  readonly wanted: string;
  /** The same in words: `at most 1048576`. */
  readonly takes: string;
  /** It is about the value of the target, so it says nothing about what lies below. */
  readonly isOfTarget: boolean;
  holds(subject: Subject, facts: CallFacts): Truth;
  /** What the call has; null: nothing that is known. */
  actual(subject: Subject, facts: CallFacts): string | number | readonly string[] | null;
}

const NONE: readonly Clause[] = [];

/** Without those of its place. Most rules have none. `narrow`: as a grant is read. */
export function clausesOf(data: RuleData, narrow: boolean): readonly Clause[] {
  const { except, when, expires, hours, effect } = data;
  if ((except ?? when ?? expires ?? hours) === undefined) return NONE;
  return [
    ...(except === undefined ? [] : [exceptClause(except, narrow)]),
    ...(when ?? []).map((condition) => conditionClause(condition, narrow)),
    // Denials and questions stay: that they lapse would open something.
    ...(expires === undefined || effect !== "allow" ? [] : [expiresClause(expires)]),
    ...(hours === undefined ? [] : [hoursClause(hours)]),
  ];
}

/** Does it keep the rule from matching? */
export function fails(clause: Clause, subject: Subject, facts: CallFacts, narrow: boolean): boolean {
  const truth = clause.holds(subject, facts);
  return narrow ? truth !== true && truth !== "later" : truth !== true && truth !== "unknown";
}

export function failedClause(clause: Clause, subject: Subject, facts: CallFacts): FailedClause {
  const { what, wanted, takes } = clause;
  const actual = clause.actual(subject, facts);
  const text = typeof actual === "object" && actual !== null ? actual.join(", ") : valueText(what, actual ?? "");
  const was = actual === null ? "is not known" : `was ${text === "" ? "empty" : text}`;
  if (what === "except") return { what, wanted, actual, says: `the rule leaves out ${wanted}` };
  if (what === "expires") {
    const says = actual === null ? `the time ${was}, and the rule ends at ${wanted}` : `the rule ended at ${wanted}`;
    return { what, wanted, actual, says };
  }
  if (what === "hours") return { what, wanted, actual, says: `the time ${was}, and the rule speaks at ${wanted}` };
  return { what, wanted, actual, says: `\`${what}\` ${was}, and the rule takes ${takes}` };
}

function conditionClause({ attribute, test }: Condition, narrow: boolean): Clause {
  const holds = compileTest(attribute, test);
  const asked = { narrow, negative: test.op === "ne" || test.op === "not_in", operand: operandType(test) };
  return {
    what: attribute,
    wanted: testText(attribute, test),
    takes: takesText(attribute, test),
    isOfTarget: attribute === "path",
    holds: (subject, facts) => {
      const found = readingsOf(attribute, subject, facts, asked);
      if (found.kind === "later") return "later";
      if (test.op === "exists") return (found.kind !== "missing") === test.value;
      return found.kind === "known" ? agreed(found.readings.map(holds)) : "unknown";
    },
    actual: (subject, facts) => {
      const found = readingsOf(attribute, subject, facts, asked);
      return found.kind === "known" ? (found.readings[0]?.value ?? null) : null;
    },
  };
}

/** What a value must be for the test to say anything; null: anything that is there. */
function operandType(test: Test): "string" | "number" | null {
  switch (test.op) {
    case "exists":
      return null;
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return "number";
    case "eq":
    case "ne":
      return typeof test.value === "number" ? "number" : "string";
    case "in":
    case "not_in":
      return typeof test.values[0] === "number" ? "number" : "string";
    default:
      return "string";
  }
}

/** Every reading says the same, or nothing is known. */
const agreed = (answers: readonly boolean[]): Truth =>
  answers.every((answer) => answer === answers[0]) ? (answers[0] ?? "unknown") : "unknown";

function compileTest(attribute: string, test: Test): (reading: Reading) => boolean {
  switch (test.op) {
    case "eq":
    case "ne": {
      const isEqual = equalTo(test.value);
      return (reading) => isEqual(reading) === (test.op === "eq");
    }
    case "in":
    case "not_in": {
      const equals = test.values.map(equalTo);
      return (reading) => equals.some((isEqual) => isEqual(reading)) === (test.op === "in");
    }
    case "lt":
      return ({ value }) => typeof value === "number" && value < test.value;
    case "le":
      return ({ value }) => typeof value === "number" && value <= test.value;
    case "gt":
      return ({ value }) => typeof value === "number" && value > test.value;
    case "ge":
      return ({ value }) => typeof value === "number" && value >= test.value;
    case "contains":
      // Of a list, one of its elements.
      return withOperand(test.value, (value, operand) => value.includes(operand));
    case "starts_with":
      return withOperand(test.value, (value, operand) => typeof value === "string" && value.startsWith(operand));
    case "ends_with":
      return withOperand(test.value, (value, operand) => typeof value === "string" && value.endsWith(operand));
    case "regex":
      return regexTest(test.pattern);
    case "glob":
      return attribute === "path" || attribute === "url_path"
        ? segmentsTest(attribute === "path" ? test.patterns : test.patterns.map(decodedPattern))
        : nameTest(test.patterns);
    case "cidr":
      return ({ value }) => typeof value === "string" && inAnyRange(value, test.ranges);
    case "exists":
      return () => test.value;
  }
}

const equalTo =
  (operand: string | number) =>
  ({ value, folded }: Reading): boolean =>
    value === (folded && typeof operand === "string" ? fold(operand) : operand);

function withOperand(operand: string, test: (value: string | readonly string[], operand: string) => boolean) {
  const foldedOperand = fold(operand);
  return ({ value, folded }: Reading): boolean =>
    typeof value !== "number" && test(value, folded ? foldedOperand : operand);
}

function regexTest(pattern: string): (reading: Reading) => boolean {
  const plain = once(() => compileRegex(pattern, false));
  const folded = once(() => compileRegex(pattern, true));
  return (reading) => typeof reading.value === "string" && (reading.folded ? folded() : plain()).finds(reading.value);
}

function segmentsTest(patterns: readonly string[]): (reading: Reading) => boolean {
  const compile = (folded: boolean) => once(() => patterns.map((pattern): Glob => compileSegments(pattern, folded)));
  const [plain, folded] = [compile(false), compile(true)];
  return (reading) => (reading.folded ? folded() : plain()).some((glob) => glob.matches(reading.segments, false));
}

/** `*` and `?`; everything else is itself. The empty text, as a name has none, is one of all texts. */
function nameTest(patterns: readonly string[]): (reading: Reading) => boolean {
  const tests = patterns.map((pattern) =>
    /^\*+$/.test(pattern) ? () => true : compileName(pattern.replace(/[[\\]/g, "\\$&"), false),
  );
  return ({ value }) => typeof value === "string" && tests.some((test) => test(value));
}

/** Read the other way round than its rule: a grant leaves out too much rather than too little, a denial too little. */
function exceptClause(except: RuleMatch, narrow: boolean): Clause {
  const leavesOut = exceptTest(except, narrow);
  return {
    what: "except",
    wanted: exceptText(except),
    takes: `anything but ${exceptText(except)}`,
    isOfTarget: true,
    holds: (subject, facts) => !leavesOut(subject, facts),
    actual: ({ target }) => target.value,
  };
}

function exceptText(except: RuleMatch): string {
  if (except.kind === "host") return except.patterns.map(hostText).join(", ");
  if (except.kind === "command") return (except.args ?? []).map((args) => `${except.name} ${args}`).join(", ");
  return except.kind === "path" || except.kind === "variable" ? except.patterns.join(", ") : "";
}

function exceptTest(except: RuleMatch, narrow: boolean): (subject: Subject, facts: CallFacts) => boolean {
  switch (except.kind) {
    case "path": {
      const globs = once(() => except.patterns.map(compilePathGlob));
      if (narrow) {
        return (subject) =>
          subject.kind !== "path" || globs().some((glob) => glob.matchesFolded(subject.path, except.below));
      }
      return (subject) => subject.kind === "path" && globs().some((glob) => glob.matches(subject.path.segments, false));
    }
    case "host": {
      const hosts = once(() => except.patterns.map(compileHostPattern));
      return (subject, { urls }) => {
        const about = subject.kind === "url" ? [subject] : subject.kind === "address" ? urls : [];
        if (narrow) return about.some(({ url }) => hosts().some((host) => host.matchesLoosely(url)));
        return about.length > 0 && about.every(({ url }) => hosts().some((host) => host.matches(url)));
      };
    }
    case "variable": {
      const tests = once(() => except.patterns.map((pattern) => compileVariable(pattern, !narrow)));
      return (subject) => subject.kind === "variable" && tests().some((test) => test(subject.name));
    }
    case "command": {
      const { args = [] } = except;
      return (subject) =>
        subject.kind === "command" &&
        args.some((pattern) =>
          narrow ? matchesLines(pattern, subject.lines) : matchesWords(pattern, subject.command.argv),
        );
    }
    default:
      // No loader writes them; a grant that leaves out everything grants nothing.
      return () => narrow;
  }
}

function expiresClause(expires: number): Clause {
  const text = valueText("expires", expires);
  return {
    what: "expires",
    wanted: text,
    takes: `calls before ${text}`,
    isOfTarget: false,
    holds: (_subject, { circumstances }) => {
      const now = knownTime(circumstances);
      return now === null ? "unknown" : now < expires;
    },
    actual: (_subject, { circumstances }) => knownTime(circumstances),
  };
}

function hoursClause(hours: Hours): Clause {
  const text = hoursText(hours);
  return {
    what: "hours",
    wanted: text,
    takes: text,
    isOfTarget: false,
    holds: (_subject, { circumstances }) => {
      const now = knownTime(circumstances);
      return now === null ? "unknown" : isWithin(hours, now);
    },
    actual: (_subject, { circumstances }) => {
      const now = knownTime(circumstances);
      return now === null ? null : valueText("now", now);
    },
  };
}
