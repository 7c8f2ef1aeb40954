/** Conditions in words, for `policy show`, hints and explanations. */
import type { Test } from "./condition.ts";

/** As the policy has it: `le 1048576`. */
export function testText(attribute: string, test: Test): string {
  if (test.op === "exists") return `exists ${test.value}`;
  return `${test.op} ${operandText(attribute, test)}`;
}

/** What the rule takes: `at most 1048576`. */
export function takesText(attribute: string, test: Test): string {
  if (test.op === "exists") return test.value ? "anything, but something" : "nothing";
  return `${WORDS[test.op]}${operandText(attribute, test)}`;
}

const WORDS: Readonly<Record<Exclude<Test["op"], "exists">, string>> = {
  eq: "",
  ne: "anything but ",
  lt: "less than ",
  le: "at most ",
  gt: "more than ",
  ge: "at least ",
  in: "one of ",
  not_in: "none of ",
  contains: "what contains ",
  starts_with: "what begins with ",
  ends_with: "what ends with ",
  regex: "what matches ",
  glob: "what matches ",
  cidr: "an address of ",
};

function operandText(attribute: string, test: Exclude<Test, { op: "exists" }>): string {
  const operands =
    "value" in test
      ? [test.value]
      : "values" in test
        ? test.values
        : "pattern" in test
          ? [test.pattern]
          : "patterns" in test
            ? test.patterns
            : test.ranges;
  return operands.map((operand) => valueText(attribute, operand)).join(", ");
}

/** Times as people write them. */
export function valueText(attribute: string, value: string | number): string {
  const isTime = (attribute === "now" || attribute === "expires") && typeof value === "number";
  return isTime && Math.abs(value) <= LAST_TIME ? new Date(value).toISOString().replace(".000Z", "Z") : String(value);
}

/** The last point in time that a date can hold, in milliseconds. */
export const LAST_TIME = 8.64e15;
