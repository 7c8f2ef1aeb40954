/**
 * Warm workers of one runtime: all booted with the same policy, one run each at a time. A run takes an idle worker; else
 * one is started, as many as there are processors at once, and above that one more for every moment that runs have had
 * to wait: short runs are done sooner by few workers, and long ones (a person is asked, a server is slow) do not hold up
 * the short ones behind them. Above `maxWorkers` a run waits its turn. A worker that died is replaced; one that was
 * started for a crowd ends with it.
 */
import { availableParallelism } from "node:os";
import type { Supervisor } from "./supervisor.ts";

/** Milliseconds that runs wait before another worker is started above the number of processors. */
const PATIENCE_MS = 20;
/** Idle workers that are kept warm. */
const KEPT = Math.max(4, availableParallelism());

type Waiting = (worker: Supervisor | null) => void;

export class Pool {
  readonly #start: () => Supervisor;
  readonly #maxWorkers: number;
  readonly #replace: boolean;
  readonly #idle: Supervisor[] = [];
  readonly #all = new Set<Supervisor>();
  readonly #queue = new Set<Waiting>();
  #growth: NodeJS.Timeout | undefined;
  #closed = false;

  /** `replace`: start a new worker when one died, before it is needed. A one-shot host wants none. */
  constructor(start: () => Supervisor, maxWorkers: number, replace: boolean) {
    this.#start = start;
    this.#maxWorkers = maxWorkers;
    this.#replace = replace;
  }

  /** A worker for one run; null once the pool is closed, or the run was interrupted while it waited. */
  async take(signal?: AbortSignal): Promise<Supervisor | null> {
    if (this.#closed || signal?.aborted) return null;
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (!worker.dead) return worker;
      this.#all.delete(worker);
    }
    if (this.#all.size < Math.min(this.#maxWorkers, availableParallelism())) return this.#grow();
    return this.#wait(signal);
  }

  /** Gives a worker back after its run. */
  give(worker: Supervisor): void {
    if (worker.dead || this.#closed) {
      this.#all.delete(worker);
      if (this.#closed) return;
      const next = this.#next();
      if (next !== undefined) next(this.#grow());
      else if (this.#replace) this.warm();
      return;
    }
    const next = this.#next();
    if (next !== undefined) next(worker);
    else if (this.#idle.length < KEPT) this.#idle.push(worker);
    else void worker.close().finally(() => this.#all.delete(worker));
  }

  /** Kills every worker, runs included, and refuses the waiting. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next(null);
    await Promise.all([...this.#all].map((worker) => worker.close()));
    this.#all.clear();
  }

  /** Starts a worker ahead of its first run. */
  warm(): void {
    if (this.#all.size === 0 && !this.#closed) this.#idle.push(this.#grow());
  }

  #wait(signal: AbortSignal | undefined): Promise<Supervisor | null> {
    return new Promise((resolve) => {
      const leave = () => {
        if (this.#queue.delete(waiting)) waiting(null);
      };
      const waiting: Waiting = (worker) => {
        signal?.removeEventListener("abort", leave);
        resolve(worker);
      };
      this.#queue.add(waiting);
      signal?.addEventListener("abort", leave, { once: true });
      this.#growth ??= setInterval(() => this.#growForQueue(), PATIENCE_MS);
    });
  }

  #growForQueue(): void {
    const isFull = this.#all.size >= this.#maxWorkers;
    if (!isFull) this.#next()?.(this.#grow());
    if (!isFull && this.#queue.size > 0) return;
    clearInterval(this.#growth);
    this.#growth = undefined;
  }

  #next(): Waiting | undefined {
    const [next] = this.#queue;
    if (next !== undefined) this.#queue.delete(next);
    return next;
  }

  #grow(): Supervisor {
    const worker = this.#start();
    this.#all.add(worker);
    return worker;
  }
}
