/**
 * Warm workers of one runtime: all booted with the same policy, one run each at a time. A run takes an idle worker or
 * starts one, up to `maxWorkers`; above that it waits its turn. A worker that died is replaced.
 */
import type { Supervisor } from "./supervisor.ts";

export class Pool {
  readonly #start: () => Supervisor;
  readonly #maxWorkers: number;
  readonly #replace: boolean;
  readonly #idle: Supervisor[] = [];
  readonly #all = new Set<Supervisor>();
  readonly #queue: ((worker: Supervisor | null) => void)[] = [];
  #closed = false;

  /** `replace`: start a new worker when one died, before it is needed. A one-shot host wants none. */
  constructor(start: () => Supervisor, maxWorkers: number, replace: boolean) {
    this.#start = start;
    this.#maxWorkers = maxWorkers;
    this.#replace = replace;
  }

  /** A worker for one run; null once the pool is closed. */
  async take(): Promise<Supervisor | null> {
    if (this.#closed) return null;
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (!worker.dead) return worker;
      this.#all.delete(worker);
    }
    if (this.#all.size < this.#maxWorkers) return this.#grow();
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  /** Gives a worker back after its run. */
  give(worker: Supervisor): void {
    if (worker.dead || this.#closed) {
      this.#all.delete(worker);
      if (this.#closed) return;
      const next = this.#queue.shift();
      if (next !== undefined) next(this.#grow());
      else if (this.#replace) this.warm();
      return;
    }
    const next = this.#queue.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }

  /** Kills every worker, runs included, and refuses the waiting. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting(null);
    await Promise.all([...this.#all].map((worker) => worker.close()));
    this.#all.clear();
  }

  /** Starts a worker ahead of its first run. */
  warm(): void {
    if (this.#all.size === 0 && !this.#closed) this.#idle.push(this.#grow());
  }

  #grow(): Supervisor {
    const worker = this.#start();
    this.#all.add(worker);
    return worker;
  }
}
