/** Own capabilities on real workers: what stands between a script and an effect of the host program, step by step. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifySegment } from "@agent-run/audit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CapabilityDefinition, defineCapability } from "./define-capability.ts";
import type { CallAfter } from "./host-side.ts";
import { openPolicy } from "./open-policy.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";
import type { SchemaResult, StandardSchema } from "./standard-schema.ts";

let directory: string;
let audit: string;
const open: Runtime[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-own-")));
  audit = join(directory, "record");
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

const CANARY = "canary-3f9a1c";

interface Refund {
  readonly amount: number;
  readonly to?: string;
}

const schemaOf = <T>(validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>): StandardSchema<T> => ({
  "~standard": { version: 1, vendor: "test", validate },
});

const anything = schemaOf<Refund>((value) => ({ value: value as Refund }));

/** Every effect that happened, with what it was given. */
class Till {
  readonly effects: unknown[] = [];
  readonly ended: CallAfter[] = [];
  seen = 0;

  define(more: Partial<CapabilityDefinition<StandardSchema<Refund>>> = {}) {
    return defineCapability("payments.refund", {
      class: "irreversible",
      input: schemaOf<Refund>((value) => {
        this.seen += 1;
        return { value: value as Refund };
      }),
      effect: (args) => {
        this.effects.push(args);
        return { refunded: args.amount };
      },
      ...more,
    });
  }
}

