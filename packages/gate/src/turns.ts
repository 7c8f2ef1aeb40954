/**
 * The order in which a script saw the answers of calls that it had started together (SAME-AGAIN). Kept answers are there at
 * once; they are given in the order in which they were given before, and what is new comes after them.
 */
export class Turns {
  readonly #left: number[];
  readonly #early = new Map<number, string>();
  #later: string[] = [];

  /** `places`: of calls with kept answers, in the order of those. */
  constructor(places: readonly number[]) {
    this.#left = [...places];
  }

  /** What may be given, now that the call at this place is answered. */
  settle(place: number, text: string): readonly string[] {
    if (!this.#left.includes(place)) {
      if (this.#left.length === 0) return [text];
      this.#later.push(text);
      return [];
    }
    this.#early.set(place, text);
    const given: string[] = [];
    for (let [next] = this.#left; next !== undefined; [next] = this.#left) {
      const early = this.#early.get(next);
      if (early === undefined) return given;
      this.#early.delete(next);
      given.push(early);
      this.#left.shift();
    }
    return [...given, ...this.rest()];
  }

  /** What waits for an answer that does not come any more. */
  rest(): readonly string[] {
    const rest = [...this.#early.values(), ...this.#later];
    this.#left.length = 0;
    this.#early.clear();
    this.#later = [];
    return rest;
  }
}
