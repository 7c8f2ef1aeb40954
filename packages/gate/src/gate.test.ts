/** The wall, step by step. (Longer than other files: every case stands on the one scene below.) */
import type { CanonicalRequest, Capability, Decision, Effect, Failure, Json, Result } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { type ErrandAnswers, errand, type Steps } from "./errand.ts";
import { Gate } from "./gate.ts";
import { type AnyOperation, type Checked, type Done, defineOperation, type OperationContext } from "./operation.ts";
import { InvariantViolation, Permit } from "./permit.ts";
import type { GatePorts } from "./ports.ts";
import type { Recorder } from "./recorder.ts";

/** A world of one file; every step that happens is written down, so that a test sees the order and what did not happen. */
class Scene {
  readonly log: string[] = [];
  readonly intents: Decision[] = [];
  effects = 0;
  released = 0;
  /** Answers of the policy: to what was typed, then to what the check added. */
  decisions: (Effect | "throw")[] = ["allow", "allow"];
  granted = true;
  failing: "intent" | "outcome" | "asked" | "approval" | null = null;
  checkFailure: Failure | null = null;
  /** A guard of the check says no, once the targets are decided. */
  guard: Failure | null = null;
  /** The check needs an errand, as one that resolves a name. */
  checkLeaves = false;
  /** Rules that match, for each decision. */
  matched: (readonly string[])[] = [];
  redirects = 0;
  spends = 1;
  maxCalls = 100;
  capability: Capability = "fs.delete";
  labels: readonly string[] = [];
  /** How each intent and outcome was to be written. */
  readonly durable: boolean[] = [];
  readonly mayWait: boolean[] = [];
  permit: Permit<string> | null = null;

  gate(): Gate {
    return new Gate(this.ports());
  }

  ports(): GatePorts {
    const context = { limits: { maxCalls: this.maxCalls }, root: "/work" } as unknown as OperationContext;
    return {
      policy: {
        decide: (request) => this.#decide(request),
        grants: () => this.granted,
        grantHint: () => '[filesystem] write_allow = ["out"]',
      },
      operations: new Map([["touch", this.#operation()]]),
      context,
      recorder: this.#recorder(),
      hash: () => "hash",
      digest: () => "digest",
      now: () => 0,
    };
  }

  #decide(request: CanonicalRequest): Decision {
    const effect = this.decisions.shift() ?? "allow";
    this.log.push(`decide ${request.targets.map(({ value }) => value).join(" ")}`);
    if (effect === "throw") throw new Error("a bug of the policy");
    const [target] = request.targets;
    const rule = { id: "rule", file: "p.toml", line: 3 };
    const code = effect === "deny" ? "E_POLICY_DENIED" : null;
    const matched = this.matched.shift() ?? [];
    return { effect, code, rule, matched, layer: "policy", ...(effect === "allow" || !target ? {} : { target }) };
  }

  #operation(): AnyOperation {
    const at = (value: string): CanonicalRequest => ({
      v: 1,
      on: this.capability,
      targets: [{ on: this.capability, role: "delete", kind: "path", value }],
      attrs: {},
      labels: this.labels,
    });
    return defineOperation<string, string>({
      name: "touch",
      capabilities: ["fs.delete"],
      parse: (args: Json, hops: number) => {
        this.log.push(`parse ${hops}`);
        return typeof args === "string"
          ? { ok: true, value: args }
          : { ok: false, failure: { code: "E_ARGUMENT", message: "`path` must be a string" } };
      },
      canonicalize: (path) => ({ ok: true, value: at(`/work/${path}`) }),
      check: (path) => this.#check(path, at(`/real/${path}`)),
      execute: (permit) => this.#execute(permit),
    });
  }

  *#check(path: string, request: CanonicalRequest): Steps<Result<Checked<string>>> {
    this.log.push("check");
    if (this.checkLeaves) {
      try {
        yield* errand({ kind: "resolve", host: "a", timeoutMs: 1 });
        this.log.push("resolved");
      } finally {
        this.log.push("check ended");
      }
    }
    if (this.checkFailure !== null) return { ok: false, failure: this.checkFailure };
    const release = () => {
      this.released += 1;
    };
    const denied = this.guard === null ? {} : { denied: this.guard };
    return { ok: true, value: { request, plan: path, ...denied, release } };
  }

