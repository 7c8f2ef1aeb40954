/**
 * A `[[test]]` made ready: the canonical request of its call under one policy, and what is around the call. Lexical, as
 * `policy explain` is: nothing is resolved and no disk is touched, so a test says the same on every machine.
 */
import {
  type CanonicalRequest,
  type Capability,
  type Circumstances,
  type Decision,
  isAmong,
  type Policy,
  type PolicyData,
  type PolicyTest,
  requestOf,
} from "@agent-run/policy";

export interface ReadyTest {
  readonly test: PolicyTest;
  readonly call: ReadyCall;
}

export interface ReadyCall {
  readonly request: CanonicalRequest;
  readonly circumstances: Circumstances;
}

/** A test whose call is none. */
export interface BrokenTest {
  readonly test: PolicyTest;
  readonly message: string;
}

export interface TestBase {
  /** What `~` stands for. */
  readonly home: string;
}

export function readyTests(
  tests: readonly PolicyTest[],
  data: PolicyData,
  base: TestBase,
): { readonly ready: readonly ReadyTest[]; readonly broken: readonly BrokenTest[] } {
  const ready: ReadyTest[] = [];
  const broken: BrokenTest[] = [];
  for (const test of tests) {
    const { call, circumstances } = test.given;
    const request = requestOf(call, data, base);
    if (request.ok) ready.push({ test, call: { request: request.value, circumstances } });
    else broken.push({ test, message: request.failure.message });
  }
  return { ready, broken };
}

/** What a policy answers to a call, under the circumstances that the test fixed. */
export const answerTo = (policy: Policy, { request, circumstances }: ReadyCall): Decision =>
  policy.decide(request, request, circumstances);

/** Does a call touch anything that these capabilities are about? */
export const isAbout = ({ request }: ReadyCall, on: readonly Capability[]): boolean =>
  request.targets.some((target) => isAmong(on, target.on));
