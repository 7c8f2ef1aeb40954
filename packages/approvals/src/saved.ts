/**
 * Saved rules: answers that stand in the state directory, by the hash of the policy whose questions they answer. What this
 * guards: a rule answers only a question, of the very layer, rule and request that somebody said yes to, while the policy
 * is the same to the letter; a file that somebody else could have written answers nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { canonicalJson, isJsonObject, type Json } from "@agent-run/policy";
import type { SavedAnswers } from "./desk.ts";
import type { Kept } from "./grants.ts";
import { alone, namesIn, readOwn, removeOwn, replaceOwn } from "./own-files.ts";
import { readSaved, type SavedRule, savedText } from "./saved-text.ts";
import { contentText, type Ticket } from "./ticket.ts";

const FILE = "agent-run.approved.toml";
/** More would be no list that anybody looks through. */
const MOST_RULES = 500;

export interface SavedFile {
  readonly path: string;
  readonly policyHash: string;
  /** Null: it can not be read, and answers nothing. */
  readonly rules: readonly SavedRule[] | null;
}

/** `directory`: of all approvals of this user. */
export function savedAnswers(directory: string): SavedAnswers {
  const pathOf = ({ policyHash }: Ticket) => join(directory, "saved", policyHash, FILE);
  return {
    find(ticket, nowMs) {
      const rules = rulesAt(pathOf(ticket), ticket.policyHash) ?? [];
      const found = rules.find((rule) => answers(rule, ticket, nowMs));
      if (found === undefined) return null;
      const { by, channel, expires } = found;
      const until = expires === undefined ? {} : { untilMs: Date.parse(expires) };
      return { by: `saved ${found.id}, ${by}`, channel, scope: "save", ticket: found.ticket, ...until };
    },
    add(ticket, kept, nowMs) {
      try {
        const path = pathOf(ticket);
        return alone(path, () => addRule(path, ticket, kept, nowMs)) ?? false;
      } catch {
        return false;
      }
    },
  };
}

function addRule(path: string, ticket: Ticket, kept: Kept, nowMs: number): boolean {
  const there = rulesAt(path, ticket.policyHash);
  const all = there === null && readOwn(path) !== null ? null : (there ?? []);
  // A file that can not be read is not written over: somebody may want to know what is in it.
  if (all === null || all.length >= MOST_RULES) return false;
  const rule = ruleFor(ticket, kept, nowMs);
  const holds = ({ expires }: SavedRule) => expires === undefined || Date.parse(expires) > nowMs;
  // The later answer stands for both: one that is revoked must not leave its twin behind.
  const rules = all.filter((other) => holds(other) && !isTwin(other, rule));
  replaceOwn(path, savedText(ticket.policyHash, [...rules, rule]));
  return true;
}

/** Of every policy, for lists. */
export function savedFiles(directory: string): readonly SavedFile[] {
  return namesIn(join(directory, "saved")).flatMap((policyHash) => {
    const path = join(directory, "saved", policyHash, FILE);
    const rules = rulesAt(path, policyHash);
    return rules === null && !namesIn(join(directory, "saved", policyHash)).includes(FILE)
      ? []
      : [{ path, policyHash, rules }];
  });
}

/** The rule that is no more; null: there is none of this id, or another process is changing its file. */
export function revoke(directory: string, id: string): SavedRule | null {
  const file = savedFiles(directory).find(({ rules }) => rules?.some((rule) => rule.id === id));
  if (file === undefined) return null;
  const { path, policyHash } = file;
  return alone(path, () => {
    const rules = rulesAt(path, policyHash) ?? [];
    const found = rules.find((rule) => rule.id === id);
    if (found === undefined) return null;
    const others = rules.filter((rule) => rule !== found);
    if (others.length === 0) removeOwn(path);
    else replaceOwn(path, savedText(policyHash, others));
    return found;
  });
}

function rulesAt(path: string, policyHash: string): readonly SavedRule[] | null {
  try {
    const text = readOwn(path);
    return text === null ? null : readSaved(text, policyHash);
  } catch {
    return null;
  }
}

function answers(rule: SavedRule, ticket: Ticket, nowMs: number): boolean {
  const isOver = rule.expires !== undefined && nowMs >= Date.parse(rule.expires);
  const isSame = rule.layer === ticket.layer && rule.rule === ticket.rule && sameTexts(rule.matched, ticket.matched);
  if (isOver || !isSame || ticket.irreversible) return false;
  if (rule.covers === "request")
    return rule.hash === ticket.requestHash && (rule.content ?? null) === contentText(ticket);
  return isWhole(ticket) && rule.hash === placeHash(ticket);
}

const isTwin = (a: SavedRule, b: SavedRule): boolean =>
  a.layer === b.layer &&
  a.rule === b.rule &&
  sameTexts(a.matched, b.matched) &&
  a.covers === b.covers &&
  a.hash === b.hash &&
  a.content === b.content;

function ruleFor(ticket: Ticket, kept: Kept, nowMs: number): SavedRule {
  const { layer, rule, matched, capability, target, request } = ticket;
  const covers = isWhole(ticket) ? (kept.covers ?? "request") : "request";
  const content = covers === "place" ? null : contentText(ticket);
  return {
    id: randomBytes(6).toString("hex"),
    by: kept.by,
    channel: kept.channel,
    approved: new Date(nowMs).toISOString(),
    ...(kept.untilMs === undefined ? {} : { expires: new Date(kept.untilMs).toISOString() }),
    ticket: kept.ticket,
    ...{ layer, rule, matched, capability, target, covers },
    hash: covers === "place" ? placeHash(ticket) : ticket.requestHash,
    match: request,
    ...(content === null ? {} : { content }),
  };
}

/** Two requests that differ in what is local-only are shown alike, so what is shown says less than what is asked. */
const isWhole = ({ request, requestHash }: Ticket): boolean =>
  createHash("sha256").update(request).digest("hex") === requestHash;

/** Attributes that say how much, not what. */
const AMOUNTS: ReadonlySet<string> = new Set(["bytes", "stdin_bytes"]);

function placeHash({ request }: Ticket): string {
  const value = JSON.parse(request) as Json;
  if (!isJsonObject(value) || !isJsonObject(value.attrs)) throw new TypeError("no canonical request");
  const attrs = Object.fromEntries(Object.entries(value.attrs).filter(([name]) => !AMOUNTS.has(name)));
  return createHash("sha256")
    .update(`place ${canonicalJson({ ...value, attrs })}`)
    .digest("hex");
}

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, at) => text === b[at]);
