/**
 * `when`, `expires` and `hours` of a rule as tests of dimensions, as clauses.ts of the engine reads them: a grant needs
 * all of them true in every reading; a denial or question speaks unless one is false in every reading. What a call does
 * not have is unknown.
 */
import {
  allNames,
  type Condition,
  canonicalAddress,
  commandText,
  decodedPattern,
  inAnyRange,
  isWithin,
  once,
  type RuleData,
  type Test as WhenTest,
} from "@agent-run/policy";
import type { Atom, Reading } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import { ALWAYS, allOf, anyOf, type Bounds, exact, kept, NEVER } from "./bounds.ts";
import { allTests, type Line, type Test, type Value } from "./clause.ts";
import { hasWord, spacedTest } from "./line-texts.ts";
import type { Loom, Node } from "./nodes.ts";
import { exactText, innerText, namePattern, pathPattern, prefixText, suffixText } from "./patterns.ts";
import { regexNode } from "./regex-nodes.ts";
import { all, matches, not, passesText, some, type TextTest } from "./text-test.ts";

/** Attributes that are split as texts; the others have values. */
const TEXTS: ReadonlySet<string> = new Set(["path", "name", "host", "url_path", "actor"]);

/** `placeKey`: how the place is read. `isAbove`: what the rule asks of the path itself does not count. */
export function conditionsOf(
  rule: RuleData,
  reading: Reading,
  placeKey: string,
  isAbove = false,
): Pick<Atom, "tests" | "key"> {
  const { expires, hours } = rule;
  const when = (rule.when ?? []).filter(({ attribute }) => !isAbove || attribute !== "path");
  const tests = new Map<string, Test[]>();
  const add = (dimension: string, test: Test) => tests.set(dimension, [...(tests.get(dimension) ?? []), test]);
  for (const condition of when) add(dimensionOf(condition.attribute), conditionTest(condition, reading));
  // Denials and questions stay.
  const ends = rule.effect === "allow" && reading === "narrow" ? expires : undefined;
  if (ends !== undefined) add("now", { kind: "value", holds: (now) => typeof now === "number" && now < ends });
  if (hours !== undefined) {
    add("now", {
      kind: "value",
      holds: (now) => (typeof now === "number" ? isWithin(hours, now) : reading === "loose"),
    });
  }
  const joined = [...tests].map(([dimension, some]) => [dimension, allTests(some)] as const);
  return { tests: joined, key: JSON.stringify([placeKey, when, hours ?? null, ends ?? null]) };
}

/** Dimensions are named as attributes are, but that a command and its words are one, and addresses are special hosts. */
const dimensionOf = (attribute: string): string =>
  LINE.has(attribute) ? "line" : attribute === "address" ? "host" : attribute;

const LINE: ReadonlySet<string> = new Set(["command", "argv", "command_line"]);

function conditionTest(condition: Condition, reading: Reading): Test {
  const { attribute, test } = condition;
  if (attribute === "address") return addressTest(test, reading);
  const text = once(() => textTest(condition, reading));
  const truth = (value: Value): boolean => {
    if (test.op === "exists") return test.value === (value !== null);
    if (value === null) return reading === "loose";
    if (typeof value === "string") return passesText(text(), value);
    return truthOf(test, value);
  };
  if (!TEXTS.has(attribute)) {
    const holds = (value: Value) => {
      const each = readingsOf(value, isNegative(test) === (reading === "narrow")).map((one) =>
        truth(partOf(attribute, one)),
      );
      return reading === "narrow" ? each.every(Boolean) : each.some(Boolean);
    };
    if (!LINE.has(attribute)) return { kind: "value", holds };
    const allCount = isNegative(test) === (reading === "narrow");
    return { kind: "value", holds, bounds: (program) => lineBounds(condition, reading, readingsOf(program, allCount)) };
  }
  // What cannot be read is there, and nothing is known about it.
  const special = (value: Value) => truth(attribute === "url_path" && test.op !== "exists" ? null : value);
  return { kind: "text", test: text(), special };
}

/** A command line under each name of its program, where they count. */
function readingsOf(value: Value, allCount: boolean): readonly Value[] {
  if (!allCount || typeof value !== "object" || value === null || !("argv" in value)) return [value];
  const { real, argv } = value;
  const target = { on: "subprocess.exec", role: "execute", kind: "command", value: real } as const;
  const command = commandText(target, { command: argv[0] ?? "", argv });
  return command === null ? [value] : allNames(command).map((name) => ({ ...value, argv: [name, ...argv.slice(1)] }));
}

/** Of the arguments, where the command goes by each of these names. */
function lineBounds({ attribute, test }: Condition, reading: Reading, names: readonly Value[]): Bounds {
  if (test.op === "exists") return test.value ? ALWAYS : NEVER;
  const each = names.flatMap((value) => (isLine(value) ? [value.argv[0] ?? ""] : []));
  const key = JSON.stringify(["when", attribute, test, reading, each]);
  return kept(key, () => {
    const ways = each.map((name) => nameBounds(attribute, test, name, key));
    return reading === "narrow" ? allOf(key, ways) : anyOf(key, ways);
  });
}

