/**
 * Bounds computing by count: the engine polls once per 10,000 calls and loop turns, so the same job ends at the same
 * place on every machine, whatever else runs there.
 */
export class Fuel {
  #left: number;

  constructor(polls: number) {
    this.#left = polls;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** The engine's question whether to end now. */
  poll(): "E_LIMIT_TIME" | null {
    this.#left -= 1;
    return this.isSpent ? "E_LIMIT_TIME" : null;
  }
}
