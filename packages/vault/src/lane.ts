/**
 * The lane of a run: sealed effects one after another, in the order of the script. What the last tick was too early for is
 * dropped, what is under way is stopped, and work that is ordered later begins anew: that something was dropped must not
 * show in anything but the tick.
 */
export interface Step {
  act(signal: AbortSignal): Promise<unknown>;
  /** It will never be done. */
  drop(): void;
}

export class Lane {
  /** Reads that nothing needed yet; they happen before the next effect, or when their value is asked for. */
  #deferred: Step[] = [];
  #last: Promise<void> = Promise.resolve();
  #stop = new AbortController();

  /** The signal of the work that is ordered now. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  defer(step: Step): void {
    this.#deferred.push(step);
  }

  /** An effect, after everything that was ordered before it. */
  add(step: Step): void {
    const steps = [...this.#deferred, step];
    this.#deferred = [];
    for (const one of steps) this.#append(one);
  }

  /** What changes nothing and looks at nothing that was put off: an answer to the public side. */
  addAnswer(step: Step): void {
    this.#append(step);
  }

  drop(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /** Ends what is under way, and waits until it has. */
  async end(): Promise<void> {
    for (const step of this.#deferred) step.drop();
    this.#deferred = [];
    this.#stop.abort();
    await this.#last;
  }

  #append(step: Step): void {
    const { signal } = this.#stop;
    this.#last = this.#last.then(async () => {
      if (signal.aborted) step.drop();
      else await step.act(signal).catch(() => undefined);
    });
  }
}
