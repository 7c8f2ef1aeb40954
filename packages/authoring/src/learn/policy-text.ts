/**
 * Drafted rules as the text of a policy. Every name in it comes from a script or a disk: all of them are written as JSON
 * writes strings, which is how TOML reads them, and none holds a character that could end a line.
 */
import type { DraftRule } from "./draft.ts";

export interface Header {
  /** Lines of comment. */
  readonly comments: readonly string[];
  readonly inherits: readonly string[];
  /** Milliseconds since 1970; the day of it is written. */
  readonly expires: number;
}

export interface NamedRule extends DraftRule {
  readonly id: string;
  /** How many of its files there are now, besides those seen; null: not counted. */
  readonly existing: number | null;
}

export function policyText(header: Header, rules: readonly NamedRule[]): string {
  const { comments, inherits, expires } = header;
  const head = [...comments.map((line) => `# ${line}`), "", "version = 1", `inherits = ${listText(inherits)}`];
  const day = new Date(expires).toISOString().slice(0, 10);
  return `${[head.join("\n"), ...rules.map((rule) => ruleText(rule, day))].join("\n\n")}\n`;
}

function ruleText(rule: NamedRule, day: string): string {
  const keys = Object.entries(rule.keys).map(([key, values]) => `${key} = ${listText(values)}`);
  const { example, counterexample } = rule;
  return [
    ...evidenceOf(rule).map((line) => `# ${line}`),
    "[[rule]]",
    `id = ${JSON.stringify(rule.id)}`,
    `effect = ${JSON.stringify(rule.effect)}`,
    `on = ${listText([rule.on])}`,
    ...keys,
    `expires = ${day}`,
    `reason = ${JSON.stringify(`seen in ${times(runsOf(rule), "run")}`)}`,
    ...(example === null ? [] : [`match = [${tableText(example)}]`]),
    ...(counterexample === null ? [] : [`no_match = [${tableText(counterexample)}]`]),
  ].join("\n");
}

/** What a rule rests on, a line each. */
function evidenceOf(rule: NamedRule): readonly string[] {
  const { facts, generalised, effect, existing } = rule;
  const dates = facts.flatMap(({ first, last }) => [first, last]).sort();
  const span = `first ${dates[0]?.slice(0, 10)}, last ${dates.at(-1)?.slice(0, 10)}`;
  const counted = `${times(callsOf(rule), "call")} in ${times(runsOf(rule), "run")}, ${span}`;
  const asked = effect === "ask" ? ["a person said yes each time"] : [];
  if (generalised === null) return [counted, ...asked, ...notesOf(rule)];
  const { pattern, exact, admits } = generalised;
  const there = existing === null ? "" : ` (${existing} there now)`;
  return [
    counted,
    ...asked,
    ...notesOf(rule),
    `generalised: ${facts.length} places seen, and ${JSON.stringify(pattern)} admits ${admits}, now and later${there}`,
    `tighter: ${shortened(exact)}`,
  ];
}

/** What a rule admits besides what was seen, as nothing narrower can be said. */
export function notesOf({ facts }: Pick<DraftRule, "facts">): readonly string[] {
  const places = facts.map(({ place }) => place);
  const notes: string[] = [];
  if (places.some(({ kind }) => kind === "url")) notes.push("with any query, headers and body");
  if (places.some(({ kind }) => kind === "command")) notes.push("with any input, in any directory that may be read");
  if (places.some((place) => place.kind === "path" && place.isSearch))
    notes.push("a search was seen, which finds only what other rules grant; the directory itself may be read, too");
  if (facts.some(({ isListed }) => isListed))
    notes.push("a listing was seen, which shows only names that other rules grant");
  return notes;
}

/** A few; the report has all. */
const shortened = (list: readonly string[]): string =>
  list
    .slice(0, MOST_SHOWN)
    .map((one) => JSON.stringify(one))
    .join(", ") + (list.length > MOST_SHOWN ? ` and ${list.length - MOST_SHOWN} more` : "");

const MOST_SHOWN = 5;
/** Longer lists stand on a line each. */
const MOST_ON_A_LINE = 3;

function listText(values: readonly (string | number)[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length > MOST_ON_A_LINE
    ? `[\n${texts.map((text) => `  ${text},\n`).join("")}]`
    : `[${texts.join(", ")}]`;
}

const tableText = (table: Readonly<Record<string, string | readonly string[]>>): string =>
  `{ ${Object.entries(table)
    .map(
      ([key, value]) =>
        `${key} = ${typeof value === "string" ? JSON.stringify(value) : `[${value.map((one) => JSON.stringify(one)).join(", ")}]`}`,
    )
    .join(", ")} }`;

export const callsOf = ({ facts }: Pick<DraftRule, "facts">): number =>
  facts.reduce((sum, { calls }) => sum + calls, 0);

export const runsOf = ({ facts }: Pick<DraftRule, "facts">): number =>
  new Set(facts.flatMap(({ runs }) => [...runs])).size;

const times = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
