/** The steps of the wall in which the program that runs a script has a part: validating, objecting, being told. */
import type { CanonicalRequest, Decision, Effect, Json } from "@agent-run/policy";
import { expect, test } from "vitest";
import type { Errand, ErrandAnswer, Steps } from "./errand.ts";
import { Gate } from "./gate.ts";
import { defineOperation, type OperationContext } from "./operation.ts";
import type { CallReport, GatePorts } from "./ports.ts";
import { isDurable, isRead } from "./recorder.ts";

const on = "tool.a.b";
const request: CanonicalRequest = {
  v: 1,
  on,
  targets: [{ on, role: "call", kind: "tool", value: "a.b" }],
  attrs: { target: "about this" },
  labels: [],
};

class Scene {
  readonly log: string[] = [];
  readonly told: CallReport[] = [];
  effect: Effect = "allow";
  labels: readonly string[] = [];
  consults = true;
  /** What the main thread answers to each errand. */
  answer: (errand: Errand) => ErrandAnswer = () => ({ ok: true, value: { refused: null } });
  durable: boolean | null = null;

  ports(): GatePorts {
    const operation = defineOperation<Json, Json>({
      name: on,
      capabilities: [on],
      class: "read",
      validate: (args, isOpen) => this.#validate(args, isOpen),
      parse: (args) => {
        this.log.push(`parse ${JSON.stringify(args)}`);
        return { ok: true, value: args };
      },
      canonicalize: () => ({ ok: true, value: request }),
      *check(args) {
        return { ok: true, value: { request, plan: args, release: () => undefined } };
      },
      execute: (permit) => this.#execute(permit.spend()),
    });
    return {
      policy: { decide: () => this.#decide(), grants: () => true, grantHint: () => "" },
      operations: new Map([[on, operation]]),
      context: { limits: { maxCalls: 10 }, root: "/work" } as unknown as OperationContext,
      recorder: {
        intent: ({ decision }, durable) => {
          this.log.push(`intent ${decision.effect} ${decision.rule.id}`);
          this.durable = durable;
          return true;
        },
        approval: () => true,
        outcome: () => true,
      },
      flow: {
        labelsOf: () => ({ ok: true, value: this.labels }),
        route: ({ operation }) => ({ ok: true, value: operation }),
      },
      ...(this.consults ? { consults: { shown: (text: string) => text.toUpperCase() } } : {}),
      told: (line) => this.told.push(line),
      hash: () => "hash",
      digest: () => "digest",
      now: () => 0,
    };
  }

  *#validate(args: Json, isOpen: boolean): Steps<{ readonly ok: true; readonly value: Json }> {
    this.log.push(`validate ${isOpen}`);
    return { ok: true, value: isOpen ? { made: args } : args };
  }

  *#execute(args: Json): Steps<{ readonly ok: true; readonly value: { readonly value: Json } }> {
    this.log.push(`effect ${JSON.stringify(args)}`);
    return { ok: true, value: { value: "done" } };
  }

  #decide(): Decision {
    this.log.push("decide");
    const code = this.effect === "deny" ? "E_POLICY_DENIED" : null;
    return { effect: this.effect, code, rule: { id: "rule" }, matched: [], layer: "policy" };
  }

  run(args: Json = 1) {
    const steps = new Gate(this.ports()).perform(on, args);
    let step = steps.next();
    while (!step.done) {
      this.log.push(`${step.value.kind} ${step.value.kind === "consult" ? step.value.call.target : ""}`.trim());
      step = steps.next(this.answer(step.value));
    }
    return step.value;
  }
}

test("the program is asked last, before the intent, and about a text that it may see", () => {
  const scene = new Scene();
  expect(scene.run()).toEqual({ ok: "done" });
  expect(scene.log).toEqual([
    "validate true",
    'parse {"made":1}',
    "decide",
    "consult ABOUT THIS",
    "intent allow rule",
    'effect {"made":1}',
  ]);
  expect(scene.told).toMatchObject([{ seq: 1, capability: on, target: "about this", decision: "allow", code: null }]);
});

test.each<[string, ErrandAnswer, string]>([
  ["with a reason", { ok: true, value: { refused: { reason: "not now" } } }, "not now"],
  ["without one", { ok: true, value: { refused: { reason: null } } }, "no rule of the policy can open this"],
  ["by failing", { ok: false, failure: { code: "E_IO", message: "x" } }, "no rule of the policy can open this"],
])("an objection %s is a denial on the record, and nothing happens", (_, answer, hint) => {
  const scene = new Scene();
  scene.answer = () => answer;
  expect(scene.run()).toMatchObject({ error: { code: "E_POLICY_DENIED", rule: { id: "builtin.host" }, hint } });
  expect(scene.log.slice(-2)).toEqual(["consult ABOUT THIS", "intent deny builtin.host"]);
  expect(scene.told).toMatchObject([{ decision: "deny", rule: "builtin.host", code: "E_POLICY_DENIED" }]);
});

test("what the policy denies is no question to the program, which can let nothing through", () => {
  const scene = new Scene();
  scene.effect = "deny";
  expect(scene.run()).toMatchObject({ error: { code: "E_POLICY_DENIED", rule: { id: "rule" } } });
  expect(scene.log).not.toContain("consult ABOUT THIS");
});

test("a program that has no objections to make is not asked", () => {
  const scene = new Scene();
  scene.consults = false;
  expect(scene.run()).toEqual({ ok: "done" });
  expect(scene.log.join()).not.toContain("consult");
});

test("arguments that hold sealed data are not open to a schema", () => {
  const scene = new Scene();
  scene.labels = ["local"];
  scene.run();
  expect(scene.log.slice(0, 2)).toEqual(["validate false", "parse 1"]);
});

test("a tool is as durable as its definition says, and the worst where nobody says", () => {
  const scene = new Scene();
  scene.run();
  expect(scene.durable).toBe(false);
  expect([
    isDurable(request, {}),
    isDurable(request, { class: "irreversible" }),
    isDurable(request, { class: "write" }),
  ]).toEqual([true, true, false]);
  expect([isRead(request, {}), isRead(request, { class: "read" }), isRead(request, { class: "write" })]).toEqual([
    false,
    true,
    false,
  ]);
  const deleting = { ...request, targets: [{ on: "fs.delete", role: "delete", kind: "path", value: "/x" }] } as const;
  expect(isDurable(deleting, { class: "read" })).toBe(true);
});
