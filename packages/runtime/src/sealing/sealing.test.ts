/** The sealed values of one run, driven by hand: what waits, what is recorded, and what a run shows of it. */
import type { Errand, ErrandAnswer, GateAnswer, Json, PolicyData, Steps, ToVault } from "@agent-run/gate";
import { parseScript } from "@agent-run/vm";
import { describe, expect, test } from "vitest";
import { Sealing } from "./sealing.ts";

const parsed = parseScript("print(1)", { name: "s.js", typescript: false, guard: true });

const policy = {
  localOnly: {
    maxWaits: 1,
    secrets: [],
    releases: [
      {
        name: "state",
        ref: { id: "release.state" },
        from: { kind: "file", path: "/w/a" },
        select: [],
        type: { kind: "bool" },
        otherwise: "withheld",
        perRun: 5,
        perDay: null,
        bits: 1,
      },
    ],
  },
} as unknown as PolicyData;

class Scene {
  readonly told: ToVault[] = [];
  readonly recorded: [string, boolean][] = [];
  readonly errands: Errand[] = [];
  readonly sealing: Sealing;
  recordFails = false;
  answer: ErrandAnswer = { ok: true, value: { waitedMs: 1000, value: true } };

  constructor() {
    if (!parsed.ok) throw new Error("no program");
    this.sealing = new Sealing({
      policy,
      run: "r",
      tokenSeed: 1,
      program: parsed.program,
      tell: (message) => void this.told.push(message),
      recordRelease: (rule, ok) => {
        this.recorded.push([rule, ok]);
        return !this.recordFails;
      },
    });
  }

  drive<T>(steps: Steps<T>): T {
    let step = steps.next();
    while (!step.done) {
      this.errands.push(step.value);
      step = steps.next(this.answer);
    }
    return step.value;
  }

  call(op: "seal.settle" | "release", args: Json): GateAnswer {
    const steps = this.sealing.waiting.get(op)?.(args);
    if (steps === undefined) throw new Error("no such operation");
    return this.drive(steps);
  }

  /** A handle of the rule's own source. */
  file(): string {
    const origin = { kind: "answer", of: "file:/w/a" } as const;
    return this.sealing.handles.mint({ label: ["local"], origin, kind: "value", sources: ["file:a"] }).token;
  }

  block(): void {
    const made = this.sealing.pure.get("seal.run")?.({ inputs: [this.file()], source: "(v) => v" });
    expect(made).toHaveProperty("sealed");
  }
}

describe("seal.settle", () => {
  test("waits for a tick, or for exactly the duration that the script names", () => {
    const scene = new Scene();
    expect(scene.call("seal.settle", { duration: "30s" })).toEqual({ ok: null });
    expect(scene.errands).toEqual([{ kind: "settle", durationMs: 30_000, joins: false }]);
    expect(scene.sealing.waitedMs).toBe(1000);
  });

  test("beyond max_waits is E_WAITS, and a wrong duration is no wait", () => {
    const scene = new Scene();
    expect(scene.call("seal.settle", { duration: "soon" })).toMatchObject({ error: { code: "E_ARGUMENT" } });
    expect(scene.call("seal.settle", null)).toEqual({ ok: null });
    expect(scene.call("seal.settle", {})).toMatchObject({ error: { code: "E_WAITS" } });
    expect(scene.errands).toHaveLength(1);
  });
});

describe("a release", () => {
  test("is recorded by its rule, never by its value, before it happens; it is a settle point", () => {
    const scene = new Scene();
    expect(scene.call("release", { rule: "state", token: scene.file() })).toEqual({ ok: true });
    expect(scene.recorded).toEqual([["state", true]]);
    expect(scene.errands).toEqual([{ kind: "release", rule: "state", handle: 1 }]);
    expect(scene.sealing.waitedMs).toBe(1000);
  });

  test("that was refused is recorded as that, and nothing is asked", () => {
    const scene = new Scene();
    expect(scene.call("release", { rule: "none", token: scene.file() })).toMatchObject({
      error: { code: "E_RELEASE" },
    });
    expect(scene.call("release", null)).toMatchObject({ error: { code: "E_RELEASE" } });
    expect([scene.recorded, scene.errands]).toEqual([
      [
        ["none", false],
        ["", false],
      ],
      [],
    ]);
  });

  test("beyond max_waits is E_WAITS, like every other settle point", () => {
    const scene = new Scene();
    const token = scene.file();
    scene.call("release", { rule: "state", token });
    expect(scene.call("release", { rule: "state", token })).toMatchObject({ error: { code: "E_WAITS" } });
    expect([scene.errands.length, scene.recorded.length]).toEqual([1, 1]);
  });

  test("that cannot be recorded ends the run, unasked", () => {
    const scene = new Scene();
    scene.recordFails = true;
    expect(scene.call("release", { rule: "state", token: scene.file() })).toHaveProperty("fatal");
    expect(scene.errands).toEqual([]);
  });

  test("that fails is that failure", () => {
    const scene = new Scene();
    scene.answer = { ok: false, failure: { code: "E_RELEASE", message: "used up today" } };
    expect(scene.call("release", { rule: "state", token: scene.file() })).toMatchObject({
      error: { code: "E_RELEASE" },
    });
  });
});

describe("the end of a run", () => {
  test("waits for a tick if sealed work was ordered, whatever was waited for before", () => {
    const scene = new Scene();
    scene.call("seal.settle", null);
    scene.block();
    scene.drive(scene.sealing.finish());
    expect(scene.errands.map(({ kind }) => kind)).toEqual(["settle", "settle"]);
    expect(scene.sealing.waitedMs).toBe(2000);
  });

  test("waits for nothing if none was, or if it was waited for", () => {
    const scene = new Scene();
    scene.drive(scene.sealing.finish());
    scene.block();
    scene.call("seal.settle", null);
    scene.drive(scene.sealing.finish());
    expect(scene.errands).toHaveLength(1);
  });
});

test("what the orders of one run hold is bounded", () => {
  const scene = new Scene();
  const token = scene.file();
  const text = `${token}${"x".repeat(64 * 1024 * 1024)}`;
  const encode = () => scene.sealing.pure.get("seal.encode")?.({ how: "json", text });
  expect(encode()).toHaveProperty("sealed");
  expect(encode()).toHaveProperty("sealed");
  expect(encode()).toMatchObject({ error: { code: "E_TOO_LARGE" } });
  expect(scene.told).toHaveLength(2);
});
