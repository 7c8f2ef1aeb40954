/**
 * A run's record as learning reads it: which calls happened, and which were refused. The record's chain was verified
 * before; what is in it is still what a hostile script typed. Only what was allowed, let through by a learning run, or
 * answered with yes by a person counts as having happened, whatever came of it.
 */
import {
  CAPABILITIES,
  type CanonicalRequest,
  type Capability,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  LEARNING,
  type Role,
  readTool,
  type Target,
} from "@agent-run/policy";

export interface RecordedRun {
  readonly run: string;
  readonly isLearning: boolean;
  readonly calls: readonly RecordedCall[];
  /** Intents that are not what a gate writes. */
  readonly unread: number;
}

export interface RecordedCall {
  readonly run: string;
  /** UTC, `2026-01-31T12:00:00.000Z`. */
  readonly ts: string;
  readonly request: CanonicalRequest;
  /**
   * `asked`: a person said yes. `wanted`: refused for its being a learning run, for a budget or for the data in it, which
   * says nothing about the place. `sealed`: it touches what is local-only, and is no matter for rules of this kind.
   */
  readonly kind: "allowed" | "learned" | "asked" | "denied" | "wanted" | "sealed";
  /** Id of the rule that decided. */
  readonly rule: string;
  /** It showed the names in a directory, of which the record holds none. */
  readonly isListing: boolean;
}

const KINDS: readonly Target["kind"][] = ["path", "url", "address", "command", "variable", "tool"];
const ROLES: readonly Role[] = ["read", "search", "write", "delete", "connect", "execute", "call"];

/** `records`: those of one segment, in order. */
export function readRecordedRun(records: readonly JsonObject[]): RecordedRun {
  const [start] = records;
  const run = typeof start?.run === "string" ? start.run : "unknown";
  // A call that a check finds more about is asked about again: one no is a no.
  const answers = records.filter(({ kind, event }) => kind === "approval" && event === undefined);
  const refused = new Set(answers.filter(({ answer }) => answer !== "allow").map(({ call }) => call));
  const agreed = new Set(answers.map(({ call }) => call).filter((call) => !refused.has(call)));
  const intents = records.filter(({ kind }) => kind === "intent");
  const calls = intents.flatMap((record) => readCall(record, run, agreed) ?? []);
  return { run, isLearning: start?.mode === "learn", calls, unread: intents.length - calls.length };
}

function readCall(record: JsonObject, run: string, agreed: ReadonlySet<Json | undefined>): RecordedCall | null {
  const request = readRequest(record.request);
  const { ts, rule, decision, matched } = record;
  const id = isJsonObject(rule) && typeof rule.id === "string" ? rule.id : null;
  if (request === null || id === null || typeof ts !== "string" || !/^[0-9TZ:.-]{10,30}$/.test(ts)) return null;
  const ids = [id, ...(isJsonArray(matched) ? matched.filter((one) => typeof one === "string") : [])];
  const isSealed = decision !== "deny" && (request.labels.length > 0 || ids.some(isLocalOnly));
  const isListing = record.op === "fs.list";
  return { run, ts, request, rule: id, isListing, kind: isSealed ? "sealed" : kindOf(record, request, id, agreed) };
}

/** What answers so is never in the open. */
const isLocalOnly = (id: string): boolean => /(?:^|\.)local_only|^secret|^release/.test(id);

/** Codes of refusals that are about the place; others are about the data, or about how often. */
const OF_PLACES = /^E_(?:POLICY_DENIED|CAPABILITY|APPROVAL_\w+)$/;

function kindOf(
  record: JsonObject,
  { labels }: CanonicalRequest,
  id: string,
  agreed: ReadonlySet<Json | undefined>,
): RecordedCall["kind"] {
  if (record.decision === "allow") return record.learned === true ? "learned" : "allowed";
  if (record.decision === "ask") return agreed.has(record.call) ? "asked" : "denied";
  const isOfPlace = labels.length === 0 && typeof record.code === "string" && OF_PLACES.test(record.code);
  return id === LEARNING || !isOfPlace ? "wanted" : "denied";
}

const capabilityNamed = (on: Json | undefined): Capability | undefined =>
  CAPABILITIES.find((name) => name === on) ?? (typeof on === "string" ? readTool(on) : undefined);

function readRequest(value: Json | undefined): CanonicalRequest | null {
  if (!isJsonObject(value) || value.v !== 1 || !isJsonArray(value.targets) || !isJsonObject(value.attrs)) return null;
  const on = capabilityNamed(value.on);
  const targets = value.targets.flatMap((target) => readTarget(target) ?? []);
  const labels = isJsonArray(value.labels) ? value.labels.filter((one) => typeof one === "string") : [];
  if (on === undefined || targets.length === 0 || targets.length !== value.targets.length) return null;
  return { v: 1, on, targets, attrs: value.attrs, labels };
}

function readTarget(value: Json): Target | null {
  if (!isJsonObject(value) || typeof value.value !== "string") return null;
  const on = capabilityNamed(value.on);
  const role = ROLES.find((name) => name === value.role);
  const kind = KINDS.find((name) => name === value.kind);
  return on === undefined || role === undefined || kind === undefined ? null : { on, role, kind, value: value.value };
}
