/**
 * The main thread's end of one worker: starts it, gives it runs, does its errands, watches the clock, and kills it
 * when it does not end by itself (KILLABLE). It decides nothing about a call. A worker that was killed, that ran out of memory or
 * that says so is never used again.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import { HeldLines } from "@agent-run/audit";
import { type ApprovalEntry, type Errand, type ErrandAnswer, type FatalCode, fail } from "@agent-run/gate";
import { isUncounted } from "./channel.ts";
import { CurrentRun, type Ending, type RunPorts, STALL_MS } from "./current-run.ts";
import { type Boot, type FromWorker, SIGNAL, STOP, type StartRun } from "./protocol.ts";
import { RunClock } from "./run-clock.ts";
import type { VaultErrand } from "./vault/run-vault.ts";

/** Milliseconds between asking a run to stop and killing its thread. */
const GRACE_MS = 100;
/** A worker that is not ready by then never will be. */
const BOOT_MS = 20_000;

export class Supervisor {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #workerPort: MessagePort;
  readonly #shared = new SharedArrayBuffer(SIGNAL.slots * Int32Array.BYTES_PER_ELEMENT);
  readonly #signal = new Int32Array(this.#shared);
  readonly #held = new HeldLines();
  readonly #exited: Promise<void>;
  readonly #ready: Promise<boolean>;
  #isReady: (ready: boolean) => void = () => undefined;
  #hasStarted = false;
  #current: CurrentRun | null = null;
  #dead = false;
  #closing = false;