  *#execute(permit: Permit<string>): Steps<Result<Done>> {
    this.permit = permit;
    for (let i = 0; i < this.spends; i += 1) permit.spend();
    this.log.push("effect");
    this.effects += 1;
    const next = this.redirects-- > 0 ? { next: "again" } : {};
    return { ok: true, value: { value: "done", ...next } };
  }

  #recorder(): Recorder {
    const note = (kind: "intent" | "outcome" | "asked" | "approval") => {
      this.log.push(kind);
      return this.failing !== kind;
    };
    return {
      intent: ({ decision }, durable) => {
        this.intents.push(decision);
        this.durable.push(durable);
        return note("intent");
      },
      approval: ({ event }) => note(event === "asked" ? event : "approval"),
      outcome: (_entry, mayWait) => {
        this.mayWait.push(mayWait);
        return note("outcome");
      },
    };
  }
}

/** Drives the steps; every approval is answered with `answer`. */
function perform(gate: Gate, args: Json = "a", answer: "allow" | "deny" | "timeout" | "unavailable" = "allow") {
  const steps = gate.perform("touch", args);
  let step = steps.next();
  while (!step.done) step = steps.next({ ok: true, value: { answer, by: "test" } });
  return step.value;
}

describe("the order of the wall", () => {
  test("decides what was typed, checks, decides what that added, records, acts, records", () => {
    const scene = new Scene();
    expect(perform(scene.gate())).toEqual({ ok: "done" });
    expect(scene.log).toEqual(["parse 0", "decide /work/a", "check", "decide /real/a", "intent", "effect", "outcome"]);
    expect(scene.released).toBe(1);
  });

  test("a refusal of what was typed touches nothing, and is recorded", () => {
    const scene = new Scene();
    scene.decisions = ["deny"];
    expect(perform(scene.gate())).toMatchObject({
      error: { code: "E_POLICY_DENIED", target: "a", rule: { id: "rule", line: 3 } },
    });
    expect(scene.log).toEqual(["parse 0", "decide /work/a", "intent"]);
  });

  test("a refusal of what the check found has no effect and names only what was typed", () => {
    const scene = new Scene();
    scene.decisions = ["allow", "deny"];
    const answer = perform(scene.gate());
    expect(answer).toMatchObject({ error: { code: "E_POLICY_DENIED", target: "a" } });
    expect(JSON.stringify(answer)).not.toContain("/real");
    expect([scene.effects, scene.released]).toEqual([0, 1]);
  });

  test("bad arguments reach neither the policy nor the world", () => {
    const scene = new Scene();
    expect(perform(scene.gate(), 5)).toMatchObject({ error: { code: "E_ARGUMENT" } });
    expect(scene.log).toEqual(["parse 0"]);
  });

  test("a failed check is recorded with its code and has no effect", () => {
    const scene = new Scene();
    scene.checkFailure = { code: "E_NOT_FOUND", message: "there is no `a`" };
    expect(perform(scene.gate())).toEqual({ error: scene.checkFailure });
    expect(scene.log).toEqual(["parse 0", "decide /work/a", "check", "intent", "outcome"]);
  });

  test("a guard of the check that says no is a denial on the record and in the report, under its own rule", () => {
    const guard: Failure = { code: "E_POLICY_DENIED", message: "no", rule: { id: "builtin.guard" }, hint: "leave it" };
    for (const stage of ["checkFailure", "guard"] as const) {
      const scene = new Scene();
      scene[stage] = guard;
      const gate = scene.gate();
      expect(perform(gate)).toEqual({ error: guard });
      expect(scene.intents).toMatchObject([{ effect: "deny", code: "E_POLICY_DENIED", rule: { id: "builtin.guard" } }]);
      expect(gate.calls).toMatchObject([{ decision: "deny", rule: "builtin.guard", code: "E_POLICY_DENIED" }]);
      expect([scene.effects, scene.log.includes("outcome")]).toEqual([0, false]);
    }
  });

  test("what the policy refuses is refused in its words, whatever a guard says; nobody is asked about what a guard denies", () => {
    const guard: Failure = { code: "E_POLICY_DENIED", message: "no", rule: { id: "builtin.guard" } };
    const refused = new Scene();
    refused.guard = guard;
    refused.decisions = ["allow", "deny"];
    expect(perform(refused.gate())).toMatchObject({ error: { rule: { id: "rule" } } });
    const asked = new Scene();
    asked.guard = guard;
    asked.decisions = ["allow", "ask"];
    expect(perform(asked.gate())).toEqual({ error: guard });
    expect(asked.log).not.toContain("approval");
  });

  test("a redirect is a new call: decided, recorded and counted anew", () => {
    const scene = new Scene();
    scene.redirects = 1;
    const gate = scene.gate();
    expect(perform(gate)).toEqual({ ok: "done" });
    expect(scene.log.filter((entry) => entry.startsWith("decide"))).toHaveLength(4);
    expect(scene.log).toContain("parse 1");
    expect(gate.calls).toHaveLength(2);
  });

  test("a redirect that is refused ends there", () => {
    const scene = new Scene();
    scene.redirects = 1;
    scene.decisions = ["allow", "allow", "deny"];
    expect(perform(scene.gate())).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
    expect(scene.effects).toBe(1);
  });
});