function dataOf(policy: string, ceiling?: string) {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n${policy}`);
  const above = join(directory, "ceiling.toml");
  if (ceiling !== undefined) writeFileSync(above, `version = 1\n${ceiling}`);
  const opened = openPolicy({ path, cwd: directory, ceilings: ceiling === undefined ? [] : [above] });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  return opened.data;
}

function runtimeWith(policy: string, options: Partial<RuntimeOptions> = {}, ceiling?: string): Runtime {
  const runtime = new Runtime({ policy: dataOf(policy, ceiling), audit, ...options });
  open.push(runtime);
  return runtime;
}

const rule = (effect: string, more = "", on = "tool.payments.refund") =>
  `[[rule]]\nid = "${effect}-it"\neffect = "${effect}"\non = ["${on}"]\n${more}\n`;
const ALLOW = rule("allow");
/** What cannot be undone is answered by this program only where the policy says so. */
const ANSWERS = '[approvals]\nirreversible_channels = ["callback"]\n';
const REFUND = "return tools.payments.refund({ amount: 5 })";

const recordText = () =>
  readdirSync(join(audit, "runs"))
    .map((file) => readFileSync(join(audit, "runs", file), "utf8"))
    .join("");

describe("the wall", () => {
  test("a granted call reaches its effect once, with what was decided, and its result comes back", async () => {
    const till = new Till();
    const runtime = runtimeWith(ALLOW, { capabilities: [till.define()] });
    const report = await runtime.run(`${REFUND}.refunded + 1`);
    expect(report).toMatchObject({ ok: true, value: 6 });
    expect(till.effects).toEqual([{ amount: 5 }]);
    expect(report.calls).toMatchObject([{ capability: "tool.payments.refund", decision: "allow", code: null }]);
  });

  test("without a rule it is refused before the run, and at run time before its schema is asked", async () => {
    const till = new Till();
    const runtime = runtimeWith("", { capabilities: [till.define()] });
    const early = await runtime.run(`\n  ${REFUND}`);
    expect(early).toMatchObject({ exitCode: 3, error: { code: "E_CAPABILITY", line: 2 } });
    expect(early.error?.hint).toContain('on = ["tool.payments.refund"]');
    const late = await runtime.run('const name = "refund"; return tools.payments[name]({ amount: 5 })');
    expect(late).toMatchObject({ exitCode: 2, error: { code: "E_CAPABILITY" } });
    expect([till.seen, till.effects]).toEqual([0, []]);
  });

  test("a name that nobody defined is told with its line, and what was meant", async () => {
    const runtime = runtimeWith(rule("allow", "", "tool.*"), { capabilities: [new Till().define()] });
    const { error, exitCode } = await runtime.run("\n\ntools.payments.refnd({})");
    expect({ exitCode, code: error?.code, line: error?.line, hint: error?.hint }).toEqual({
      exitCode: 3,
      code: "E_CAPABILITY",
      line: 3,
      hint: "did you mean `tool.payments.refund`?",
    });
    const none = await runtimeWith(rule("allow", "", "tool.*")).run("tools.payments.refund({})");
    expect(none.error).toMatchObject({ code: "E_CAPABILITY", hint: "no tools are defined here" });
  });

  test("a condition on its arguments decides what the schema made of them", async () => {
    const till = new Till();
    const input = schemaOf<Refund>((value) => ({ value: { amount: Number((value as { amount: string }).amount) } }));
    const runtime = runtimeWith(rule("allow", 'when = { "args.amount" = { le = 100 } }'), {
      capabilities: [till.define({ input })],
    });
    expect(await runtime.run('return tools.payments.refund({ amount: "7" })')).toMatchObject({ ok: true });
    const beyond = await runtime.run('return tools.payments.refund({ amount: "700" })');
    expect(beyond.error).toMatchObject({ code: "E_POLICY_DENIED" });
    expect(till.effects).toEqual([{ amount: 7 }]);
  });

  test("what is decided, what is recorded and what the effect gets is one and the same", async () => {
    const till = new Till();
    const shared = { amount: 1, to: "a" };
    // A schema that keeps what it gave out, and changes it later.
    const input = schemaOf<Refund>(() => {
      setTimeout(() => {
        shared.amount = 1_000_000;
      });
      return { value: shared };
    });
    const asked: string[] = [];
    const runtime = runtimeWith(ANSWERS + rule("ask", 'when = { "args.amount" = { le = 100 } }'), {
      capabilities: [till.define({ input })],
      approve: async ({ request }) => {
        asked.push(request);
        shared.amount = 2_000_000;
        return "allow";
      },
    });
    expect(await runtime.run(REFUND)).toMatchObject({ ok: true });
    expect(till.effects).toEqual([{ amount: 1, to: "a" }]);
    expect(asked.map((one) => JSON.parse(one).attrs)).toEqual([{ args: { amount: 1, to: "a" } }]);
    expect(recordText()).toContain('"attrs":{"args":{"amount":1,"to":"a"}}');
  });

  test("an effect cannot change what was decided, not for itself either", async () => {
    const runtime = runtimeWith(ALLOW, {
      capabilities: [
        new Till().define({
          input: anything,
          effect: (args) => {
            expect(Object.isFrozen(args) && Object.isFrozen(Reflect.get(args, "nested"))).toBe(true);
            return "frozen";
          },
        }),
      ],
    });
    expect(await runtime.run("return tools.payments.refund({ nested: [{}] })")).toMatchObject({ value: "frozen" });
  });

  test("a denial beats the grant, a question is asked, and a no is a no", async () => {
    const till = new Till();
    const capabilities = [till.define({ target: ({ amount }) => `${amount} EUR\u001b[2J` })];
    const denied = runtimeWith(rule("allow", "", "tool.*") + rule("deny"), { capabilities });
    expect((await denied.run("return tools.payments['refund']({ amount: 5 })")).error?.code).toMatch(
      /^E_(?:CAPABILITY|POLICY_DENIED)$/,
    );
    const tickets: string[] = [];
    const asked = runtimeWith(ANSWERS + rule("ask"), {
      capabilities,
      approve: async ({ target }) => {
        tickets.push(target);
        return "deny";
      },
    });
    expect(await asked.run(REFUND)).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_DENIED" } });
    expect(tickets).toEqual(["5 EUR [2J"]);
    expect(await runtimeWith(rule("ask"), { capabilities }).run(REFUND)).toMatchObject({ exitCode: 4 });
    expect(till.effects).toEqual([]);
  });

  test("limits and budgets count its calls", async () => {
    const till = new Till();
    const capabilities = [till.define()];
    const three = "for (let i = 0; i < 3; i++) tools.payments.refund({ amount: i })";
    expect(await runtimeWith(rule("allow", "limit = { calls = 2 }"), { capabilities }).run(three)).toMatchObject({
      error: { code: "E_BUDGET" },
    });
    expect(till.effects).toHaveLength(2);
    expect(await runtimeWith(`${ALLOW}[budget]\ncalls = 1\n`, { capabilities }).run(three)).toMatchObject({
      error: { code: "E_BUDGET" },
    });
    expect(till.effects).toHaveLength(3);
  });

  test("a ceiling binds it", async () => {
    const till = new Till();
    const capabilities = [till.define()];
    const under = (ceiling: string) => runtimeWith(ALLOW, { capabilities }, ceiling).run(REFUND);
    expect((await under("")).error?.code).toBe("E_CAPABILITY");
    const bounded = await under(rule("allow", 'when = { "args.amount" = { le = 1 } }'));
    expect(bounded.error?.code).toBe("E_POLICY_DENIED");
    expect(till.effects).toEqual([]);
    expect(await under(rule("allow", "", "tool.payments.*"))).toMatchObject({ ok: true });
  });

  test("a learning run asks neither its schema nor its effect, and records it as wanted", async () => {
    const till = new Till();
    const learn = { network: false };
    const granted = runtimeWith(ALLOW, { capabilities: [till.define()], learn });
    expect(await granted.run(REFUND)).toMatchObject({
      error: { code: "E_POLICY_DENIED", rule: { id: "builtin.learning" } },
    });
    const bare = runtimeWith("", { capabilities: [till.define()], learn });
    expect(await bare.run(REFUND)).toMatchObject({ exitCode: 2, error: { rule: { id: "builtin.learning" } } });
    expect([till.seen, till.effects]).toEqual([0, []]);
    expect(recordText()).toContain('"args":{"amount":5}');
  });

  test("its intent is on the disk before an irreversible effect begins, and its outcome after", async () => {
    let before = "";
    const effect = () => {
      before = recordText();
      return null;
    };
    const runtime = runtimeWith(ALLOW, { capabilities: [new Till().define({ effect })] });
    const report = await runtime.run(REFUND);
    expect(before).toContain('"kind":"intent"');
    expect(before).toContain('"on":"tool.payments.refund"');
    expect(before).not.toContain('"kind":"outcome"');
    expect(recordText()).toContain('"kind":"outcome"');
    expect(verifySegment(readFileSync(report.record ?? ""))).toMatchObject({ state: "complete", problems: [] });
  });

  test("evaluate answers about it as a run does, and touches nothing", () => {
    const till = new Till();
    const runtime = runtimeWith(rule("allow", 'when = { "args.amount" = { le = 100 } }'), {
      capabilities: [till.define()],
    });
    const effectOf = (amount: number) => runtime.evaluate({ on: "tool.payments.refund", args: { amount } }).effect;
    expect([effectOf(100), effectOf(101)]).toEqual(["allow", "deny"]);
    expect(() => runtime.evaluate({ on: "tool.payments.refund", path: "x" })).toThrow(TypeError);
    expect([till.seen, till.effects]).toEqual([0, []]);
  });
});

describe("arguments", () => {
  const refused = async (script: string, input: StandardSchema<Refund> = anything) => {
    const till = new Till();
    const runtime = runtimeWith(ALLOW, { capabilities: [till.define({ input })] });
    const report = await runtime.run(script);
    expect(till.effects).toEqual([]);
    return report;
  };

  test("that the schema refuses end with its issues, on one line", async () => {
    const input = schemaOf<Refund>(() => ({
      issues: [{ message: "must be\u001b[31m\nred", path: ["amount", { key: 0 }] }, { message: "no" }],
    }));
    const { error } = await refused(REFUND, input);
    expect(error).toMatchObject({ code: "E_ARGUMENT", capability: "tool.payments.refund" });
    expect(error?.message).toContain("amount.0: must be [31m red; no");
  });

  test.each([
    ["a text", "tools.payments.refund('x')"],
    ["a list", "tools.payments.refund([1])"],
    ["null", "tools.payments.refund(null)"],
    ["a function", "tools.payments.refund(() => 1)"],
    ["a BigInt", "tools.payments.refund({ amount: 1n })"],
    ["itself", "const a = {}; a.a = a; tools.payments.refund(a)"],
    ["forty levels", "let a = {}; for (let i = 0; i < 40; i++) a = { a }; tools.payments.refund(a)"],
    ["an own __proto__", 'tools.payments.refund(JSON.parse(\'{"__proto__":{"x":1}}\'))'],
  ])("that are %s are refused", async (_, script) => {
    expect((await refused(script)).error?.code).toBe("E_ARGUMENT");
  });

  test("are bounded, as the script gave them and as the schema made them", async () => {
    expect((await refused("tools.payments.refund({ a: 'x'.repeat(70_000) })")).error?.code).toBe("E_TOO_LARGE");
    const grows = schemaOf<Refund>(() => ({ value: { amount: 1, to: "x".repeat(70_000) } }));
    expect((await refused(REFUND, grows)).error?.code).toBe("E_TOO_LARGE");
  });

  test.each<[string, unknown]>([
    ["a Date", { amount: new Date(0) }],
    ["a Map", { amount: new Map() }],
    ["a BigInt", { amount: 1n }],
    ["NaN", { amount: Number.NaN }],
    ["a function", { amount: () => 1 }],
    ["a text", "text"],
    ["an own __proto__", JSON.parse('{"__proto__":{"x":1}}')],
  ])("a schema that makes %s of them is refused, since that is not what would be recorded", async (_, value) => {
    const { error } = await refused(
      REFUND,
      schemaOf<Refund>(() => ({ value: value as Refund })),
    );
    expect(error?.code).toBe("E_ARGUMENT");
  });

  test("a schema or a target that throws fails the call, and tells the script nothing of why", async () => {
    const thrower = (): never => {
      throw new Error(CANARY);
    };
    const ended: CallAfter[] = [];
    const run = async (more: Partial<CapabilityDefinition<StandardSchema<Refund>>>) => {
      const till = new Till();
      const runtime = runtimeWith(ALLOW, { capabilities: [till.define(more)], onOutcome: (call) => ended.push(call) });
      const report = await runtime.run(REFUND);
      expect(till.effects).toEqual([]);
      expect(JSON.stringify(report)).not.toContain(CANARY);
      return report.error?.code;
    };
    expect(await run({ input: schemaOf<Refund>(thrower) })).toBe("E_EXEC");
    expect(await run({ input: schemaOf<Refund>(async () => thrower()) })).toBe("E_EXEC");
    expect(await run({ target: thrower })).toBe("E_EXEC");
  });
});

describe("an effect", () => {
  const ran = async (
    effect: CapabilityDefinition<StandardSchema<Refund>>["effect"],
    policy = ALLOW,
    script = REFUND,
  ) => {
    const ended: CallAfter[] = [];
    const capabilities = [new Till().define({ effect })];
    const runtime = runtimeWith(policy, { capabilities, onOutcome: (call) => ended.push(call) });
    return { report: await runtime.run(script), ended, runtime };
  };

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error(CANARY);
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error(CANARY);
      },
    ],
    [
      "throws no error",
      () => {
        throw { secret: CANARY };
      },
    ],
    [
      "has a result that throws",
      () => ({
        get x() {
          throw new Error(CANARY);
        },
      }),
    ],
  ])("that %s fails its call; what it threw is for the host program only", async (_, effect) => {
    const { report, ended } = await ran(effect);
    expect(report.error).toMatchObject({ code: "E_EXEC", message: "`tool.payments.refund` failed" });
    expect(JSON.stringify(report)).not.toContain(CANARY);
    expect(recordText()).not.toContain(CANARY);
    expect(recordText()).toContain('"code":"E_EXEC"');
    expect(ended).toMatchObject([{ code: "E_EXEC", cause: expect.anything() }]);
  });

  test("that failed can be caught, and the run goes on", async () => {
    const { report } = await ran(
      () => Promise.reject(new Error("x")),
      ALLOW,
      `try { ${REFUND} } catch (e) { return e.code }`,
    );
    expect(report).toMatchObject({ ok: true, value: "E_EXEC" });
  });

  test.each<[string, unknown]>([
    ["a Date", new Date(0)],
    ["a function", () => 1],
    ["a BigInt", 1n],
    [
      "a class of its own",
      new (class Secret {
        key = CANARY;
      })(),
    ],
    ["a Map", { deep: [new Map()] }],
    ["Infinity", [Number.POSITIVE_INFINITY]],
    ["a Buffer", Buffer.from(CANARY)],
  ])("whose result is %s fails, as JSON does not have it", async (_, result) => {
    const { report } = await ran(() => result);
    expect(report.error).toMatchObject({ code: "E_EXEC" });
    expect(JSON.stringify(report)).not.toContain(CANARY);
  });

  test("whose result contains itself, or is the same value a billion times, fails and ends soon", async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect((await ran(() => circle)).report.error?.code).toBe("E_EXEC");
    let bomb: unknown = "x";
    for (let level = 0; level < 40; level += 1) bomb = [bomb, bomb];
    expect((await ran(() => bomb)).report.error?.code).toBe("E_TOO_LARGE");
  });

  test("whose result is larger than `max_response` fails", async () => {
    const small = `[runtime]\nmax_response = "1KiB"\n${ALLOW}`;
    expect((await ran(() => "x".repeat(2000), small)).report.error?.code).toBe("E_TOO_LARGE");
    expect((await ran(() => "ü".repeat(600), small)).report.error?.code).toBe("E_TOO_LARGE");
    expect((await ran(() => "x".repeat(900), small)).report.value).toHaveLength(900);
  });

  test("without a result gives null, and members without a value are left out", async () => {
    expect((await ran(() => undefined)).report).toMatchObject({ ok: true, value: null });
    expect((await ran(() => ({ a: undefined, b: 1, __proto__x: [null] }))).report.value).toEqual({
      b: 1,
      __proto__x: [null],
    });
  });

  test("that never ends is stopped with its run, and told by its signal", async () => {
    let [started, aborted] = [0, 0];
    const forever: CapabilityDefinition<StandardSchema<Refund>>["effect"] = (_args, { signal }) => {
      started += 1;
      signal.addEventListener("abort", () => {
        aborted += 1;
      });
      return new Promise(() => undefined);
    };
    const { report, runtime } = await ran(forever, `[runtime]\nmax_seconds = 1\n${ALLOW}`);
    expect(report).toMatchObject({ exitCode: 6, error: { code: "E_LIMIT_TIME" } });
    expect(report.calls).toMatchObject([{ capability: "tool.payments.refund", code: "E_INTERRUPTED" }]);
    const abort = new AbortController();
    const running = runtime.run(REFUND, { signal: abort.signal });
    while (started < 2) await sleep(10);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: 130 });
    expect(aborted).toBe(2);
  });

  test("of two runs at the same time stay apart", async () => {
    const runs = new Set<string>();
    const effect: CapabilityDefinition<StandardSchema<Refund>>["effect"] = async ({ amount }, { run }) => {
      runs.add(run);
      await sleep(20 - amount);
      return { amount, run };
    };
    const runtime = runtimeWith(ALLOW, { capabilities: [new Till().define({ effect })] });
    const reports = await Promise.all(
      Array.from({ length: 8 }, (_, amount) =>
        runtime.run("return tools.payments.refund(input)", { input: { amount } }),
      ),
    );
    for (const [amount, report] of reports.entries()) expect(report.value).toEqual({ amount, run: report.run });
    expect(runs.size).toBe(8);
  });
});

test("a sealed value goes to no schema and no effect", async () => {
  const till = new Till();
  const policy = `[environment]\nlocal_only_vars = ["INTERNAL"]\n${ALLOW}`;
  const runtime = runtimeWith(policy, {
    capabilities: [till.define({ target: ({ to = "" }) => to })],
    environment: { INTERNAL: CANARY },
  });
  for (const args of ["{ to: secret }", "{ to: `x ${secret}` }", "{ [secret]: 1 }", "{ to: { deep: [secret] } }"]) {
    const report = await runtime.run(`const secret = env.read("INTERNAL"); return tools.payments.refund(${args})`);
    expect(report.error?.code, args).toBe("E_SINK");
    expect(JSON.stringify(report)).not.toContain(CANARY);
  }
  expect([till.seen, till.effects]).toEqual([0, []]);
  expect(await runtime.run(`env.read("INTERNAL"); ${REFUND}`)).toMatchObject({ ok: true });
});

test("the names of tools are all that a script sees of them", async () => {
  const capabilities = ["a.one", "a.two", "b.one"].map((name) =>
    defineCapability(name, { class: "read", input: anything, effect: () => name }),
  );
  const runtime = runtimeWith(rule("allow", "", "tool.*"), { capabilities });
  const report = await runtime.run(`
    try { tools.a.one = 1 } catch {}
    try { tools.c = {} } catch {}
    return [Object.keys(tools), Object.keys(tools.a), tools.a.one(), tools.b.one(), Object.isFrozen(tools.a), "c" in tools]`);
  expect(report.value).toEqual([["a", "b"], ["one", "two"], "a.one", "b.one", true, false]);
  expect((await runtimeWith("").run("return Object.keys(tools)")).value).toEqual([]);
});

test("a VM in a process of its own has them, too", async () => {
  const till = new Till();
  const runtime = runtimeWith(`[runtime]\nisolation = "process"\n${ALLOW}`, { capabilities: [till.define()] });
  expect(await runtime.run(`${REFUND}.refunded`)).toMatchObject({ ok: true, value: 5 });
});

describe("a definition", () => {
  test.each<[string, string]>([
    ["one part", "refund"],
    ["three parts", "a.b.c"],
    ["a family of ours", "fs.chmod"],
    ["a family of ours in other words", "tool.x"],
    ["a pattern", "payments.*"],
    ["a prototype", "__proto__.x"],
    ["nothing", ""],
    ["a line break", "a.b\n"],
  ])("whose name is %s is refused", (_, name) => {
    expect(() => defineCapability(name, { class: "read", input: anything, effect: () => null })).toThrow(TypeError);
  });

  test("of another shape is refused, and so are two of one name", () => {
    const good = { class: "read", input: anything, effect: () => null } as const;
    for (const bad of [{ class: "write" }, { input: {} }, { input: undefined }, { effect: 1 }, { target: "x" }]) {
      expect(() => defineCapability("a.b", { ...good, ...bad } as never)).toThrow(TypeError);
    }
    const twice = [defineCapability("a.b", good), defineCapability("a.b", good)];
    expect(() => new Runtime({ policy: dataOf(""), audit, capabilities: twice })).toThrow("defined twice");
  });
});
