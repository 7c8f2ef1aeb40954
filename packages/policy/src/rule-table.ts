/**
 * `[[rule]]`: the second level of the language, for what the lists of the sections can not say. A rule becomes one
 * `RuleData` for each kind of target and each command, all under its id; the engine knows no difference to a section's.
 */
import { type PlacedCall, readPolicyCall } from "./call-table.ts";
import type { Condition, Hours } from "./condition.ts";
import type { Effect } from "./decision.ts";
import { readCapability } from "./entry.ts";
import { readHours } from "./hours-text.ts";
import type { PathPlaces } from "./path-pattern.ts";
import type { RuleData } from "./policy-data.ts";
import type { RawTable } from "./read-tables.ts";
import { readPlaces } from "./rule-places.ts";
import { type Capability, METHOD_CAPABILITY } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { readWhen } from "./when-table.ts";

export interface DeclaredRule {
  readonly table: RawTable;
  readonly data: { readonly name: string };
  readonly rules: readonly RuleData[];
  readonly examples: readonly Example[];
}

/** `match` and `no_match`: checked once all files are merged. */
export interface Example extends PlacedCall {
  readonly matches: boolean;
}

/** Null where something is wrong with it; then it was reported. */
export function readRule(table: RawTable, places: PathPlaces): DeclaredRule | null {
  const id = readId(table);
  const effect = effectOf(table);
  const on = readOn(table);
  const hours = readRuleHours(table);
  checkTexts(table);
  if (effect === "deny" && table.has("limit")) {
    table.report(table.keyPlace("limit"), "`limit` counts calls that happen, and a denied call does not", "remove it");
  }
  checkApproval(table, effect);
  const examples = [true, false].flatMap((matches) =>
    table.nodes(matches ? "match" : "no_match").flatMap((node) => {
      const call = readPolicyCall(table, node);
      return call === null ? [] : [{ ...call, matches }];
    }),
  );
  if (effect === null || on.length === 0) return null;
  const when = [...readMethods(table, on), ...readWhen(table, { on, denies: effect === "deny", places })];
  const found = readPlaces(table, on, { effect, places });
  if (id === null || found.length === 0) return null;
  const { line, column } = table.at;
  const ref = { id, file: table.source.file, line, column };
  const more = moreOf(table, when, hours);
  const rules = found.map((place): RuleData => {
    const opens = effect === "ask" && place.match.kind === "command" && place.match.name !== "*";
    return { ref, effect, ...place, ...(opens ? { opens } : {}), ...more };
  });
  return { table, data: { name: id }, rules, examples };
}

/** Names that rules of sections and built-in ones have. */
const TAKEN = /^(?:builtin|default|filesystem|network|environment|subprocess|secret|release|label|requires_approval)/i;

function readId(table: RawTable): string | null {
  const id = table.text("id");
  if (id === null) return null;
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id.text)) {
    table.report(id.at, `\`${shown(id.text)}\` is no id: up to 64 letters, digits, \`_\`, \`.\` and \`-\``);
    return null;
  }
  const taken = TAKEN.exec(id.text)?.[0];
  if (taken === undefined) return id.text;
  table.report(id.at, `ids that begin with \`${taken}\` are those of other rules`, `write \`my-${id.text}\``);
  return null;
}

function effectOf(table: RawTable): Effect | null {
  const text = table.text("effect")?.text;
  return text === "allow" || text === "ask" || text === "deny" ? text : null;
}

/** Of rules and of `[[never]]`. */
export function readOn(table: RawTable): readonly Capability[] {
  const texts = table.texts("on");
  if (table.isList("on") && texts.length === 0) {
    table.report(table.placeOf("on"), "`on` is empty, so it is about nothing", 'write `on = ["fs.write"]`');
  }
  const on = texts.map(({ text, at }) => {
    const read = readCapability(text);
    if (!read.ok) table.report(at, read.message, read.hint);
    return read.ok ? read.on : [];
  });
  // A rule about the rest would be another rule than the one that was written.
  return on.some((some) => some.length === 0) ? [] : [...new Set(on.flat())];
}

function readMethods(table: RawTable, on: readonly Capability[]): readonly Condition[] {
  const values = table.texts("method").flatMap(({ text, at }) => {
    const capability = Object.hasOwn(METHOD_CAPABILITY, text) ? METHOD_CAPABILITY[text] : undefined;
    if (capability !== undefined && on.includes(capability)) return [text];
    const known = Object.keys(METHOD_CAPABILITY);
    if (capability === undefined) {
      table.report(
        at,
        `\`${shown(text)}\` is not a method`,
        didYouMean(text, known) ?? `there are: ${known.join(", ")}`,
      );
    } else if (on.every((one) => one.startsWith("net."))) {
      table.report(at, `no call on ${on.join(", ")} has the method \`${text}\``, `it belongs to ${capability}`);
    }
    return [];
  });
  return values.length === 0 ? [] : [{ attribute: "method", test: { op: "in", values: [...new Set(values)] } }];
}

function readRuleHours(table: RawTable): Hours | null {
  const text = table.text("hours");
  if (text === null) return null;
  const hours = readHours(text.text);
  if (hours.ok) return hours.hours;
  table.report(text.at, hours.message, hours.hint);
  return null;
}

/** Longest `reason` and `advice`; they are shown on a line. */
const MAX_TEXT = 500;

function checkTexts(table: RawTable): void {
  for (const key of ["reason", "advice"]) {
    const text = table.text(key);
    if (text === null) continue;
    if (text.text.length > MAX_TEXT) table.report(text.at, `\`${key}\` is longer than ${MAX_TEXT} characters`);
    else if (/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text.text))
      table.report(text.at, `\`${key}\` is one line, without control characters`);
  }
}

/** A grant or denial that named approvers would read as if somebody had to agree. */
function checkApproval(table: RawTable, effect: Effect | null): void {
  for (const key of ["quorum", "approvers"]) {
    if (!table.has(key) || effect === "ask" || effect === null) continue;
    const message = `\`${key}\` is about who answers, and a rule with \`effect = "${effect}"\` asks nobody`;
    table.report(table.keyPlace(key), message, 'write `effect = "ask"`, or remove it');
  }
  if (table.isList("approvers") && table.texts("approvers").length === 0) {
    table.report(table.placeOf("approvers"), "`approvers` is empty, so nobody could answer", "name one, or remove it");
  }
}

function moreOf(table: RawTable, when: readonly Condition[], hours: Hours | null) {
  const quorum = table.count("quorum");
  const approvers = table.texts("approvers").map(({ text }) => text);
  const calls = table.tables("limit")[0]?.count("calls") ?? null;
  const expires = table.date("expires");
  const [reason, advice] = [table.text("reason"), table.text("advice")];
  return {
    ...(when.length === 0 ? {} : { when }),
    ...(calls === null ? {} : { limit: { calls } }),
    ...(quorum === null ? {} : { quorum }),
    ...(approvers.length === 0 ? {} : { approvers: [...new Set(approvers)].sort() }),
    ...(expires === null ? {} : { expires }),
    ...(hours === null ? {} : { hours }),
    ...(reason === null ? {} : { reason: reason.text }),
    ...(advice === null ? {} : { advice: advice.text }),
  };
}