  /** Takes over a thread that was just started; `boot` may come later, so that it starts while a policy is read. */
  constructor(thread: Worker) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#workerPort = port2;
    this.#worker = thread;
    this.#ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.#exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    this.#worker.once("error", (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#worker.once("exit", () => this.#failed(new Error("the worker ended")));
    this.#port.on("message", (message: FromWorker) => this.#hear(message));
    this.idle();
  }

  boot(boot: Omit<Boot, "kind" | "port" | "signal" | "held">): void {
    const message: Boot = {
      kind: "boot",
      ...boot,
      port: this.#workerPort,
      signal: this.#shared,
      held: this.#held.shared,
    };
    this.#worker.postMessage(message, [this.#workerPort]);
  }

  /** For the record of a run, if it is still this worker's. */
  note(run: string, entry: ApprovalEntry): void {
    if (this.#current?.start.run === run && !this.#dead) this.#port.postMessage({ kind: "note", run, entry });
  }

  /** Lines of the record that a killed worker had not written yet. */
  get heldLines(): string {
    return this.#held.text;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** One run at a time. Resolves when the run is over and, if it was killed, its thread is gone. */
  async run(start: StartRun, ports: RunPorts, abort: AbortSignal | undefined): Promise<Ending> {
    this.#worker.ref();
    this.#port.ref();
    Atomics.store(this.#signal, SIGNAL.stop, 0);
    const run = new CurrentRun(start, ports);
    this.#current = run;
    if (!(await this.started())) {
      this.#failed(new Error("the worker did not start"));
      void this.#terminate();
    }
    const watch = new RunClock(start.maxSeconds * 1000, (stop) => this.#stop(run, stop));
    run.watch = watch;
    const interrupt = () => this.#stop(run, STOP.interrupted);
    abort?.addEventListener("abort", interrupt, { once: true });
    if (abort?.aborted) interrupt();
    this.#port.postMessage(start);
    try {
      return await run.ending;
    } finally {
      watch.clear();
      abort?.removeEventListener("abort", interrupt);
      run.errands.abort();
      await run.errandsDone();
      this.#current = null;
      // Nor does one that is stuck.
      this.idle();
    }
  }

  /** Ends the thread for good. */
  async close(): Promise<void> {
    this.#dead = true;
    this.#closing = true;
    await this.#terminate();
  }

  /** An idle worker does not keep the process alive. */
  idle(): void {
    this.#worker.unref();
    this.#port.unref();
  }

  /** Starting the thread is not the script's time: the clock runs from here on. */
  /** False: it is dead, or will never be ready. */
  async started(): Promise<boolean> {
    if (this.#hasStarted) return !this.#dead;
    const timeout = new AbortController();
    const late = sleep(BOOT_MS, false, { signal: timeout.signal }).catch(() => false);
    const ready = await Promise.race([this.#ready, late]);
    timeout.abort();
    return ready && !this.#dead;
  }

  #hear(message: FromWorker): void {
    if (message.kind === "ready") {
      this.#hasStarted = true;
      this.#isReady(true);
    }
    const run = this.#current;
    if (run === null) return;
    if (message.kind === "output") run.ports.onOutput(message.text);
    else if (message.kind === "order") run.ports.vault?.tell(message.message);
    else if (message.kind === "errand") run.track(this.#doErrand(run, message.id, message.errand));
    else if (message.kind === "uses") run.ports.errands.prefetch(message.kinds);
    else if (message.kind === "end") {
      if (!message.end.reusable) this.#dead = true;
      run.finish({ kind: "ended", end: message.end });
      if (this.#dead) void this.#terminate();
    }
  }

  async #doErrand(run: CurrentRun, id: number, errand: Errand): Promise<void> {
    const answer = await this.#answer(run, errand);
    if (run.errands.signal.aborted || this.#dead) return;
    this.#port.postMessage({ kind: "answer", id, answer });
    this.#wake();
  }

  async #answer(run: CurrentRun, errand: Errand): Promise<ErrandAnswer> {
    if (errand.kind === "broker") return forVault(run, errand);
    if (!isUncounted(errand)) return run.ports.errands.perform(errand, run.errands.signal, run.ports.decide);
    run.watch?.pause();
    try {
      if (errand.kind !== "approve") return await forVault(run, errand);
      return { ok: true, value: await run.ports.approve(errand.ticket, run.errands.signal) };
    } catch {
      return { ok: true, value: { answer: "unavailable", by: "nobody" } };
    } finally {
      run.watch?.resume();
    }
  }

  /** Asks first, so that the run reports by itself; kills if it does not. */
  #stop(run: CurrentRun, stop: number): void {
    if (this.#current !== run || run.stopping) return;
    run.stopping = true;
    Atomics.store(this.#signal, SIGNAL.stop, stop);
    this.#wake();
    run.errands.abort();
    setTimeout(() => void this.#kill(run, stop === STOP.time ? "E_LIMIT_TIME" : "E_INTERRUPTED"), GRACE_MS);
  }

  async #kill(run: CurrentRun, code: FatalCode): Promise<void> {
    if (run.done) return;
    this.#dead = true;
    const gone = await this.#terminate();
    run.finish({ kind: "killed", code, message: "the run did not end by itself and was killed", stalled: !gone });
  }

  /** True once the thread is gone; false if it is stuck in a system call and was left behind. */
  async #terminate(): Promise<boolean> {
    void this.#worker.terminate();
    const stalled = new Promise<false>((resolve) => setTimeout(() => resolve(false), STALL_MS).unref());
    return Promise.race([this.#exited.then(() => true), stalled]);
  }

  /** The thread died without being told to: out of the memory of its own heap, or a bug of ours. */
  #failed(error: NodeJS.ErrnoException): void {
    this.#dead = true;
    this.#isReady(false);
    const run = this.#current;
    if (run === null || run.stopping) return;
    run.finish({ kind: "killed", code: this.#codeOf(error), message: error.message, stalled: false });
  }

  #codeOf(error: NodeJS.ErrnoException): FatalCode | null {
    if (this.#closing) return "E_INTERRUPTED";
    return error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "E_LIMIT_MEMORY" : null;
  }

  #wake(): void {
    Atomics.add(this.#signal, SIGNAL.answers, 1);
    Atomics.notify(this.#signal, SIGNAL.answers);
  }
}

const forVault = async (run: CurrentRun, errand: VaultErrand): Promise<ErrandAnswer> =>
  run.ports.vault?.perform(errand, run.errands.signal) ??
  fail({ code: "E_INTERRUPTED", message: "there is no vault, as nothing local-only is declared" });
