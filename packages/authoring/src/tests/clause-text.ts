/** Clauses of rules in words, as their writer has them: `bytes le 1MB`, `expires 2027-03-31`. */
import type { Condition, Hours, RuleData, Test } from "@agent-run/policy";
import type { Clause, OwnRule } from "./own-rule.ts";

export function clauseText(rule: OwnRule, clause: Clause): string {
  if (clause.kind === "when") return conditionText(clause.condition);
  const part = rule.parts.find((one) => one[clause.kind] !== undefined);
  if (clause.kind === "expires") return `expires ${timeText(part?.expires ?? 0)}`;
  if (clause.kind === "hours") return part?.hours === undefined ? "hours" : hoursText(part.hours);
  return `except ${exceptText(part?.except)}`;
}

export function conditionText({ attribute, test }: Condition): string {
  return `${attribute} ${test.op} ${operandText(attribute, test)}`;
}

function operandText(attribute: string, test: Test): string {
  switch (test.op) {
    case "in":
    case "not_in":
      return listText(test.values.map((value) => valueText(attribute, value)));
    case "glob":
      return listText(test.patterns);
    case "cidr":
      return listText(test.ranges);
    case "regex":
      return test.pattern;
    default:
      return valueText(attribute, test.value);
  }
}

function valueText(attribute: string, value: string | number | boolean): string {
  if (typeof value !== "number") return String(value);
  if (attribute === "now") return timeText(value);
  return attribute.includes("bytes") ? bytesText(value) : String(value);
}

const listText = (values: readonly string[]): string => (values.length === 1 ? (values[0] ?? "") : values.join(", "));

const UNITS = [
  ["GiB", 1024 ** 3],
  ["GB", 1000 ** 3],
  ["MiB", 1024 ** 2],
  ["MB", 1000 ** 2],
  ["KiB", 1024],
  ["KB", 1000],
] as const;

/** The shortest exact text, as policies write sizes. */
function bytesText(bytes: number): string {
  const unit = UNITS.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}

/** As TOML writes it; midnight is a date alone. Times beyond what dates can hold stay numbers. */
export function timeText(ms: number): string {
  if (Math.abs(ms) > 8.64e15) return String(ms);
  return new Date(ms)
    .toISOString()
    .replace(/T00:00:00\.000Z$/, "")
    .replace(/\.000Z$/, "Z");
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function hoursText({ days, from, to, zone }: Hours): string {
  const names = days.map((day) => DAYS[day - 1] ?? String(day)).join(",");
  return `hours ${names} ${clock(from)}-${clock(to)} ${zone}`;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

function exceptText(except: RuleData["except"]): string {
  if (except === undefined || except.kind === "any" || except.kind === "tool") return "";
  if (except.kind === "path" || except.kind === "variable") return listText(except.patterns);
  if (except.kind === "host") return listText(except.patterns.map(({ host }) => host));
  return except.kind === "address" ? listText(except.ranges) : except.name;
}
