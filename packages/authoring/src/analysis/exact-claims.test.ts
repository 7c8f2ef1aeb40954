/** What analyses claim, on policies of a wider world; more of them: `npm run eval:exact`. */
import { expect, test } from "vitest";
import { caseOf, emptyTally, failureOf, smaller } from "./exact-claims.fixture.ts";
import { type About, textOf } from "./exact-policies.fixture.ts";

test.each<About>(["all", "commands"])(
  "nothing that is claimed about generated policies is refuted by a call: %s",
  (about) => {
    const tally = emptyTally();
    for (let seed = 1; seed <= (about === "all" ? 25 : 10); seed++) {
      const given = caseOf(seed, 30, about);
      const failure = failureOf(given, tally);
      if (failure === null) continue;
      const least = smaller(given, failure.claim);
      throw new Error(
        `seed ${seed}: ${failure.claim}: ${failure.says}\n${textOf(least.one)}\n---\n${textOf(least.other)}`,
      );
    }
    expect(tally.policies).toBeGreaterThan(0);
    expect(tally.witnesses).toBeGreaterThan(0);
  },
);
