/**
 * What the vault's main thread and the thread of a compartment say to each other. Values cross as JSON text, so that
 * neither side walks what the other made before it is weighed.
 */
import type { MessagePort } from "node:worker_threads";
import type { Json } from "@agent-run/gate";
import type { HostAnswer } from "@agent-run/vm";

/** Int32 slots of the shared signal: a blocked thread sleeps on the count of answers. */
export const ANSWERS = 0;
export const SIGNAL_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Known when the thread starts, and the same for all its jobs. */
export interface ThreadSettings {
  /** Folder of the engine and its image. */
  readonly directory: string;
  readonly imageSha256: string;
  readonly memoryBytes: number;
  readonly port: MessagePort;
  readonly signal: SharedArrayBuffer;
}

export interface JobMessage {
  readonly kind: "job";
  readonly source: string;
  /** JSON of `{inputs, args}`, each input `[value]` or `[]`. */
  readonly values: string;
  readonly fuel: number;
  readonly outputBytes: number;
  readonly startMs: number;
  /** Calls that a private block may make; null for a compartment, which makes none. */
  readonly maxCalls: number | null;
}

export interface AnswerMessage {
  readonly kind: "answer";
  /** Null: larger than the block's memory, which ends it. */
  readonly answer: HostAnswer | null;
  /** The block went on meanwhile. */
  readonly started: boolean;
}

export type ToThread = JobMessage | AnswerMessage;

export interface CallMessage {
  readonly kind: "call";
  readonly op: string;
  readonly args: Json;
  /** The guest's number of a call that was started; null where the guest waits. */
  readonly id: number | null;
}

export type FromThread =
  | { readonly kind: "ready" }
  | CallMessage
  /** `json`: `[value]`, or `[]` for undefined. */
  | { readonly kind: "value"; readonly json: string; readonly reusable: boolean }
  | { readonly kind: "failure"; readonly why: string; readonly reusable: boolean };
