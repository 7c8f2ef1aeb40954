/**
 * While a call goes on, a client that asked for progress hears of it, and of what the call waits for; many clients give
 * up on silent calls. Over HTTP the stream itself has a heartbeat for those that did not ask.
 */
import type { ServerContext } from "@modelcontextprotocol/server";

/** Milliseconds between two notifications; clients that wait for one wait for ten seconds or more. */
const EVERY_MS = 2000;

export class Heartbeat {
  readonly #since = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #state: string;

  /** `state`: what the call does or waits for, as in `waits for its turn`. */
  constructor({ mcpReq }: ServerContext, state: string) {
    this.#state = state;
    const progressToken = mcpReq._meta?.progressToken;
    if (progressToken === undefined) return;
    this.#timer = setInterval(() => {
      const progress = Math.round((performance.now() - this.#since) / 1000);
      const params = { progressToken, progress, message: `${this.#state} (${progress} s)` };
      mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
    }, EVERY_MS);
  }

  says(state: string): void {
    this.#state = state;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
