/** Analysis and engine on generated policies and calls. More of them: `ANALYSIS_RUNS=2000 npx vitest run regions --test-timeout=0`. */
import type { Policy } from "@agent-run/policy";
import { plainAnswer } from "@agent-run/policy/testing/plain-answer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calls, type GeneratedCall, loaded, policyTexts, without } from "./generated.fixture.ts";
import { differences, needs, possible } from "./regions.ts";

const CAPABILITIES = ["fs.read", "fs.write", "fs.delete", "net.http_get", "env.read"] as const;
const runs = (numRuns: number) => ({ numRuns: Number(process.env.ANALYSIS_RUNS ?? numRuns) });
function answerTo(policy: Policy, { request, circumstances }: GeneratedCall): string {
  const { effect, sealed } = policy.decide(request, request, circumstances);
  return sealed === undefined ? effect : `${effect} sealed`;
}

/** The plain reading knows rules only: nothing of what is sealed, of ranges of addresses, and of what is opened. */
function isPlain(policy: Policy, { request, circumstances }: GeneratedCall): boolean {
  const { rule } = policy.decide(request, request, circumstances);
  const { localOnly, rules } = policy.data;
  const isRead = rules.every(({ opened, match }) => opened === undefined && match.kind !== "address");
  return localOnly === null && !BUILT_IN.test(rule.id) && isRead;
}

const BUILT_IN = /^builtin\.(?:special_address|loader_variables|error)$/;

describe("on generated policies", () => {
  test("every answer has a call that gets it, every call that is allowed or asked about was foreseen, and a plain reading of the rules agrees", () => {
    fc.assert(
      fc.property(policyTexts, calls, (text, some) => {
        const policy = loaded(text);
        fc.pre(policy !== null);
        const { found, unknown } = possible(policy, { on: CAPABILITIES });
        expect(unknown).toEqual([]);
        expect(found.filter(({ witness }) => witness === null)).toEqual([]);
        const answers = new Set(found.map(({ on, answer }) => `${on} ${answer}`));
        for (const call of some) {
          const answer = answerTo(policy, call);
          if (answer !== "deny") expect(answers).toContain(`${call.request.on} ${answer}`);
          if (isPlain(policy, call))
            expect(plainAnswer(policy.data.rules, call.request, call.circumstances)).toBe(answer);
        }
      }),
      runs(20),
    );
  });

  test("a policy differs from itself nowhere, and from another one wherever a call is answered otherwise", () => {
    fc.assert(
      fc.property(policyTexts, policyTexts, calls, (one, other, some) => {
        const [a, b] = [loaded(one), loaded(other)];
        fc.pre(a !== null && b !== null);
        expect(differences(a, a).found).toEqual([]);
        const { found, unknown } = differences(a, b, CAPABILITIES);
        expect(unknown.filter(({ reason }) => !/in two ways/.test(reason))).toEqual([]);
        expect(found.filter(({ witness }) => witness === null)).toEqual([]);
        const kinds = new Set(found.map(({ on, before, after }) => `${on} ${before} ${after}`));
        for (const call of some) {
          const [before, after] = [answerTo(a, call), answerTo(b, call)];
          if (before !== after) expect(kinds).toContain(`${call.request.on} ${before} ${after}`);
        }
      }),
      runs(8),
    );
  });

  test("a rule is needed exactly where leaving it out changes the answer to a call", () => {
    fc.assert(
      fc.property(policyTexts, calls, (text, some) => {
        const policy = loaded(text);
        fc.pre(policy !== null);
        for (const { rule, changes } of needs(policy, ({ ref }) => /^r\d|^filesystem.read/.test(ref.id))) {
          expect(changes.filter(({ witness }) => witness === null)).toEqual([]);
          const other = without(policy.data, rule.ref.id);
          for (const call of some)
            if (answerTo(policy, call) !== answerTo(other, call))
              expect(changes.map(({ on }) => on)).toContain(call.request.on);
        }
      }),
      runs(8),
    );
  });
});