function nameBounds(attribute: string, test: WhenTest, name: string, key: string): Bounds {
  if (attribute === "argv") {
    if (test.op !== "contains") return NEVER;
    return test.value === name ? ALWAYS : exact(key, hasWord(test.value));
  }
  if (attribute === "command") return passesText(plainText(attribute, test, false), name) ? ALWAYS : NEVER;
  const found = spacedTest(name, (loom) => nodesOf(loom, attribute, test, false));
  return exact(key, isNegative(test) ? not(found) : found);
}

const isLine = (value: Value): value is Line => typeof value === "object" && value !== null && "argv" in value;

const isNegative = ({ op }: WhenTest): boolean => op === "ne" || op === "not_in";

/** Of a command line the part that an attribute names. */
function partOf(attribute: string, value: Value): Value {
  if (typeof value !== "object" || value === null || !("argv" in value)) return value;
  if (attribute === "command") return value.argv[0] ?? null;
  if (attribute === "command_line") return value.argv.join(" ");
  return value;
}

/** A name has no address before it is looked up: until then a grant goes on, and a denial does not speak. */
function addressTest(test: WhenTest, reading: Reading): Test {
  const holds = (address: string) =>
    test.op === "exists" ? test.value : test.op === "cidr" && inAnyRange(address, test.ranges);
  return {
    kind: "text",
    test: reading === "narrow" ? all() : some(),
    special: (value) => typeof value === "string" && holds(addressOf(value)),
  };
}

/** What a special host leads to without a lookup. */
export function addressOf(host: string): string {
  const address = canonicalAddress(host);
  return address.ok ? address.value : "127.0.0.1";
}

/** Of numbers, lists and command lines. */
function truthOf(test: WhenTest, value: Value): boolean {
  if (typeof value === "object" && value !== null) {
    const list = "argv" in value ? value.argv : value;
    return test.op === "contains" && list.includes(test.value);
  }
  switch (test.op) {
    case "eq":
    case "ne":
      return (value === test.value) === (test.op === "eq");
    case "in":
    case "not_in":
      return test.values.some((one) => one === value) === (test.op === "in");
    case "lt":
      return Number(value) < test.value;
    case "le":
      return Number(value) <= test.value;
    case "gt":
      return Number(value) > test.value;
    case "ge":
      return Number(value) >= test.value;
    default:
      return false;
  }
}

/** Of `path` both the text and its folded form count, of `url_path` the folded one but for grants of what is named. */
function textTest({ attribute, test }: Condition, reading: Reading): TextTest {
  const isFoldedUrl = attribute === "url_path" && (reading === "loose" || isNegative(test));
  const foldings = attribute === "path" || isFoldedUrl ? [false, true] : [false];
  if (test.op === "exists") return test.value ? all() : some();
  const each = foldings.map((folded) => plainText(attribute, test, folded));
  return reading === "narrow" ? all(...each) : some(...each);
}

function plainText(attribute: string, test: WhenTest, folded: boolean): TextTest {
  const automaton = new Automaton();
  automaton.add(...nodesOf(automaton.loom, attribute, test, folded));
  const found = matches(automaton);
  return isNegative(test) ? not(found) : found;
}

function nodesOf(loom: Loom, attribute: string, test: WhenTest, folded: boolean): readonly Node[] {
  const reading = { label: 0, folded };
  const isPath = attribute === "path" || attribute === "url_path";
  // The root directory is the empty text here, and `/` to a policy.
  const root = isPath && isTrueOfRoot(test) ? [loom.end(0, folded)] : [];
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
      return test.patterns.map((pattern) => globNode(loom, attribute, pattern, reading));
    case "regex":
      return [regexNode(loom, test.pattern, reading, isPath)];
    default:
      return [];
  }
}

function isTrueOfRoot(test: WhenTest): boolean {
  if (test.op === "eq" || test.op === "ne") return test.value === "/";
  if (test.op === "in" || test.op === "not_in") return test.values.includes("/");
  return (test.op === "contains" || test.op === "starts_with" || test.op === "ends_with") && test.value === "/";
}

function globNode(loom: Loom, attribute: string, pattern: string, reading: { label: number; folded: boolean }): Node {
  if (attribute === "path") return pathPattern(loom, pattern, reading, false);
  if (attribute === "url_path") return pathPattern(loom, decodedPattern(pattern), { ...reading, isUrl: true }, false);
  return namePattern(loom, pattern.replace(/[[\\]/g, "\\$&"), reading);
}

/** Where the truth of a condition may change: the values of its operands. */
export function operandsOf({ test }: Condition): readonly (string | number)[] {
  if (test.op === "in" || test.op === "not_in") return test.values;
  return "value" in test && typeof test.value !== "boolean" ? [test.value] : [];
}
