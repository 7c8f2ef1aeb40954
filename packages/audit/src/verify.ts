/**
 * Reads a segment as a stranger: every byte must be what the writer would have written. Finds any flipped, dropped,
 * inserted, reordered or cut byte and names the record. What one file alone cannot show (that the whole file was
 * replaced or deleted) needs a ledger outside of it; the verdict says so and does not claim it.
 */
import { canonicalJson, isJsonObject, type Json } from "@agent-run/gate";
import { GENESIS, linkOf } from "./chain.ts";
import { RECORD_KINDS, type StoredRecord } from "./record.ts";
import type { ChainEnd } from "./segment.ts";

export interface SegmentVerdict {
  /**
   * `complete`: whole, from run.start to run.end. `unfinished`: intact so far, but without its end. `broken`: altered.
   * Residue behind the last whole line changes none of this.
   */
  readonly state: "complete" | "unfinished" | "broken";
  readonly run: string | null;
  readonly records: number;
  /** What is wrong, first problem first, with the record's position from 0. */
  readonly problems: readonly { readonly seq: number; readonly message: string }[];
  /** Bytes behind the last whole line: what a crash leaves of the line it tore, not tampering. */
  readonly residueBytes: number;
  /** Calls that were allowed but have no outcome: they may or may not have happened. */
  readonly inDoubt: readonly number[];
}

/** What a walk over a segment finds; also where a recovery goes on. */
export interface SegmentWalk extends SegmentVerdict {
  readonly stored: readonly StoredRecord[];
  /** Bytes up to and including the last whole line. */
  readonly wholeBytes: number;
  readonly chainEnd: ChainEnd;
}

const NEWLINE = 0x0a;

export function verifySegment(bytes: Uint8Array): SegmentVerdict {
  const { state, run, records, problems, residueBytes, inDoubt } = walkSegment(bytes);
  return { state, run, records, problems, residueBytes, inDoubt };
}

export function walkSegment(bytes: Uint8Array): SegmentWalk {
  const wholeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  const stored: StoredRecord[] = [];
  const problems: { seq: number; message: string }[] = [];
  let prev = GENESIS;
  for (let start = 0, seq = 0; start < wholeBytes; seq += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = bytes.subarray(start, end);
    const record = readRecord(line);
    const message = record === null ? "is not a record in canonical JSON" : problemOf(record, seq, prev, stored);
    if (message !== null) problems.push({ seq, message });
    if (record !== null) stored.push(record);
    prev = linkOf(line);
    start = end + 1;
  }
  const residueBytes = bytes.length - wholeBytes;
  const { inDoubt, orderProblems } = pairCalls(stored);
  problems.push(...orderProblems);
  if (stored.length === 0 && residueBytes === 0) problems.push({ seq: 0, message: "is missing: the file is empty" });
  const complete = stored.at(-1)?.kind === "run.end";
  const state = problems.length > 0 ? "broken" : complete ? "complete" : "unfinished";
  const run = typeof stored[0]?.run === "string" ? stored[0].run : null;
  return {
    state,
    run,
    records: stored.length,
    problems,
    residueBytes,
    inDoubt,
    stored,
    wholeBytes,
    chainEnd: { seq: stored.length, prev },
  };
}

/** A line that re-encodes to exactly its own bytes, else null: one record has one encoding. */
function readRecord(line: Uint8Array): StoredRecord | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const value = JSON.parse(text) as Json;
    if (!isJsonObject(value) || canonicalJson(value) !== text || !hasHead(value)) return null;
    return value as StoredRecord;
  } catch {
    return null;
  }
}

const hasHead = (value: { readonly [key: string]: Json }): boolean =>
  value.v === 1 &&
  typeof value.seq === "number" &&
  typeof value.ts === "string" &&
  typeof value.run === "string" &&
  typeof value.prev === "string" &&
  RECORD_KINDS.some((kind) => kind === value.kind);

function problemOf(record: StoredRecord, seq: number, prev: string, before: readonly StoredRecord[]): string | null {
  if (record.seq !== seq) return `has number ${record.seq} in place ${seq}: records were dropped, inserted or moved`;
  if (record.prev !== prev) return "does not link to the record before it: one of the two was changed";
  if (seq === 0 && record.kind !== "run.start") return "is not a run.start";
  if (seq > 0 && record.kind === "run.start") return "is a second run.start";
  if (record.run !== before[0]?.run && seq > 0) return "belongs to another run";
  if (record.kind === "run.end" && !isSealed(record)) return "does not match its own hash: it was changed";
  if (before.at(-1)?.kind === "run.end") return "comes after the end of the run";
  return null;
}

function isSealed({ hash, ...record }: StoredRecord): boolean {
  return hash === linkOf(canonicalJson(record));
}

/** Intents and outcomes belong together; the end's counts must be the file's. */
function pairCalls(stored: readonly StoredRecord[]) {
  const open = new Set<number>();
  const refused = new Set<number>();
  const orderProblems: { seq: number; message: string }[] = [];
  let intents = 0;
  let outcomes = 0;
  for (const { kind, seq, call, decision, ...rest } of stored) {
    if (kind === "intent") {
      intents += 1;
      if (decision !== "deny" && typeof call === "number" && !refused.has(call)) open.add(call);
    } else if (kind === "approval") {
      // That it was asked, and what came too late, settles nothing.
      if (rest.event === undefined && rest.answer !== "allow" && typeof call === "number") refused.add(call);
    } else if (kind === "outcome") {
      outcomes += 1;
      if (typeof call !== "number" || !open.delete(call))
        orderProblems.push({ seq, message: "is an outcome without its intent" });
    } else if (kind === "run.end" && (rest.intents !== intents || rest.outcomes !== outcomes)) {
      orderProblems.push({ seq, message: "counts other calls than the file holds" });
    }
  }
  return { inDoubt: [...open], orderProblems };
}