describe("what fails is a no", () => {
  for (const at of [0, 1]) {
    test(`an exception in the policy's ${at === 0 ? "first" : "second"} answer is a denial`, () => {
      const scene = new Scene();
      scene.decisions = at === 0 ? ["throw"] : ["allow", "throw"];
      expect(perform(scene.gate())).toMatchObject({
        error: { code: "E_POLICY_DENIED", rule: { id: "builtin.error" } },
      });
      expect(scene.effects).toBe(0);
    });
  }

  test("without an intent on the record nothing happens, now and later in the run", () => {
    const scene = new Scene();
    scene.failing = "intent";
    const gate = scene.gate();
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    scene.failing = null;
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    expect([scene.effects, gate.closed, scene.released]).toEqual([0, true, 1]);
  });

  test("an outcome that cannot be recorded closes the gate", () => {
    const scene = new Scene();
    scene.failing = "outcome";
    const gate = scene.gate();
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    scene.failing = null;
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    expect([scene.effects, gate.closed]).toEqual([1, true]);
  });

  test("a refusal that cannot be recorded closes the gate", () => {
    const scene = new Scene();
    scene.failing = "intent";
    scene.decisions = ["deny"];
    const gate = scene.gate();
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    expect(gate.closed).toBe(true);
  });

  test.each(["intent", "outcome"] as const)("a failed check whose %s cannot be recorded closes the gate", (record) => {
    const scene = new Scene();
    scene.checkFailure = { code: "E_NOT_FOUND", message: "there is no `a`" };
    scene.failing = record;
    const gate = scene.gate();
    expect(perform(gate)).toMatchObject({ error: { code: "E_AUDIT" } });
    expect(gate.closed).toBe(true);
  });

  test("a label is a bug that ends the run, as long as no flow rule could judge it", () => {
    const scene = new Scene();
    scene.labels = ["local"];
    expect(() => perform(scene.gate())).toThrow(InvariantViolation);
    expect([scene.effects, scene.released]).toEqual([0, 0]);
  });

  test("an operation that spends its permit twice is a bug that ends the run", () => {
    const scene = new Scene();
    scene.spends = 2;
    expect(() => perform(scene.gate())).toThrow(InvariantViolation);
    expect([scene.effects, scene.released]).toEqual([0, 1]);
  });

  test("an unknown operation is refused", () => {
    const steps = new Scene().gate().perform("fs.format", null);
    expect(steps.next().value).toMatchObject({ error: { code: "E_ARGUMENT" } });
  });

  test("a capability that nothing could grant says so, with the line that would", () => {
    const scene = new Scene();
    scene.decisions = ["deny"];
    scene.granted = false;
    const hint = expect.stringContaining("write_allow");
    expect(perform(scene.gate())).toMatchObject({ error: { code: "E_CAPABILITY", hint } });
  });
});

