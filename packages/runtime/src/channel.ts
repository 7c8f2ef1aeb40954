/**
 * The worker's end of the transport: it posts errands and waits for answers, blocking the thread. Waiting wakes up for
 * an answer, a stop signal and the run's deadline, whichever is first (KILLABLE).
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ApprovalEntry, Errand, FatalCode } from "@agent-run/gate";
import { type AnswerMessage, type FromWorker, type NoteMessage, SIGNAL, STOP_CODES } from "./protocol.ts";

export class Channel {
  readonly #port: MessagePort;
  readonly #signal: Int32Array;
  /** Answers that the thread's event loop took: it turns while a VM in another process computes. */
  readonly #delivered: AnswerMessage[] = [];
  #nextId = 1;
  #deadline = Number.POSITIVE_INFINITY;
  #notes: { readonly run: string; readonly take: (entry: ApprovalEntry) => void } | null = null;
  /** Errands under way that no time is counted for. */
  #uncounted = 0;

  constructor(port: MessagePort, signal: SharedArrayBuffer) {
    this.#port = port;
    this.#signal = new Int32Array(signal);
  }

  /** Begins a run: `deadline` in milliseconds of `performance.now()`. */
  begin(deadline: number): void {
    this.#deadline = deadline;
    this.#uncounted = 0;
    this.#delivered.length = 0;
  }

  tell(message: FromWorker): void {
    this.#port.postMessage(message);
  }

  /** Posts an errand; its answer comes from `wait` under the returned id. */
  post(errand: Errand): number {
    const id = this.#nextId++;
    if (isUncounted(errand)) this.#uncounted += 1;
    this.tell({ kind: "errand", id, errand });
    return id;
  }

  /** Where notes of this run go from here on; null: nowhere. */
  takeNotes(run: string, take: ((entry: ApprovalEntry) => void) | null): void {
    this.#notes = take === null ? null : { run, take };
  }

  note({ run, entry }: NoteMessage): void {
    if (this.#notes?.run === run) this.#notes.take(entry);
  }

  /** Takes the notes that were posted until now; nothing else is waited for any more. */
  drain(): void {
    for (let message = this.#receive(); message !== undefined; message = this.#receive())
      if (message.kind === "note") this.note(message);
  }

  #receive(): AnswerMessage | NoteMessage | undefined {
    return (receiveMessageOnPort(this.#port) as { message: AnswerMessage | NoteMessage } | undefined)?.message;
  }

  /** An answer that came while nobody waited. */
  deliver(message: AnswerMessage): void {
    this.#delivered.push(message);
  }

  /** The next answer, of whichever errand; null if the run must stop. */
  wait(): AnswerMessage | null {
    for (;;) {
      const delivered = this.#delivered.shift();
      if (delivered !== undefined) return delivered;
      const seen = Atomics.load(this.#signal, SIGNAL.answers);
      const message = this.#receive();
      if (message?.kind === "answer") return message;
      if (message !== undefined) {
        this.note(message);
        continue;
      }
      if (this.stop() !== null) return null;
      this.#sleep(seen);
    }
  }

  /** Why the run must end now, or null. Cheap: polled by the VM's interrupt handler. */
  stop(): FatalCode | null {
    const told = STOP_CODES[Atomics.load(this.#signal, SIGNAL.stop)] ?? null;
    if (told !== null) return told;
    return this.#uncounted === 0 && performance.now() > this.#deadline ? "E_LIMIT_TIME" : null;
  }

  /** The answer to such an errand came: what it took does not count. */
  uncountedEnded(waitedMs: number): void {
    this.#uncounted -= 1;
    this.#deadline += waitedMs;
  }

  #sleep(seen: number): void {
    const left = this.#uncounted > 0 ? Number.POSITIVE_INFINITY : Math.max(1, this.#deadline - performance.now());
    Atomics.wait(this.#signal, SIGNAL.answers, seen, left);
  }
}

/** Waiting for a person, or for a tick of the settle clock, is not the script's time. */
export const isUncounted = (errand: Errand): errand is Extract<Errand, { kind: "approve" | "settle" | "release" }> =>
  errand.kind === "approve" || errand.kind === "settle" || errand.kind === "release";
