/**
 * The main thread's end of one compartment thread: one job at a time, its clock, and its death. A thread that was
 * killed, or whose job ended in any way that leaves a machine in doubt, is dead and never used again.
 */
import { join } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { heapMb, STACK_MB } from "@agent-run/vm/heap";
import { done, failed, type Plain } from "../plain.ts";
import type { BlockIo, ComputeResult } from "./job.ts";
import { PerformedCalls } from "./performed-calls.ts";
import { ANSWERS, type AnswerMessage, type FromThread, type JobMessage, SIGNAL_BYTES } from "./protocol.ts";
import { WallClock } from "./wall-clock.ts";

export interface ThreadPlace {
  /** Folder of `compartment.cjs`, the engine and its image. */
  readonly directory: string;
  readonly imageSha256: string;
}

interface CurrentJob {
  readonly clock: WallClock;
  readonly calls: PerformedCalls | null;
  finish(result: ComputeResult): void;
}

export class CompartmentThread {
  readonly memoryBytes: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal: Int32Array;
  /** Also resolves when the thread dies before it is ready. */
  readonly #ready: Promise<void>;
  #isReady: () => void = () => undefined;
  #job: CurrentJob | null = null;
  #dead = false;
  readonly #closed: Promise<void>;
  #close: () => void = () => undefined;

  /** Starts the thread. It gets no environment and no options, and what it would print goes nowhere. */
  constructor({ directory, imageSha256 }: ThreadPlace, memoryBytes: number) {
    this.memoryBytes = memoryBytes;
    const { port1, port2 } = new MessageChannel();
    const signal = new SharedArrayBuffer(SIGNAL_BYTES);
    this.#port = port1;
    this.#signal = new Int32Array(signal);
    this.#ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.#closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#worker = new Worker(join(directory, "compartment.cjs"), {
      resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: heapMb({ maxMemoryBytes: memoryBytes }) },
      env: {},
      argv: [],
      execArgv: [],
      stdin: true,
      stdout: true,
      stderr: true,
      workerData: { directory, imageSha256, memoryBytes, port: port2, signal },
      transferList: [port2],
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.once("error", (error) => this.#died(`the thread failed: ${error.message}`));
    this.#worker.once("exit", () => this.#died("the thread ended"));
    port1.on("message", (message: FromThread) => this.#hear(message));
    this.#idle();
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when the job is over, nothing that it asked for is under way and, if it was killed, its thread is gone. */
  async run(message: JobMessage, wallMs: number, io: BlockIo | null): Promise<ComputeResult> {
    this.#worker.ref();
    this.#port.ref();
    const clock = new WallClock(wallMs, () => this.#died(`it took longer than ${wallMs} ms`));
    const calls = io === null ? null : this.#callsFor(io, clock);
    const result = await new Promise<ComputeResult>((finish) => {
      this.#job = { clock, calls, finish };
      void this.#begin(message, clock);
    });
    clock.stop();
    await Promise.race([calls?.end(), this.#closed]);
    if (this.#dead) await this.#worker.terminate();
    this.#idle();
    return result;
  }

  /** Ends the thread for good; a job that is on fails. */
  async close(): Promise<void> {
    this.#close();
    this.#died("the vault closed");
    await this.#worker.terminate();
  }

  /** Starting the thread is not the job's time. */
  async #begin(message: JobMessage, clock: WallClock): Promise<void> {
    await this.#ready;
    if (this.#dead) return this.#finish(failed("the thread did not start"));
    this.#port.postMessage(message);
    clock.go();
  }

  #callsFor(io: BlockIo, clock: WallClock): PerformedCalls {
    return new PerformedCalls(io, this.memoryBytes, {
      answer: (message) => this.#answer(message),
      failed: (error) => this.#died(`a call failed: ${error}`),
      busy: (isBusy) => (isBusy ? clock.stop() : clock.go()),
    });
  }

  #answer(message: AnswerMessage): void {
    this.#port.postMessage(message);
    Atomics.add(this.#signal, ANSWERS, 1);
    Atomics.notify(this.#signal, ANSWERS);
  }

  #hear(message: FromThread): void {
    if (message.kind === "ready") this.#isReady();
    else if (message.kind === "call") this.#job?.calls?.take(message);
    else {
      if (!message.reusable) this.#dead = true;
      this.#finish(message.kind === "value" ? success(message.json) : failed(message.why));
    }
  }

  #died(why: string): void {
    this.#dead = true;
    this.#isReady();
    void this.#worker.terminate();
    this.#finish(failed(why));
  }

  #finish(result: ComputeResult): void {
    const job = this.#job;
    this.#job = null;
    job?.finish(result);
  }

  /** An idle thread does not keep the process alive. */
  #idle(): void {
    this.#worker.unref();
    this.#port.unref();
  }
}

function success(json: string): ComputeResult {
  const [value] = JSON.parse(json) as [Plain] | [];
  return done(value);
}
