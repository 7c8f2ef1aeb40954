/**
 * What calls can have besides their place, at the edges of the conditions of a policy: one below, at and above each bound,
 * each instant at which something begins or ends. Guesses, as in sample-path.ts.
 */
import type { Circumstances, Condition, Hours, RuleData } from "@agent-run/policy";

export interface Surroundings {
  /** Members of a call, e.g. `{ bytes: 10 }`. */
  readonly members: Readonly<Record<string, string | number | readonly string[]>>;
  readonly circumstances: Circumstances;
}

const MOST = 240;
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
  return [...new Set(values)].filter((value) => typeof value === "string" || value >= 0).slice(0, 24);
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
  const around = bounds.flatMap((bound) => [bound - 1, bound, bound + 1, bound - 2]);
  const hours = rules.flatMap((rule) => rule.hours ?? []);
  // In the week before something expires, else in any week.
  const week = (bounds[0] ?? Date.UTC(2026, 0, 5)) - 7 * DAY * 60_000;
  const starts = [...new Set(hours.map((one) => JSON.stringify(one)))].flatMap((text) =>
    edgesOf(JSON.parse(text) as Hours, week),
  );
  return [...new Set([...around, ...starts])].slice(0, 60);
}

/** For each day of a week a minute before, at and after each end. */
function edgesOf({ from, to, zone }: Hours, week: number): readonly number[] {
  const midnight = Math.floor(week / (DAY * 60_000)) * DAY * 60_000;
  return [0, 1, 2, 3, 4, 5, 6].flatMap((day) => {
    const start = midnight + day * DAY * 60_000;
    return [from, from - 1, to, to - 1].map((minutes) => start + (minutes - offsetOf(zone, start)) * 60_000);
  });
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
