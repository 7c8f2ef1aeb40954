/**
 * The answers of a run that may be parked, as lines that only we can have written: each has an HMAC over itself and the
 * line before, under a key of ours. A cut end is not seen here; who resumes holds the lines against the run's record.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type CanonicalRequest, canonicalJson, isJsonObject, type Json, type JsonObject } from "@agent-run/gate";

export type AnswerLine =
  /** First of all: what the run was made of. `note`: of who started it, to select the policy anew. */
  | {
      readonly kind: "head";
      readonly v: 1;
      readonly script: { readonly text: string; readonly name: string; readonly typescript: boolean };
      readonly args: readonly string[];
      readonly input: Json;
      readonly seed: number;
      readonly startMs: number;
      readonly maxSeconds: number;
      readonly actor: string | null;
      readonly task: string | null;
      readonly note: Json;
    }
  /** This process makes the run, from here on under this name. */
  | { readonly kind: "owner"; readonly run: string; readonly pid: number; readonly since: string }
  /** An effect that changes something begins; written before it. */
  | ({ readonly kind: "begun" } & EffectOfCall)
  /** It does not happen: its answer was kept. */
  | ({ readonly kind: "repeated" } & EffectOfCall)
  /** What the call at this place of the script was answered; `calls`: its numbers in the record. */
  | {
      readonly kind: "answer";
      readonly run: string;
      readonly place: number;
      /** SHA-256 of the operation and its arguments. */
      readonly asked: string;
      /** It did not block the script: its turn among others is part of the answer. */
      readonly started: boolean;
      readonly calls: readonly number[];
      /** What was checked and done; null: it was refused before. */
      readonly request: CanonicalRequest | null;
      readonly answer: Json;
    }
  /** Last of all: the run ended with this question open. */
  | { readonly kind: "parked"; readonly run: string; readonly ticket: JsonObject; readonly expiresMs: number };

interface EffectOfCall {
  readonly run: string;
  /** Its number in the record. */
  readonly call: number;
  readonly place: number;
}

/** Before the first line. */
const GENESIS = "0".repeat(64);

export class AnswerChain {
  readonly #key: Uint8Array;
  #previous: string;

  constructor(key: Uint8Array, previous = GENESIS) {
    this.#key = key;
    this.#previous = previous;
  }

  get previous(): string {
    return this.#previous;
  }

  line(body: AnswerLine): string {
    const plain = JSON.parse(JSON.stringify(body)) as JsonObject;
    const mac = this.#mac(canonicalJson(plain));
    this.#previous = mac;
    return `${canonicalJson({ ...plain, mac })}\n`;
  }

  /** Null: it is not a line of ours in this place. */
  read(text: string): AnswerLine | null {
    try {
      const value = JSON.parse(text) as Json;
      if (!isJsonObject(value) || typeof value.mac !== "string") return null;
      const { mac, ...body } = value;
      const expected = this.#mac(canonicalJson(body));
      if (!timingSafeEqual(Buffer.from(expected), Buffer.from(String(mac).padEnd(64).slice(0, 64)))) return null;
      this.#previous = expected;
      // The MAC says that `line` wrote it.
      return body as unknown as AnswerLine;
    } catch {
      return null;
    }
  }

  #mac(text: string): string {
    return createHmac("sha256", this.#key).update(this.#previous).update(text).digest("hex");
  }
}
