/**
 * A call in a policy, for `match`, `no_match` and `[[test]]`: a table such as `{ on = "fs.write", path = "a", bytes = 10 }`,
 * or the text `fs.write a bytes=10`. A table may also say what is around the call: `now` and `actor`. Whether the call
 * can be at all is judged by `requestOf`, once the policy is whole.
 */
import { readCall } from "./call-text.ts";
import type { PolicyCall } from "./condition.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { Place } from "./problem.ts";
import { found, type RawTable } from "./read-tables.ts";
import { shown } from "./spelling.ts";
import type { Node, TableNode } from "./toml.ts";

/** A call with where it stands. */
export interface PlacedCall {
  readonly call: PolicyCall;
  readonly at: Place;
}

type Member = string | number | readonly string[] | JsonObject;

/** Null where it is none; then it was reported. */
export function readPolicyCall(table: RawTable, node: Node): PlacedCall | null {
  if (node.kind === "table") return readTable(table, node);
  if (node.kind !== "string") return null;
  const read = readCall(node.value);
  if (!read.ok) {
    table.report(node.at, read.failure.message);
    return null;
  }
  // Made of texts, sizes and words only.
  const call = read.value as Readonly<Record<string, Member>>;
  return { call: { call, circumstances: { now: null, actor: null } }, at: node.at };
}

function readTable(table: RawTable, { entries, at }: TableNode): PlacedCall | null {
  const call: Record<string, Member> = {};
  let isGood = true;
  const wrong = (place: Place, message: string, hint?: string) => {
    table.report(place, message, hint);
    isGood = false;
  };
  for (const [key, { node }] of entries) {
    if (key === "now") {
      if (node.kind !== "date" || node.form === "time")
        wrong(node.at, `\`now\` takes a date, not ${found(node)}`, "write `now = 2027-03-31T18:00:00Z`");
      continue;
    }
    const value = key === "args" ? argumentsOf(node) : memberOf(node);
    if (value === null || (key === "actor" && typeof value !== "string")) {
      wrong(
        node.at,
        `\`${shown(key)}\` of a call takes ${TAKES[key] ?? "a string, a whole number or a list of strings"}, not ${found(node)}`,
      );
    } else if (key !== "actor") Object.defineProperty(call, key, { value, enumerable: true });
  }
  const [now, actor] = ["now", "actor"].map((key) => entries.get(key)?.node);
  const circumstances = {
    now: now?.kind === "date" ? now.value : null,
    actor: actor?.kind === "string" ? actor.value : null,
  };
  return isGood ? { call: { call, circumstances }, at } : null;
}

const TAKES: Readonly<Record<string, string>> = { actor: "a string", args: "a table without dates" };

/** What a tool is given; null: no table, or one that JSON cannot hold. */
function argumentsOf(node: Node): JsonObject | null {
  const value = jsonOf(node);
  return value !== undefined && isJsonObject(value) ? value : null;
}

function jsonOf(node: Node): Json | undefined {
  if (node.kind === "date") return undefined;
  if (node.kind === "array") {
    const items = node.items.map(jsonOf);
    return items.every((one) => one !== undefined) ? items : undefined;
  }
  if (node.kind !== "table")
    return typeof node.value === "number" && !Number.isFinite(node.value) ? undefined : node.value;
  const members = [...node.entries].map(([name, field]) => [name, jsonOf(field.node)] as const);
  // Own properties, `__proto__` included.
  return members.every((one): one is readonly [string, Json] => one[1] !== undefined)
    ? Object.fromEntries(members)
    : undefined;
}

function memberOf(node: Node): Member | null {
  if (node.kind === "string" || node.kind === "integer") return node.value;
  if (node.kind !== "array") return null;
  const texts = node.items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
  return texts.length === node.items.length ? texts : null;
}
