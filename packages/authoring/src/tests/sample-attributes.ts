/**
 * What calls can have besides their place, at the edges of the conditions of a policy: one below, at and above each bound,
 * each instant at which something begins or ends. Guesses, as in sample-path.ts.
 */
import type { Circumstances, Condition, Hours, RuleData, Test } from "@agent-run/policy";

export interface Surroundings {
  /** Members of a call, e.g. `{ bytes: 10 }`. */
  readonly members: Readonly<Record<string, string | number | readonly string[]>>;
  readonly circumstances: Circumstances;
}

const MOST = 400;
/** Attributes that a call names itself; others follow from its place. */
const NUMBERS = ["bytes", "stdin_bytes"];
const TEXTS = ["method"];

export function sampleSurroundings(rules: readonly RuleData[]): readonly Surroundings[] {
  const conditions = rules.flatMap(({ when = [] }) => when);
  const named = new Set(conditions.map(({ attribute }) => attribute));
  const members = [...NUMBERS, ...TEXTS]
    .filter((name) => named.has(name))
    .map((name) => ({ name, values: [null, ...valuesOf(conditions.filter(({ attribute }) => attribute === name))] }));
  const times = [null, ...timesOf(rules, conditions)];
  const actors = [null, ...valuesOf(conditions.filter(({ attribute }) => attribute === "actor"))];
  let found: Surroundings[] = [{ members: {}, circumstances: { now: null, actor: null } }];
  const spread = <T>(values: readonly T[], put: (one: Surroundings, value: T) => Surroundings) => {
    found = values.flatMap((value) => found.map((one) => put(one, value))).slice(0, MOST);
  };
  for (const { name, values } of members) {
    spread(values, (one, value) => (value === null ? one : { ...one, members: { ...one.members, [name]: value } }));
  }
  spread(actors, (one, value) => ({
    ...one,
    circumstances: { ...one.circumstances, actor: value === null ? null : String(value) },
  }));
  spread(times, (one, now) => ({ ...one, circumstances: { ...one.circumstances, now } }));
  return found;
}

function valuesOf(conditions: readonly Condition[]): readonly (string | number)[] {
  const values = conditions.flatMap(({ test }): readonly (string | number)[] => {
    if (test.op === "in" || test.op === "not_in") return [...test.values, ...test.values.slice(0, 1).flatMap(beside)];
    if (test.op === "glob") return test.patterns.map((pattern) => pattern.replace(/[*?]/g, "x"));
    if (test.op === "regex" || test.op === "cidr") return ["x"];
    if (!("value" in test)) return [];
    if (typeof test.value === "boolean") return [1, "x"];
    return [test.value, ...beside(test.value)];
  });
  const good = [...new Set(values)].filter((value) => typeof value === "string" || value >= 0);
  const tests = conditions.map(({ test }) => test);
  return distinct(good, (value) => tests.map((test) => truthOf(test, value)).join());
}

/** One of each kind, the first. */
function distinct<T>(values: readonly T[], kindOf: (value: T) => string): readonly T[] {
  const byKind = new Map<string, T>();
  for (const value of values) if (!byKind.has(kindOf(value))) byKind.set(kindOf(value), value);
  return [...byKind.values()];
}

/** Only to tell which values are alike; what a condition says of a call is asked of the policy. */
function truthOf(test: Test, value: string | number): string {
  if (test.op === "in" || test.op === "not_in") return String(test.values.includes(value));
  if (!("value" in test) || typeof test.value === "boolean") return `as ${value}`;
  if (typeof value === "string" && typeof test.value === "string") {
    return [value === test.value, value.startsWith(test.value), value.endsWith(test.value)].join("");
  }
  return value < test.value ? "below" : value === test.value ? "at" : "above";
}

const beside = (value: string | number): readonly (string | number)[] =>
  typeof value === "number" ? [value + 1, value - 1, value + 2, value - 2] : [`${value}x`, `x${value}`];

const DAY = 24 * 60;

function timesOf(rules: readonly RuleData[], conditions: readonly Condition[]): readonly number[] {
  const bounds = [
    ...conditions.flatMap(({ attribute, test }) =>
      attribute === "now" && "value" in test && typeof test.value === "number" ? [test.value] : [],
    ),
    ...rules.flatMap(({ expires }) => expires ?? []),
  ];
  const around = bounds.slice(0, 8).flatMap((bound) => [bound - 1, bound, bound + 1]);
  const hours = [...new Set(rules.flatMap((rule) => (rule.hours === undefined ? [] : [JSON.stringify(rule.hours)])))];
  // In the week before something expires, else in any week.
  const week = (bounds[0] ?? Date.UTC(2026, 0, 5)) - 7 * DAY * 60_000;
  const edges = hours.slice(0, 4).flatMap((text) => edgesOf(JSON.parse(text) as Hours, week));
  return [...new Set([...edges, ...around])];
}

/** At both ends, a minute before and after them: on the first day of a week that it has, and once on one that it has not. */
function edgesOf({ days, from, to, zone }: Hours, week: number): readonly number[] {
  const midnight = Math.floor(week / (DAY * 60_000)) * DAY * 60_000;
  const starts = [0, 1, 2, 3, 4, 5, 6].map((day) => midnight + day * DAY * 60_000);
  // 1970 began on a Thursday.
  const weekday = (start: number) => ((Math.floor(start / (DAY * 60_000)) + 3) % 7) + 1;
  const at = (start: number, minutes: number) => start + (minutes - offsetOf(zone, start)) * 60_000;
  const inside = starts.find((start) => days.includes(weekday(start)));
  const outside = starts.find((start) => !days.includes(weekday(start)));
  const ends = [from, from - 1, from + 1, to - 1, to, to - 2];
  return [
    ...(inside === undefined ? [] : ends.map((minutes) => at(inside, minutes))),
    ...(outside === undefined ? [] : [at(outside, from)]),
  ];
}

/** Minutes that a zone is ahead of UTC at an instant. */
function offsetOf(timeZone: string, at: number): number {
  const options = { timeZone, hourCycle: "h23", hour: "numeric", minute: "numeric", day: "numeric" } as const;
  const parts = new Intl.DateTimeFormat("en", options).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const there = part("hour") * 60 + part("minute");
  const here = Math.floor(at / 60_000) % DAY;
  const days = part("day") === new Date(at).getUTCDate() ? 0 : there < here ? 1 : -1;
  return there - here + days * DAY;
}
