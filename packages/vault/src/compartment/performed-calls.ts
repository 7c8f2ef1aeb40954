/**
 * The main thread's end of a private block's calls: performed one at a time, in the order in which the block made them,
 * and answered as text. Once the block is over nothing that it left waiting is performed.
 */
import type { Failure, Json } from "@agent-run/gate";
import { type HostAnswer, WEIGHT_FACTOR } from "@agent-run/vm";
import type { BlockIo } from "./job.ts";
import type { AnswerMessage, CallMessage } from "./protocol.ts";

export interface CallPorts {
  answer(message: AnswerMessage): void;
  /** The performer failed, by a bug of ours. */
  failed(error: unknown): void;
  /** A call is being performed, or none any more: the time that it takes is not the block's. */
  busy(isBusy: boolean): void;
}

export class PerformedCalls {
  readonly #io: BlockIo;
  readonly #memoryBytes: number;
  readonly #ports: CallPorts;
  #last: Promise<void> = Promise.resolve();
  #open = 0;
  #over = false;

  constructor(io: BlockIo, memoryBytes: number, ports: CallPorts) {
    this.#io = io;
    this.#memoryBytes = memoryBytes;
    this.#ports = ports;
  }

  take(call: CallMessage): void {
    if (this.#open++ === 0) this.#ports.busy(true);
    this.#last = this.#last.then(() => this.#perform(call));
  }

  /** Resolves when the call that is being performed has ended. */
  async end(): Promise<void> {
    this.#over = true;
    await this.#last;
  }

  async #perform({ op, args, id }: CallMessage): Promise<void> {
    if (this.#over) return;
    try {
      const answer = answerText(await this.#io(op, args), id, WEIGHT_FACTOR * this.#memoryBytes);
      if (!this.#over) this.#ports.answer({ kind: "answer", answer, started: id !== null });
    } catch (error) {
      if (!this.#over) this.#ports.failed(error);
    }
    if (--this.#open === 0 && !this.#over) this.#ports.busy(false);
  }
}

/** Shorter texts are as fast in JSON. */
const LONG_TEXT = 200;

/** As the gate's answers go into a VM: a long text as itself. Null where it cannot fit there. */
function answerText(answer: { ok: Json } | { error: Failure }, id: number | null, most: number): HostAnswer | null {
  if (id === null && "ok" in answer && typeof answer.ok === "string" && answer.ok.length >= LONG_TEXT) {
    return answer.ok.length > most ? null : { mark: "s", text: answer.ok };
  }
  const text = JSON.stringify(id === null ? answer : { ...answer, id });
  return text.length > most ? null : text;
}