describe("approvals", () => {
  const answers = [
    ["deny", "E_APPROVAL_DENIED"],
    ["timeout", "E_APPROVAL_TIMEOUT"],
    ["unavailable", "E_APPROVAL_UNAVAILABLE"],
  ] as const;
  for (const [answer, code] of answers) {
    test(`${answer} means no effect and ${code}, on the record`, () => {
      const scene = new Scene();
      scene.decisions = ["ask"];
      expect(perform(scene.gate(), "a", answer)).toMatchObject({ error: { code } });
      expect(scene.effects).toBe(0);
      expect(scene.log.slice(-2)).toEqual(["approval", "intent"]);
      expect(scene.log).toContain("asked");
    });
  }

  test("a yes is recorded before the intent and the effect", () => {
    const scene = new Scene();
    scene.decisions = ["allow", "ask"];
    expect(perform(scene.gate())).toEqual({ ok: "done" });
    expect(scene.log.slice(-4)).toEqual(["approval", "intent", "effect", "outcome"]);
  });

  test("an errand that fails is no yes", () => {
    const scene = new Scene();
    scene.decisions = ["allow", "ask"];
    const steps = scene.gate().perform("touch", "a");
    steps.next();
    const failed = { ok: false, failure: { code: "E_INTERRUPTED", message: "ended" } } as const;
    expect(steps.next(failed).value).toMatchObject({ error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect(scene.effects).toBe(0);
  });

  test("a yes that cannot be recorded is no yes", () => {
    const scene = new Scene();
    scene.decisions = ["ask"];
    scene.failing = "approval";
    expect(perform(scene.gate())).toMatchObject({ error: { code: "E_AUDIT" } });
    expect(scene.effects).toBe(0);
  });

  test("a question that cannot be recorded is not asked", () => {
    const scene = new Scene();
    scene.decisions = ["ask"];
    scene.failing = "asked";
    expect(scene.gate().perform("touch", "a").next()).toMatchObject({
      done: true,
      value: { error: { code: "E_AUDIT" } },
    });
    expect(scene.effects).toBe(0);
  });

  test("a no is told with what its approver wrote, and a question that could not be put with what to do", () => {
    const told = (value: ErrandAnswers["approve"]) => {
      const scene = new Scene();
      scene.decisions = ["ask"];
      const steps = scene.gate().perform("touch", "a");
      steps.next();
      return steps.next({ ok: true, value }).value;
    };
    expect(told({ answer: "deny", by: "key:ann", comment: "not today" })).toMatchObject({
      error: { code: "E_APPROVAL_DENIED", message: expect.stringMatching(/: not today$/) },
    });
    expect(told({ answer: "unavailable", by: "nobody", hint: "write a rule" })).toMatchObject({
      error: { code: "E_APPROVAL_UNAVAILABLE", hint: "write a rule" },
    });
  });

  describe("about a call whose check leaves this host", () => {
    const leaving = (...decisions: Effect[]) => {
      const scene = new Scene();
      scene.checkLeaves = true;
      scene.decisions = decisions;
      return scene;
    };

    test("come before it, once", () => {
      const scene = leaving("ask", "ask");
      scene.matched = [["a"], ["a"]];
      expect(perform(scene.gate())).toEqual({ ok: "done" });
      const asked = [
        "check",
        "asked",
        "approval",
        "resolved",
        "check ended",
        "decide /real/a",
        "intent",
        "effect",
        "outcome",
      ];
      expect(scene.log.slice(2)).toEqual(asked);
    });

    for (const [answer, code] of answers) {
      test(`${answer}: it never leaves, and the check is ended`, () => {
        const scene = leaving("ask");
        const gate = scene.gate();
        const steps = gate.perform("touch", "a");
        expect(steps.next().value).toMatchObject({ kind: "approve" });
        const end = steps.next({ ok: true, value: { answer, by: "test" } });
        expect(end).toMatchObject({ done: true, value: { error: { code } } });
        expect(scene.log).toEqual(["parse 0", "decide /work/a", "check", "asked", "approval", "intent", "check ended"]);
        expect(gate.calls).toMatchObject([{ seq: 1, decision: "ask" }]);
      });
    }

    test("do not open what the check finds to be denied", () => {
      const scene = leaving("ask", "deny");
      const gate = scene.gate();
      expect(perform(gate)).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
      expect([scene.effects, scene.released]).toEqual([0, 1]);
      expect(gate.calls).toMatchObject([{ seq: 1, decision: "deny" }]);
    });

    test("are asked again about what further rules match then", () => {
      const scene = leaving("ask", "ask");
      scene.matched = [["a"], ["a", "b"]];
      expect(perform(scene.gate())).toEqual({ ok: "done" });
      expect(scene.log.filter((entry) => entry === "approval")).toHaveLength(2);
    });

    test("are not asked where the policy allows", () => {
      const scene = leaving("allow", "allow");
      expect(perform(scene.gate())).toEqual({ ok: "done" });
      expect(scene.log).not.toContain("approval");
    });

    test("a call that is abandoned ends its check", () => {
      const scene = leaving("allow");
      const steps = scene.gate().perform("touch", "a");
      steps.next();
      steps.return({ error: { code: "E_INTERRUPTED", message: "ended" } });
      expect(scene.log.at(-1)).toBe("check ended");
    });
  });

  test("a denial of what the check found is not asked about", () => {
    const scene = new Scene();
    scene.decisions = ["ask", "deny"];
    expect(perform(scene.gate())).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
    expect(scene.log).not.toContain("approval");
  });
});

describe("a line of the report", () => {
  const lineOf = (scene: Scene, answer: "allow" | "deny" = "allow") => {
    const gate = scene.gate();
    perform(gate, "a", answer);
    return gate.calls[0];
  };

  test("has no code for a call that ended well", () => {
    expect(lineOf(new Scene())).toMatchObject({ decision: "allow", code: null });
  });

  test("has the code of a refusal, whoever refused", () => {
    const [denied, hopeless, asked, lost] = [new Scene(), new Scene(), new Scene(), new Scene()];
    denied.decisions = ["deny"];
    hopeless.decisions = ["deny"];
    hopeless.granted = false;
    asked.decisions = ["ask"];
    lost.failing = "intent";
    expect(lineOf(denied)).toMatchObject({ decision: "deny", code: "E_POLICY_DENIED" });
    expect(lineOf(hopeless)).toMatchObject({ decision: "deny", code: "E_CAPABILITY" });
    expect(lineOf(asked, "deny")).toMatchObject({ decision: "ask", code: "E_APPROVAL_DENIED" });
    expect(lineOf(lost)).toMatchObject({ decision: "allow", code: "E_AUDIT" });
  });

  test("says of a call that was abandoned that it was cut off", () => {
    const scene = new Scene();
    scene.decisions = ["ask"];
    const gate = scene.gate();
    const steps = gate.perform("touch", "a");
    steps.next();
    steps.return({ error: { code: "E_INTERRUPTED", message: "ended" } });
    expect(gate.calls).toMatchObject([{ decision: "ask", code: "E_INTERRUPTED" }]);
  });
});

describe("the record of", () => {
  test.each([
    ["fs.delete", true],
    ["subprocess.exec", true],
    ["net.http_get", true],
    ["net.http_post", true],
    ["fs.write", false],
    ["fs.read", false],
    ["env.read", false],
  ] as const)("%s is on disk before the effect: %s", (capability, durable) => {
    const scene = new Scene();
    scene.capability = capability;
    perform(scene.gate());
    expect(scene.durable).toEqual([durable]);
  });

  test.each([
    ["fs.read", true],
    ["env.read", true],
    ["fs.write", false],
    ["fs.delete", false],
    ["net.http_get", false],
  ] as const)("what %s came to may wait for the next line: %s", (capability, waits) => {
    const scene = new Scene();
    scene.capability = capability;
    perform(scene.gate());
    expect(scene.mayWait).toEqual([waits]);
  });
});

describe("permits", () => {
  test("cannot be changed by the operation that holds one", () => {
    const scene = new Scene();
    perform(scene.gate());
    expect(Object.isFrozen(scene.permit)).toBe(true);
  });

  test("cannot be made outside the gate", () => {
    const forge = Permit as unknown as new (key: symbol, checked: object, seq: number) => Permit<string>;
    expect(() => new forge(Symbol("mint"), {}, 1)).toThrow(InvariantViolation);
  });
});

test("calls beyond `max_calls` end the run, refused ones counted", () => {
  const scene = new Scene();
  scene.maxCalls = 2;
  scene.decisions = ["deny", "allow", "allow"];
  const gate = scene.gate();
  expect(perform(gate)).toHaveProperty("error");
  expect(perform(gate)).toHaveProperty("ok");
  expect(perform(gate)).toEqual({ fatal: "E_LIMIT_CALLS" });
  expect(scene.effects).toBe(1);
});

test("a call that is abandoned while it waits releases what its check opened", () => {
  const scene = new Scene();
  scene.decisions = ["allow", "ask"];
  const steps = scene.gate().perform("touch", "a");
  steps.next();
  steps.return({ error: { code: "E_INTERRUPTED", message: "ended" } });
  expect([scene.effects, scene.released]).toEqual([0, 1]);
});

test("an errand narrows its answer", () => {
  const steps = errand({ kind: "resolve", host: "a", timeoutMs: 1 });
  steps.next();
  expect(steps.next({ ok: true, value: { addresses: ["1.2.3.4"] } }).value).toEqual({
    ok: true,
    value: { addresses: ["1.2.3.4"] },
  });
});
