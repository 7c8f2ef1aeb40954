/**
 * What a run's record says to who made the run: which calls were decided how and what came of them, and the hashes by
 * which the operator finds it. Names of files and of the policy are in the operator's terms there, and are left out.
 */
import { readSegmentFile, type StoredRecord, walkSegment } from "@agent-run/audit";
import { isJsonObject, type Json, type JsonObject } from "@agent-run/policy";

const TOLD = ["seq", "ts", "kind", "call", "op", "decision", "code", "ok", "bytes", "exit", "hash", "task"] as const;

export interface RecordedRun {
  readonly state: "complete" | "unfinished" | "broken";
  readonly records: readonly JsonObject[];
}

/** Null: there is no such record, as of a run that never began. */
export function recordedRun(path: string): RecordedRun | null {
  try {
    const { state, stored } = walkSegment(readSegmentFile(path));
    return { state, records: stored.map(toldOf) };
  } catch {
    return null;
  }
}

function toldOf(record: StoredRecord): JsonObject {
  const told = TOLD.flatMap((key): [string, Json][] => (record[key] === undefined ? [] : [[key, record[key]]]));
  const { rule, script, policy } = record;
  const hashes = { ...hashOf("script", script), ...hashOf("policy", policy) };
  return { ...Object.fromEntries(told), ...(isJsonObject(rule) ? { rule: rule.id ?? null } : {}), ...hashes };
}

const hashOf = (name: string, of: Json | undefined): JsonObject =>
  isJsonObject(of) && typeof of.sha256 === "string" ? { [`${name}_sha256`]: of.sha256 } : {};
