/**
 * The thread's end of a private block's calls: each goes to the vault's main thread, where it is decided and performed.
 * Only calls of files, network and commands pass; everything else the prelude could ask for (output, environment, the
 * public side's handles) does not exist here. A compartment has no calls at all.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { type FatalCode, isJsonObject, type Json } from "@agent-run/gate";
import type { HostAnswer } from "@agent-run/vm";
import { ANSWERS, type AnswerMessage, type CallMessage } from "./protocol.ts";

const PASSES = /^(?:fs\.[a-z]+|net\.request|subprocess\.exec)$/;

export const NO_EFFECTS = JSON.stringify({
  error: { code: "E_CAPABILITY", message: "a compartment has no effects" },
});

export class BlockCalls {
  readonly #port: MessagePort;
  readonly #signal: Int32Array;
  readonly #settled: string[] = [];
  #left: number;
  #waiting = 0;
  #fatal: FatalCode | null = null;

  constructor(port: MessagePort, signal: SharedArrayBuffer, maxCalls: number) {
    this.#port = port;
    this.#signal = new Int32Array(signal);
    this.#left = maxCalls;
  }

  /** The single dispatcher of the VM (JSON-ABI). */
  call(text: string): HostAnswer {
    const call: unknown = JSON.parse(text);
    if (!isJsonObject(call) || typeof call.op !== "string") return NO_EFFECTS;
    const { op, args = null, id } = call;
    if (!PASSES.test(op)) return NO_EFFECTS;
    if (this.#left-- <= 0) return this.#end("E_LIMIT_CALLS");
    this.#ask(op, args, typeof id === "number" ? id : null);
    if (typeof id !== "number") return this.#answerNow();
    this.#waiting += 1;
    return '{"started":true}';
  }

  /** Blocks until a started call has its answer; null when none is in flight. */
  nextSettlement(): string | null {
    while (this.#settled.length === 0 && this.#waiting > 0 && this.#fatal === null) this.#keep(this.#wait());
    return this.#settled.shift() ?? null;
  }

  /** Why the block must end now, or null. */
  stop(): FatalCode | null {
    return this.#fatal;
  }

  #ask(op: string, args: Json, id: number | null): void {
    const message: CallMessage = { kind: "call", op, args, id };
    this.#port.postMessage(message);
  }

  /** Calls are performed in their order, so answers of started ones come first. */
  #answerNow(): HostAnswer {
    for (;;) {
      const message = this.#wait();
      if (!message.started) return message.answer ?? this.#end("E_LIMIT_MEMORY");
      this.#keep(message);
    }
  }

  /** Answers of started calls are JSON with the call's number in it. */
  #keep({ answer }: AnswerMessage): void {
    this.#waiting -= 1;
    if (typeof answer === "string") this.#settled.push(answer);
    else this.#end("E_LIMIT_MEMORY");
  }

  /** No answer: the machine asks `stop` after every call and settlement. */
  #end(code: FatalCode): string {
    this.#fatal ??= code;
    return NO_EFFECTS;
  }

  /** Sleeps without a limit: who ends a call that takes too long is its performer, or the thread is killed. */
  #wait(): AnswerMessage {
    for (;;) {
      const seen = Atomics.load(this.#signal, ANSWERS);
      const received = receiveMessageOnPort(this.#port) as { message: AnswerMessage } | undefined;
      if (received !== undefined) return received.message;
      Atomics.wait(this.#signal, ANSWERS, seen);
    }
  }
}
