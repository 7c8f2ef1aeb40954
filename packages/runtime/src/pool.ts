/**
 * Warm workers of one runtime: all booted with the same policy, one run each at a time. A run takes an idle worker; else
 * one is started, as many as there are processors at once, and above that one more for every moment that runs have had
 * to wait: short runs are done sooner by few workers, and long ones (a server is slow) do not hold up
 * the short ones behind them. Above `maxWorkers` a run waits its turn. A run that waits for a person keeps its worker, with
 * the live VM in it, and is not counted meanwhile. A worker that died is replaced; one that was started for a crowd ends
 * with it.
 */
import { availableParallelism } from "node:os";
import type { Supervisor } from "./supervisor.ts";

/** Milliseconds that runs wait before another worker is started above the number of processors. */
const PATIENCE_MS = 20;
/** Idle workers that are kept warm. */
const KEPT = Math.max(4, availableParallelism());

/** Runs that wait for people without being counted: what bounds memory, however many there are. */
const MAX_ASIDE = 128;

type Waiting = (worker: Supervisor | null) => void;

export class Pool {
  readonly #start: () => Supervisor;
  readonly #maxWorkers: number;
  readonly #replace: boolean;
  readonly #idle: Supervisor[] = [];
  readonly #all = new Set<Supervisor>();
  readonly #queue = new Set<Waiting>();
  /** No runs are theirs any more; their threads may not have ended. */
  readonly #retired = new Set<Supervisor>();
  /** Of workers whose runs wait for people: how many questions of each. */
  readonly #aside = new Map<Supervisor, number>();
  #growth: NodeJS.Timeout | undefined;
  #starting = 0;
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
    if (this.#counted < Math.min(this.#maxWorkers, availableParallelism())) return this.#grow();
    return this.#wait(signal);
  }

  /** `wait` may take a person's time: another run begins instead. When it is over there may be one run more at work. */
  async aside<T>(worker: Supervisor, wait: () => Promise<T>): Promise<T> {
    const questions = this.#aside.get(worker) ?? 0;
    if (questions === 0 && this.#aside.size >= MAX_ASIDE) return wait();
    this.#aside.set(worker, questions + 1);
    if (questions === 0 && !this.#closed) this.#growForQueue();
    try {
      return await wait();
    } finally {
      const left = (this.#aside.get(worker) ?? 1) - 1;
      if (left > 0) this.#aside.set(worker, left);
      else this.#aside.delete(worker);
    }
  }

  /** Gives a worker back after its run. */
  give(worker: Supervisor): void {
    // After people have answered there are more at work than may begin.
    const isOneTooMany = this.#counted > this.#maxWorkers;
    if (worker.dead || this.#closed) {
      this.#all.delete(worker);
      if (this.#closed || isOneTooMany) return;
      const next = this.#next();
      if (next !== undefined) next(this.#grow());
      else if (this.#replace) this.warm();
      return;
    }
    const next = isOneTooMany ? undefined : this.#next();
    if (next !== undefined) next(worker);
    else if (!isOneTooMany && this.#idle.length < KEPT) this.#idle.push(worker);
    else this.#retire(worker);
  }

  /** Kills every worker, runs included, and refuses the waiting. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next(null);
    await Promise.all([...this.#all, ...this.#retired].map((worker) => worker.close()));
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
    const isFull = this.#counted >= this.#maxWorkers;
    if (!isFull && this.#queue.size > 0) {
      // To start one takes as long as a hundred short runs; many at once would keep the processors from those.
      if (this.#starting < availableParallelism()) void this.#growReady();
      return;
    }
    clearInterval(this.#growth);
    this.#growth = undefined;
  }

  /** Takes a run once it can begin at once: one that is already warm may have come first. */
  async #growReady(): Promise<void> {
    const worker = this.#grow();
    this.#starting += 1;
    await worker.started();
    this.#starting -= 1;
    this.give(worker);
  }

  #retire(worker: Supervisor): void {
    this.#all.delete(worker);
    this.#retired.add(worker);
    void worker.close().finally(() => this.#retired.delete(worker));
  }

  get #counted(): number {
    return this.#all.size - this.#aside.size;
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
