import type { Checked } from "./operation.ts";

/**
 * Proof that one call was decided, budgeted and recorded. Minted in gate.ts only (a law test counts), single use,
 * and it carries the plan that was checked, so an executor has nothing to re-read between check and use.
 */
const MINT = Symbol("mint");

export class Permit<in out Plan> {
  readonly seq: number;
  readonly #checked: Checked<Plan>;
  #spent = false;

  constructor(key: typeof MINT, checked: Checked<Plan>, seq: number) {
    if (key !== MINT) throw new InvariantViolation("a permit was made outside the gate");
    this.#checked = checked;
    this.seq = seq;
    Object.freeze(this);
  }

  /** The checked plan. A second call is a bug of ours. */
  spend(): Plan {
    if (this.#spent) throw new InvariantViolation("a permit was spent twice");
    this.#spent = true;
    return this.#checked.plan;
  }
}

/** For gate.ts alone. */
export const mintPermit = <Plan>(checked: Checked<Plan>, seq: number): Permit<Plan> => new Permit(MINT, checked, seq);

/** A bug of ours: ends the trust in this run. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}
