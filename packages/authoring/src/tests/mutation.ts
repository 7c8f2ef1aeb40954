/**
 * How much the tests of a policy would notice: each mutant is asked every test that passes, until one fails. What survives
 * comes with a test that would have noticed it. Step by step, so that who runs it can show progress and stop.
 */
import { type Capability, Policy, type PolicyData, type PolicyTest, type RuleRef } from "@agent-run/policy";
import { percentOf } from "./coverage.ts";
import { equivalenceOf } from "./equivalence.ts";
import { exactDifference } from "./exact.ts";
import { type Mutant, mutantsOf } from "./mutant.ts";
import { answerTo, isAbout, type ReadyTest, type TestBase } from "./ready-test.ts";
import { meets } from "./run-tests.ts";
import { Suggester, type Suggestion } from "./suggest.ts";

export interface MutantFate {
  readonly rule: RuleRef;
  readonly kind: Mutant["kind"];
  readonly what: string;
  readonly fate: Fate;
}

export type Fate =
  | { readonly is: "killed"; readonly by: PolicyTest }
  /** No call tells it from the policy. */
  | { readonly is: "equivalent"; readonly why: string }
  | { readonly is: "survived"; readonly suggestion: Suggestion | null };

export interface MutationScore {
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  readonly survived: readonly MutantFate[];
  /** Killed of those that are not equivalent: 0 to 100, 100 only where none survived. */
  readonly percent: number;
}

/** Tests that fail on the policy itself notice nothing, and are left out. */
export function* fatesOf(data: PolicyData, tests: readonly ReadyTest[], base: TestBase): Generator<MutantFate> {
  const policy = Policy.revive(data);
  let passing: readonly ReadyTest[] = tests.filter(({ test, call }) => meets(test.expect, answerTo(policy, call)));
  const suggester = new Suggester(policy, base);
  for (const mutant of mutantsOf(data, base)) {
    const { rule, kind, what } = mutant;
    const fate = fateOf(mutant, data, passing, suggester);
    if (fate.is === "killed") passing = withFirst(passing, fate.by);
    yield { rule: rule.ref, kind, what, fate };
  }
}

/** What noticed one slip is likely to notice the next: of thousands of tests most are never asked. */
function withFirst(tests: readonly ReadyTest[], test: PolicyTest): readonly ReadyTest[] {
  const at = tests.findIndex((one) => one.test === test);
  return at < 1 ? tests : [...tests.slice(at, at + 1), ...tests.slice(0, at), ...tests.slice(at + 1)];
}

function fateOf(mutant: Mutant, data: PolicyData, tests: readonly ReadyTest[], suggester: Suggester): Fate {
  const why = equivalenceOf(mutant, data);
  if (why !== null) return { is: "equivalent", why };
  const other = Policy.revive(mutant.data);
  const on = [...mutant.rule.parts, ...mutant.parts].flatMap((part) => part.on);
  const killer = tests.find(({ test, call }) => isAbout(call, on) && !meets(test.expect, answerTo(other, call)));
  if (killer !== undefined) return { is: "killed", by: killer.test };
  return fateUnnoticed(mutant, other, on, suggester);
}

/** Guesses come first, since they are quick and look like what people write. */
function fateUnnoticed(mutant: Mutant, other: Policy, on: readonly Capability[], suggester: Suggester): Fate {
  const guessed = suggester.suggest(mutant, other);
  if (guessed !== null && guessed.expect.rule === undefined) return { is: "survived", suggestion: guessed };
  const exact = exactDifference(suggester.policy, other, [...new Set(on)]);
  if (exact.isNone) return { is: "equivalent", why: "no call gets another answer" };
  const [found = guessed] = exact.calls.flatMap((call) => suggester.differs(call, other) ?? []);
  return { is: "survived", suggestion: found };
}

export function scoreOf(fates: readonly MutantFate[]): MutationScore {
  const count = (is: Fate["is"]) => fates.filter(({ fate }) => fate.is === is).length;
  const [killed, equivalent] = [count("killed"), count("equivalent")];
  const survived = fates.filter(({ fate }) => fate.is === "survived");
  return {
    mutants: fates.length,
    killed,
    equivalent,
    survived,
    percent: percentOf(killed, fates.length - equivalent),
  };
}
