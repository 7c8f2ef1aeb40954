/** Asks a policy what its tests say it answers. One answer a test, whatever order; an answer is never an exception. */
import { type Decision, Policy, type PolicyData, type PolicyTest } from "@agent-run/policy";
import { NearCauses } from "./near-cause.ts";
import { answerTo, type ReadyTest } from "./ready-test.ts";

export interface TestResult {
  readonly test: PolicyTest;
  readonly passed: boolean;
  readonly decision: Decision;
  /** What differs, each as `the effect is allow`; none where it passed. */
  readonly differences: readonly string[];
  /** What nearly made it so; null: nothing did. */
  readonly near: string | null;
}

/** For so many failing tests the near cause is looked for: who has more mends these first. */
const MOST_CAUSES = 50;

export function runTests(data: PolicyData, tests: readonly ReadyTest[]): readonly TestResult[] {
  const policy = Policy.revive(data);
  const causes = new NearCauses(data);
  let explained = 0;
  return tests.map(({ test, call }) => {
    const decision = answerTo(policy, call);
    const differences = differencesOf(test.expect, decision);
    const passed = differences.length === 0;
    const near = passed || explained++ >= MOST_CAUSES ? null : causes.of(test.expect, call, decision);
    return { test, passed, decision, differences, near };
  });
}

/** Does the answer say what the test expects? */
export const meets = (expect: PolicyTest["expect"], decision: Decision): boolean =>
  decision.effect === expect.effect &&
  (expect.rule === undefined || expect.rule === decision.rule.id) &&
  (expect.code === undefined || expect.code === decision.code);

function differencesOf(expect: PolicyTest["expect"], decision: Decision): readonly string[] {
  const { effect, rule, code } = decision;
  return [
    ...(effect === expect.effect ? [] : [`expected ${expect.effect}, got ${effect}`]),
    ...(expect.rule === undefined || expect.rule === rule.id
      ? []
      : [`expected rule \`${expect.rule}\`, got \`${rule.id}\``]),
    ...(expect.code === undefined || expect.code === code
      ? []
      : [`expected code ${expect.code}, got ${code ?? "none"}`]),
  ];
}
