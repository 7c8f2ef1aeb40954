/**
 * The calls that are going on. Each can be interrupted by its client; all are interrupted when the server closes, which
 * waits for them, so that children are gone and records are finished before the process is.
 */
export class Underway {
  readonly #calls = new Map<AbortController, Promise<unknown>>();
  #closed = false;

  async perform<T>(cancelled: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const interrupt = new AbortController();
    const relay = () => interrupt.abort();
    cancelled.addEventListener("abort", relay, { once: true });
    if (cancelled.aborted || this.#closed) relay();
    const done = work(interrupt.signal);
    this.#calls.set(interrupt, done);
    try {
      return await done;
    } finally {
      this.#calls.delete(interrupt);
      cancelled.removeEventListener("abort", relay);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const interrupt of this.#calls.keys()) interrupt.abort();
    await Promise.allSettled(this.#calls.values());
  }
}
