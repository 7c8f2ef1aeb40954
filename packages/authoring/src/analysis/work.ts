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

/** What is spent inside counts together; within another one, for that one, too. `times`: of the usual bound. */
export function boundedWork<T>(run: () => T, times = 1): T {
  const before = left;
  const here = Math.min(before, times * MOST_WORK);
  left = here;
  try {
    return run();
  } finally {
    left = before - (here - left);
  }
}

export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw new TooComplex("the policy is too large and too entangled to be looked at as a whole");
}
