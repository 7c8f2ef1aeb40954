/**
 * How often a release rule was used today, over all runs of this user: a file in the state directory, locked while it
 * is read and written. What cannot be counted is not released (DEFAULT-NO).
 */
import { join } from "node:path";
import { countToday } from "@agent-run/effects";
import type { Failure, ReleaseData } from "@agent-run/gate";

export class DayBudget {
  readonly #file: string | null;
  readonly #policyHash: string;

  /** `state`: the state directory; null: there is none, and nothing can be counted. */
  constructor(state: string | null, policyHash: string) {
    this.#file = state === null ? null : join(state, "releases.json");
    this.#policyHash = policyHash;
  }

  /** Null: counted, and within the budget. */
  spend({ name, perDay, ref }: ReleaseData): Failure | null {
    if (perDay === null) return null;
    const counted = this.#file === null ? "failed" : countToday(this.#file, `${this.#policyHash} ${name}`, perDay);
    if (counted === "counted") return null;
    const message =
      counted === "used up"
        ? `the budget of rule \`${name}\` is used up (${perDay} per day)`
        : `the budget of rule \`${name}\` cannot be counted, so nothing is released`;
    return { code: "E_RELEASE", message, rule: ref, hint: "it is counted anew at midnight, UTC" };
  }
}
