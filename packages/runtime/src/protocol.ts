/**
 * What the supervisor (main thread) and a run's worker say to each other. Plain data only; permits never cross.
 * Besides messages there is shared memory: one by which a blocked worker is woken and told to stop, one for lines of its
 * record.
 */

import type { MessagePort } from "node:worker_threads";
import type {
  ApprovalEntry,
  CallReport,
  Errand,
  ErrandAnswer,
  FatalCode,
  Json,
  KeptAnswer,
  PolicyData,
  ProtectedPath,
  ToVault,
} from "@agent-run/gate";
import type { ParkedWith, RunError } from "./report.ts";

/** Int32 slots of the shared signal. */
export const SIGNAL = { answers: 0, stop: 1, slots: 2 } as const;

/** Stop codes in `SIGNAL.stop`; 0 is "go on". */
export const STOP_CODES: readonly (FatalCode | null)[] = [null, "E_LIMIT_TIME", "E_INTERRUPTED"];
export const STOP = { time: 1, interrupted: 2 } as const;

/** Known when the thread starts. */
export interface WorkerSettings {
  /** The process ends with this worker's first run. */
  readonly oneShot: boolean;
}

/** First message: everything that stays the same for all runs of this worker. */
export interface Boot {
  readonly kind: "boot";
  readonly policy: PolicyData;
  readonly facts: HostFacts;
  readonly port: MessagePort;
  readonly signal: SharedArrayBuffer;
  /** Lines of the record that are not in its file yet (`HeldLines`). */
  readonly held: SharedArrayBuffer;
}

/** What the host knows about itself and effects need. */
export interface HostFacts {
  readonly version: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly protectedPaths: readonly ProtectedPath[];
  /** Ports of this machine on which agent-run listens. */
  readonly listeners: readonly number[];
}

/** One run; posted on the port. */
export interface StartRun {
  readonly kind: "run";
  readonly run: string;
  /** File of the record's segment; null for `check`, which runs nothing and records nothing. */
  readonly recordPath: string | null;
  readonly script: { readonly text: string; readonly name: string; readonly typescript: boolean };
  readonly args: readonly string[];
  readonly input: Json;
  readonly seed: number;
  /** Fixes the tokens of sealed values; null: nobody can guess them. */
  readonly tokenSeed: number | null;
  readonly startMs: number;
  readonly maxSeconds: number;
  /** Who acts, as asserted by who started the run; null: nobody said. */
  readonly actor: string | null;
  /** Groups runs, as asserted by who started the run; null: nobody said. */
  readonly task: string | null;
  /** Counters of budgets, which others may share; null: the policy bounds nothing. */
  readonly budget: SharedArrayBuffer | null;
  /** Present: it may be parked. */
  readonly answers?: AnswersOfRun;
  /** Present: files are changed in this empty directory only, and nothing is done that cannot be taken back. */
  readonly learning?: { readonly overlay: string; readonly network: boolean };
}

/** Where a run that may be parked keeps its answers, and what it repeats. */
export interface AnswersOfRun {
  readonly path: string;
  readonly key: Uint8Array;
  /** Where the chain of the file goes on; null: the run is new, and so is the file. */
  readonly previous: string | null;
  readonly kept: readonly KeptAnswer[];
  /** The run whose answers these are; null: a new one. */
  readonly of: string | null;
  /** Of who started it, to select the policy anew. */
  readonly note: Json;
}

export interface AnswerMessage {
  readonly kind: "answer";
  readonly id: number;
  readonly answer: ErrandAnswer;
}

/** A line for the record of a run that is under way: an answer that changed nothing. It is not waited for. */
export interface NoteMessage {
  readonly kind: "note";
  readonly run: string;
  readonly entry: ApprovalEntry;
}

export type ToWorker = StartRun | AnswerMessage | NoteMessage;

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "errand"; readonly id: number; readonly errand: Errand }
  | { readonly kind: "output"; readonly text: string }
  /** For the vault; it is not waited for. */
  | { readonly kind: "order"; readonly message: ToVault }
  /** The verifier saw uses that will need such errands. */
  | { readonly kind: "uses"; readonly kinds: readonly Errand["kind"][] }
  | { readonly kind: "end"; readonly end: WorkerEnd };

export interface WorkerEnd {
  readonly value: Json;
  readonly error: RunError | null;
  readonly exitCode: number;
  readonly truncated: boolean;
  readonly calls: readonly CallReport[];
  /** Everything the verifier refused; empty if the script ran. */
  readonly problems: readonly RunError[];
  /** False: this worker must not run another script. */
  readonly reusable: boolean;
  /** The question that it waits for. */
  readonly parked?: ParkedWith;
}

/** What the names of a run's temporary files begin with, so that they can be swept if it is killed: 8 of `[a-z0-9]`. */
export const temporaryPrefix = (run: string): string => run.slice(-8).toLowerCase();
