/**
 * The calls that are going on. Each can be interrupted by its client; all are interrupted when the server closes, which
 * waits for them, so that children are gone and records are finished before the process is. How many there are at once,
 * and what their arguments take, is bounded: what waits is held in memory.
 */
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { Room } from "./room.ts";

const MOST_CALLS = 4000;
/** Characters and members of arguments. */
const MOST_WEIGHT = 256 * 1024 * 1024;

export class Underway {
  readonly #calls = new Map<AbortController, Promise<unknown>>();
  readonly #room = new Room(MOST_WEIGHT);
  readonly #mostCalls: number;
  #closed = false;

  constructor(mostCalls = MOST_CALLS) {
    this.#mostCalls = mostCalls;
  }

  async perform<T>(given: unknown, cancelled: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const weight = weightOf(given);
    if (this.#calls.size >= this.#mostCalls || !this.#room.take(weight)) throw busy();
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
      this.#room.give(weight);
      cancelled.removeEventListener("abort", relay);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const interrupt of this.#calls.keys()) interrupt.abort();
    await Promise.allSettled(this.#calls.values());
  }
}

const busy = () =>
  new ProtocolError(ProtocolErrorCode.InternalError, "too many calls are under way: wait for the answers of some");

/** Without recursion: arguments nest as deep as who sent them likes. */
function weightOf(value: unknown): number {
  let weight = 0;
  for (let level = [value]; level.length > 0; ) {
    const next: unknown[] = [];
    for (const one of level) {
      weight += typeof one === "string" ? one.length : 8;
      if (typeof one !== "object" || one === null) continue;
      for (const [key, member] of Object.entries(one)) {
        weight += key.length;
        next.push(member);
      }
    }
    level = next;
  }
  return weight;
}
