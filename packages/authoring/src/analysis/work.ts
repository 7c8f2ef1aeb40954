/**
 * What a question may cost. The bounds of single automata and walks say nothing about their number: a thousand rules, each
 * just within them, would take hours. So everything that is done for one capability is counted together, in steps that
 * take about as long as looking at one node, and beyond the bound the answer is that it is not known.
 */

/** An analysis that was given up; its message says what about. */
export class TooComplex extends Error {}

/** Steps for one capability: some seconds. */
const MOST_WORK = 60_000_000;

let left = Number.POSITIVE_INFINITY;

/** Steps for what is done one after the other: of one question, or of several that share it, so that all of them together end. */
export class Effort {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** What is spent meanwhile counts for it, and for each effort that this happens within. */
  within<T>(run: () => T): T {
    const before = left;
    const here = Math.min(before, this.#left);
    left = here;
    try {
      return run();
    } finally {
      const spent = here - left;
      this.#left -= spent;
      left = before - spent;
    }
  }
}

/** `times`: of the usual bound. */
export const boundedWork = <T>(run: () => T, times = 1): T => new Effort(times * MOST_WORK).within(run);

/** Throws `TooComplex` where an effort that this happens within does not have them. */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw new TooComplex("the policy is too large and too entangled to be looked at as a whole");
}
