/**
 * `when`, `expires`, `hours` and `except` of a rule, as tests of dimensions. A grant needs all of them true in every
 * reading; a denial or question speaks unless one is false in every reading. What a call does not have is unknown.
 */
import type { Capability, Condition, RuleData, Test as WhenTest } from "@agent-run/policy";
import type { Atom, Reading } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import { allTests, type Test, type Value } from "./clause.ts";
import { holdsAt } from "./hours.ts";
import type { Loom, Node } from "./nodes.ts";
import { exactText, innerText, namePattern, pathPattern, prefixText, suffixText } from "./patterns.ts";
import { regexNode } from "./regex-nodes.ts";
import { all, matches, not, some, type TextTest } from "./text-test.ts";

/** Attributes that are read as texts; the others are values. */
const TEXTS: ReadonlySet<string> = new Set(["path", "name", "host", "url_path", "actor"]);

/** The part of an atom that is not its place. `placeKey`: how the place is read. */
export function conditionsOf(
  rule: RuleData,
  _capability: Capability,
  reading: Reading,
  placeKey: string,
): Pick<Atom, "tests" | "key" | "excepts"> {
  const { when = [], expires, hours } = rule;
  const tests = new Map<string, Test[]>();
  const add = (dimension: string, test: Test) => tests.set(dimension, [...(tests.get(dimension) ?? []), test]);
  for (const condition of when) add(dimensionOf(condition.attribute), conditionTest(condition, reading));
  // An expired denial stays.
  if (expires !== undefined && rule.effect !== "deny" && reading === "narrow")
    add("now", { kind: "value", holds: (now) => typeof now === "number" && now < expires });
  if (hours !== undefined) {
    add("now", {
      kind: "value",
      holds: (now) => (typeof now === "number" ? holdsAt(hours, now) : reading === "loose"),
    });
  }
  const joined = [...tests].map(([dimension, some]) => [dimension, allTests(some)] as const);
  const key = JSON.stringify([placeKey, when, hours ?? null, reading === "narrow" ? (expires ?? null) : null]);
  return { tests: joined, key, excepts: [] };
}

/** Dimensions are named as attributes are, but that a command and its words are one. */
const dimensionOf = (attribute: string): string =>
  LINE.has(attribute) ? "line" : attribute === "address" ? "host" : attribute;

const LINE: ReadonlySet<string> = new Set(["command", "argv", "command_line"]);

function conditionTest(condition: Condition, reading: Reading): Test {
  const { attribute, test } = condition;
  const unknown = reading === "loose";
  const missing = (value: Value) => (test.op === "exists" ? test.value === (value !== null) : unknown);
  if (TEXTS.has(attribute)) return { kind: "text", test: textTest(condition, reading), special: missing };
  return {
    kind: "value",
    holds: (value) => {
      const own = attribute === "command" ? wordOf(value) : attribute === "command_line" ? joinedOf(value) : value;
      return own === null ? missing(null) : (truthOf(test, own) ?? unknown);
    },
  };
}

const wordOf = (value: Value): Value => (typeof value === "object" && value !== null ? (value.argv[0] ?? null) : value);

/** Null where further words may follow: nothing is known of the whole then. */
const joinedOf = (value: Value): Value =>
  typeof value === "object" && value !== null ? (value.free === true ? null : value.argv.join(" ")) : value;

/** Null: of another type. */
export function truthOf(test: WhenTest, value: Value): boolean | null {
  switch (test.op) {
    case "exists":
      return test.value;
    case "eq":
    case "ne":
      return typeof value === typeof test.value ? (value === test.value) === (test.op === "eq") : null;
    case "in":
    case "not_in": {
      const alike = test.values.filter((one) => typeof one === typeof value);
      return alike.length === 0 ? null : alike.some((one) => one === value) === (test.op === "in");
    }
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return typeof value === "number" ? compares(test.op, value, test.value) : null;
    case "contains":
      if (typeof value === "object" && value !== null) return value.argv.includes(test.value);
      return typeof value === "string" ? value.includes(test.value) : null;
    case "starts_with":
      return typeof value === "string" ? value.startsWith(test.value) : null;
    case "ends_with":
      return typeof value === "string" ? value.endsWith(test.value) : null;
    default:
      return null;
  }
}

function compares(op: "lt" | "le" | "gt" | "ge", a: number, b: number): boolean {
  if (op === "lt") return a < b;
  if (op === "le") return a <= b;
  return op === "gt" ? a > b : a >= b;
}

/** Of `path` both the text and its folded form count, of `url_path` the folded one for denials. */
function textTest({ attribute, test }: Condition, reading: Reading): TextTest {
  const foldings = attribute === "path" || (attribute === "url_path" && reading === "loose") ? [false, true] : [false];
  if (test.op === "exists") return test.value ? all() : some();
  const each = foldings.map((folded) => {
    const automaton = new Automaton();
    automaton.add(...nodesOf(automaton.loom, attribute, test, folded));
    const found = matches(automaton);
    return test.op === "ne" || test.op === "not_in" ? not(found) : found;
  });
  return reading === "narrow" ? all(...each) : some(...each);
}

function nodesOf(loom: Loom, attribute: string, test: WhenTest, folded: boolean): readonly Node[] {
  const reading = { label: 0, folded };
  const isPath = attribute === "path" || attribute === "url_path";
  // The root directory is the empty text here, and `/` to a policy.
  const root = isPath && truthOf(test, "/") === true ? [loom.end(0, folded)] : [];
  switch (test.op) {
    case "eq":
    case "ne":
      return [...root, exactText(loom, String(test.value), reading)];
    case "in":
    case "not_in":
      return [...root, ...test.values.map((value) => exactText(loom, String(value), reading))];
    case "contains":
      return [...root, innerText(loom, test.value, reading)];
    case "starts_with":
      return [...root, prefixText(loom, test.value, reading)];
    case "ends_with":
      return [...root, suffixText(loom, test.value, reading)];
    case "glob":
      return test.patterns.map((pattern) =>
        isPath ? pathPattern(loom, pattern, reading, false) : namePattern(loom, pattern, reading),
      );
    case "regex":
      return [regexNode(loom, test.pattern, reading, isPath)];
    default:
      return [];
  }
}

/** Where the truth of a condition may change: the values of its operands. */
export function operandsOf({ test }: Condition): readonly (string | number)[] {
  if (test.op === "in" || test.op === "not_in") return test.values;
  return "value" in test && typeof test.value !== "boolean" ? [test.value] : [];
}
