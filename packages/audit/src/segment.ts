/**
 * A run's segment: the writer of its chain. Every method says whether the record was written; after the first that
 * was not, none is (DEFAULT-NO): a chain with a hole would read as tampering, and effects without a record must not be.
 */
import {
  type ApprovalEntry,
  type CanonicalRequest,
  canonicalJson,
  type IntentEntry,
  type Json,
  type JsonObject,
  type OutcomeEntry,
  type Recorder,
  type RuleRef,
} from "@agent-run/gate";
import { GENESIS, linkOf } from "./chain.ts";
import type { HeldLines } from "./held-lines.ts";
import type { RecordKind } from "./record.ts";
import type { SegmentStorage } from "./storage.ts";

export interface SegmentClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface SegmentOptions {
  /** Where the chain goes on; absent: it begins. */
  readonly end?: ChainEnd;
  /** Keeps lines that wait for the next one; without it none waits. */
  readonly held?: HeldLines;
}

/** Where a chain goes on: the next position and the link to the last line. */
export interface ChainEnd {
  readonly seq: number;
  readonly prev: string;
}

export class Segment implements Recorder {
  readonly run: string;
  readonly #storage: SegmentStorage;
  readonly #clock: SegmentClock;
  #seq: number;
  #prev: string;
  readonly #held: HeldLines | undefined;
  /** Lines of the chain that are not in the file yet: outcomes of calls that changed nothing. */
  #waiting = "";
  #stampedAt = Number.NaN;
  #stampText = "";
  #intents = 0;
  #outcomes = 0;
  #broken = false;

  constructor(run: string, storage: SegmentStorage, clock: SegmentClock, { end, held }: SegmentOptions = {}) {
    this.run = run;
    this.#storage = storage;
    this.#clock = clock;
    this.#seq = end?.seq ?? 0;
    this.#prev = end?.prev ?? GENESIS;
    this.#held = held;
    held?.clear();
  }

  get broken(): boolean {
    return this.#broken;
  }

  start(facts: JsonObject): boolean {
    return this.append("run.start", facts);
  }

  /** The verifier's verdict; a rejected script is on the record, too. */
  verified(ok: boolean, problems: Json): boolean {
    return this.append("verify", { ok, problems });
  }

  intent(entry: IntentEntry, durable: boolean): boolean {
    this.#intents += 1;
    const { decision } = entry;
    const written = this.append("intent", {
      call: entry.seq,
      op: entry.op,
      request: json(entry.request),
      decision: decision.effect,
      code: decision.code,
      rule: json(decision.rule),
      matched: decision.matched,
      layer: decision.layer,
      ...(decision.learned === true && decision.effect !== "deny" ? { learned: true } : {}),
    });
    return written && (!durable || this.#attempt(() => this.#storage.sync()));
  }

  approval(entry: ApprovalEntry): boolean {
    const { seq, requestHash, event, untilMs, answer, by, channel, scope, comment, ticket } = entry;
    const told = { event, channel, scope, until_ms: untilMs, comment, ticket };
    const known = Object.entries(told).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
    return this.append("approval", { call: seq, answer, by, request: requestHash, ...Object.fromEntries(known) });
  }

  outcome(entry: OutcomeEntry, mayWait = false): boolean {
    this.#outcomes += 1;
    const { seq, ok, code, bytes, ms } = entry;
    return this.append("outcome", { call: seq, ok, code, bytes, ms }, mayWait);
  }

  /**
   * Closes the segment; `facts` say how the run ended. Written, not synced: intents of effects that cannot be undone are
   * on disk already, and a power cut that takes the end leaves an intact, unfinished chain.
   */
  end(facts: JsonObject): boolean {
    const counted = { ...facts, intents: this.#intents, outcomes: this.#outcomes };
    const ended = this.append("run.end", counted);
    this.close();
    return ended;
  }

  /** Also of a chain that broke: its descriptor is not needed any more. Nothing is written after it. */
  close(): void {
    try {
      this.#storage.close();
    } catch {
      // What was appended lies with the system.
    }
    this.#broken = true;
  }

  /** For recovery: how many intents and outcomes the file already holds. */
  resumeCounts(intents: number, outcomes: number): void {
    this.#intents = intents;
    this.#outcomes = outcomes;
  }

  /** `mayWait`: may be written with the next line that may not. */
  append(kind: RecordKind, body: JsonObject, mayWait = false): boolean {
    if (this.#broken) return false;
    const head = {
      v: 1,
      seq: this.#seq,
      ts: this.#stamp(),
      run: this.run,
      kind,
      prev: this.#prev,
    };
    const record = { ...body, ...head };
    const line = kind === "run.end" ? sealedEnd(record) : canonicalJson(record);
    this.#waiting += `${line}\n`;
    const waits = mayWait && this.#held?.put(`${line}\n`) === true;
    if (!waits && !this.#write()) return false;
    this.#seq += 1;
    this.#prev = linkOf(line);
    return true;
  }

  /** Many records fall into one millisecond. */
  #stamp(): string {
    const now = this.#clock.now();
    if (now !== this.#stampedAt) {
      this.#stampedAt = now;
      this.#stampText = new Date(now).toISOString();
    }
    return this.#stampText;
  }

  #write(): boolean {
    const text = this.#waiting;
    this.#waiting = "";
    const written = this.#attempt(() => this.#storage.append(text));
    if (written) this.#held?.clear();
    return written;
  }

  #attempt(write: () => void): boolean {
    if (this.#broken) return false;
    try {
      write();
      return true;
    } catch {
      this.#broken = true;
      return false;
    }
  }
}

/** No later line links to the end, so it carries its own link: of its canonical JSON without `hash`. */
const sealedEnd = (record: JsonObject): string => canonicalJson({ ...record, hash: linkOf(canonicalJson(record)) });

/** JSON by construction, typed as an interface; absent members are left out by the canonical text. */
const json = (value: CanonicalRequest | RuleRef): JsonObject => ({ ...value }) as JsonObject;
