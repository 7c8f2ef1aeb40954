import { ok } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { ErrandAnswer, Steps } from "../errand.ts";
import { Scene } from "./scene.fixture.ts";
import { SettleState } from "./settle.ts";

const DOCS = { url: "https://docs.example.com/" };
const waitFor = (steps: Steps<unknown>, answer: ErrandAnswer = ok({ waitedMs: 1000 })): unknown => {
  let step = steps.next();
  while (!step.done) step = steps.next(answer);
  return step.value;
};

describe("a settle point comes before", () => {
  const effects: readonly (readonly [string, string, Parameters<Scene["perform"]>[1]])[] = [
    ["a request to a public host", "net.request", DOCS],
    ["a public write", "fs.write", { path: "out/a", data: "x" }],
    ["a public deletion", "fs.delete", { path: "out/a" }],
    ["a public command", "subprocess.exec", { argv: ["cat"] }],
    ["a command with a credential", "subprocess.exec", { argv: ["gh", "x"] }],
  ];
  test.each(effects)("%s that follows a sealed write", (_, op, args) => {
    const scene = new Scene();
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    expect(scene.waits).toBe(0);
    expect(scene.perform(op, args)).not.toHaveProperty("error");
    expect(scene.errands[0]).toEqual({ kind: "settle", durationMs: null, joins: false });
    expect(scene.waits).toBe(1);
  });

  test("a request with a credential that follows a sealed write", () => {
    const scene = new Scene();
    const key = scene.read("STRIPE_KEY");
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    const headers = [["authorization", `Bearer ${key}`]];
    scene.perform("net.request", { url: "https://api.stripe.com/v1/charges/1", headers });
    expect(scene.errands.map(({ kind }) => kind)).toEqual(["settle", "resolve", "broker"]);
  });

  test("even the name of a public host is not resolved before it", () => {
    const scene = new Scene();
    scene.sealed("net.request", { url: "http://localhost:11434/" });
    scene.perform("net.request", DOCS);
    expect(scene.errands.map(({ kind }) => kind)).toEqual(["settle", "resolve", "http"]);
  });

  test.each([
    ["a sealed request", "net.request", { url: "http://localhost:11434/" }],
    ["a sealed command", "subprocess.exec", { argv: ["sort"] }],
    ["a credential whose answer is sealed", "subprocess.exec", { argv: ["gh", "x"] }],
  ] as const)("a public effect after %s", (_, op, args) => {
    const scene = new Scene();
    scene.sealed(op, { ...args, ...("argv" in args ? { argv: [...args.argv] } : {}) });
    scene.perform("fs.write", { path: "out/a", data: "x" });
    expect(scene.waits).toBe(1);
  });
});

describe("no settle point comes before", () => {
  test("public reads and further sealed work", () => {
    const scene = new Scene();
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    scene.perform("fs.read", { path: "src/a" });
    scene.perform("env.read", { name: "LANG" });
    scene.sealed("fs.write", { path: "notes/b", data: "x" });
    scene.sealed("net.request", { url: "http://localhost:11434/" });
    expect(scene.waits).toBe(0);
    expect(scene.effects).toEqual(["fs.read", "env.read"]);
  });

  test("a public effect when nothing was ordered but reads", () => {
    const scene = new Scene();
    scene.read("INTERNAL_URL");
    scene.file("notes/a");
    scene.perform("net.request", DOCS);
    expect(scene.waits).toBe(0);
  });

  test("the second of two public effects", () => {
    const scene = new Scene();
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    scene.perform("net.request", DOCS);
    scene.perform("fs.write", { path: "out/a", data: "x" });
    expect(scene.waits).toBe(1);
  });

  test("a credential at its slot when no sealed data was at work", () => {
    const scene = new Scene();
    const headers = [["authorization", `Bearer ${scene.read("STRIPE_KEY")}`]];
    scene.perform("net.request", { url: "https://api.stripe.com/v1/charges/1", headers });
    expect(scene.waits).toBe(0);
  });
});

describe("waits", () => {
  test("are at most max_waits: then E_WAITS, before any effect", () => {
    const scene = new Scene();
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    scene.perform("net.request", DOCS);
    scene.sealed("fs.write", { path: "notes/b", data: "x" });
    expect(scene.refusal("fs.write", { path: "out/a", data: "x" }).code).toBe("E_WAITS");
    expect(scene.refusal("net.request", DOCS)).toMatchObject({
      code: "E_WAITS",
      message: "this run has already waited for sealed work 1 time (`max_waits`)",
    });
    expect(scene.perform("fs.read", { path: "src/a" })).toHaveProperty("ok");
  });

  test("that failed are no reason to go on", () => {
    const scene = new Scene();
    scene.answers = { settle: { ok: false, failure: { code: "E_INTERRUPTED", message: "ended" } } };
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    expect(scene.perform("net.request", DOCS)).toMatchObject({ error: { code: "E_INTERRUPTED" } });
    expect(scene.effects).toEqual([]);
  });

  test("are counted by ticks, told in milliseconds, and named in words", () => {
    const waited: number[] = [];
    const settle = new SettleState(2, (ms) => waited.push(ms));
    settle.ordered();
    expect(waitFor(settle.wait(null))).toEqual(ok(null));
    expect(settle.isDue).toBe(false);
    expect(waitFor(settle.wait(5000), ok({ waitedMs: 5000 }))).toEqual(ok(null));
    expect(waitFor(settle.wait(null))).toMatchObject({
      failure: { code: "E_WAITS", message: "this run has already waited for sealed work 2 times (`max_waits`)" },
    });
    expect(waited).toEqual([1000, 5000]);
  });

  test("of the end of a run are always there", () => {
    const settle = new SettleState(0);
    settle.ordered();
    expect(waitFor(settle.end())).toEqual(ok(null));
    expect(settle.isDue).toBe(false);
  });

  test("of one effect are every other's that is started meanwhile: none happens before it, and one is counted", () => {
    const scene = new Scene();
    scene.sealed("fs.write", { path: "notes/a", data: "x" });
    const [one, two] = [scene.start("net.request", DOCS), scene.start("fs.write", { path: "out/a", data: "x" })];
    expect(one.next().value).toEqual({ kind: "settle", durationMs: null, joins: false });
    expect(two.next().value).toEqual({ kind: "settle", durationMs: null, joins: true });
    expect(scene.effects).toEqual([]);
    expect(one.next(ok({ waitedMs: 1000 })).value).toMatchObject({ kind: "resolve" });
    expect(two.next(ok({ waitedMs: 1000 })).value).toEqual({ ok: "done" });
    expect(scene.perform("fs.write", { path: "out/b", data: "x" })).toEqual({ ok: "done" });
  });

  test("that a call joins are no milliseconds of their own", () => {
    const waited: number[] = [];
    const settle = new SettleState(1, (ms) => waited.push(ms));
    const operation = { *check() {} } as unknown as Parameters<SettleState["before"]>[0];
    settle.ordered();
    const started = [settle.before(operation), settle.before(operation)].map((one) => {
      const steps = one.check(null, {} as never, {} as never);
      steps.next();
      return steps;
    });
    for (const steps of started) steps.next(ok({ waitedMs: 1000 }));
    expect(waited).toEqual([1000]);
    expect(settle.mustWait).toBe(false);
  });
});
