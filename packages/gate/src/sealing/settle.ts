/**
 * The settle clock, as a run sees it. Sealed work resolves at once; that it has happened shows only at ticks: before the
 * next public effect, at `seal.settle()`, at a release and at the end of the run. How often a run may wait bounds what
 * ticks can tell (reference: R1).
 */
import { type Failure, fail, ok, type Result } from "@agent-run/policy";
import { errand, type Steps } from "../errand.ts";
import type { AnyOperation } from "../operation.ts";

export class SettleState {
  readonly #maxWaits: number;
  readonly #waited: (ms: number) => void;
  #waits = 0;
  #isDue = false;
  /** Started calls that wait for a tick now. */
  #waiting = 0;

  /** `waited`: told of each tick, in milliseconds of the settle clock. */
  constructor(maxWaits: number, waited: (ms: number) => void = () => undefined) {
    this.#maxWaits = maxWaits;
    this.#waited = waited;
  }

  /** Sealed work was ordered since the last tick that the run waited for. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** A public effect must not happen now: it would come before sealed work that the script put before it. */
  get mustWait(): boolean {
    return this.#isDue || this.#waiting > 0;
  }

  /** Sealed work was ordered that changes something, or takes a while. */
  ordered(): void {
    this.#isDue = true;
  }

  /** One more settle point of a run, or why it may have none. */
  admit(): Failure | null {
    if (this.#waits >= this.#maxWaits) return waitsUsedUp(this.#maxWaits);
    this.#waits += 1;
    this.#isDue = false;
    return null;
  }

  /** Waits for a tick; `durationMs`: for exactly that long. */
  *wait(durationMs: number | null): Steps<Result<null>> {
    const refused = this.admit();
    return refused === null ? yield* this.#tick(durationMs) : fail(refused);
  }

  /** The end of a run: a settle point that is always there. */
  *end(): Steps<Result<null>> {
    this.#isDue = false;
    return yield* this.#tick(null);
  }

  *#tick(durationMs: number | null, joins = false): Steps<Result<null>> {
    this.#waiting += 1;
    try {
      const answer = yield* errand<"settle">({ kind: "settle", durationMs, joins });
      if (!answer.ok) return answer;
      if (!joins) this.#waited(answer.value.waitedMs);
      return ok(null);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** The same operation, begun at a tick if sealed work came before it: not even a name is resolved earlier. */
  before(operation: AnyOperation): AnyOperation {
    if (!this.mustWait) return operation;
    const wait = () => this.#forPublicEffect();
    return {
      ...operation,
      *check(args, typed, context) {
        const waited = yield* wait();
        return waited.ok ? yield* operation.check(args, typed, context) : waited;
      },
    };
  }

  *#forPublicEffect(): Steps<Result<null>> {
    if (this.#isDue) return yield* this.wait(null);
    return this.#waiting > 0 ? yield* this.#tick(null, true) : ok(null);
  }
}

const waitsUsedUp = (max: number): Failure => ({
  code: "E_WAITS",
  message: `this run has already waited for sealed work ${max} ${max === 1 ? "time" : "times"} (\`max_waits\`)`,
  hint: "put the public calls before or after all of the sealed work, or raise `max_waits` in `[local_only]`",
});
