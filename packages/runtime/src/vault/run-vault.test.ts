/** The settle clock and the errands of a run, with a vault that answers as a test says. */
import type { FromVault, LocalOnlyData, ToVault } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import type { DayBudget } from "./day-budget.ts";
import { RunVault, type VaultErrand } from "./run-vault.ts";
import type { VaultProcess } from "./vault-process.ts";

type Order = Extract<ToVault, { readonly id: number }>;

class Scene {
  readonly told: string[] = [];
  settleMs: readonly number[] = [5, 25, 60];
  /** What comes of an order; `never`: the vault is at work for ever. */
  answer: (order: Order) => FromVault | null | "never" = ({ run, id }) => ({ kind: "settled", run, id });
  refusal: ReturnType<DayBudget["spend"]> = null;
  patienceMs = 50;
  process: VaultProcess | null = null;
  readonly #abort = new AbortController();
  #vault: RunVault | null = null;

  get vault(): RunVault {
    const process = {
      begin: ({ kind }: ToVault) => this.told.push(kind),
      end: () => this.told.push("end"),
      tell: ({ kind }: ToVault) => this.told.push(kind),
      ask: (order: (id: number) => ToVault) => this.#ask(order(7) as Order),
    } as unknown as VaultProcess;
    const policy = {
      settleMs: this.settleMs,
      releases: [{ name: "state", otherwise: "withheld" }],
    } as unknown as LocalOnlyData;
    const budget = { spend: () => this.refusal } as unknown as DayBudget;
    this.process ??= process;
    this.#vault ??= new RunVault({ data: process, told: process }, policy, "r", budget, this.patienceMs);
    return this.#vault;
  }

  perform(errand: VaultErrand) {
    return this.vault.perform(errand, this.#abort.signal);
  }

  abort(): void {
    this.#abort.abort();
  }

  async #ask(order: Order): Promise<FromVault | null> {
    this.told.push(order.kind);
    const answer = this.answer(order);
    return answer === "never" ? new Promise(() => undefined) : answer;
  }
}

const SETTLE = { kind: "settle", durationMs: null, joins: false } as const;
const RELEASE = { kind: "release", rule: "state", handle: 1 } as const;
const BROKER: VaultErrand = {
  kind: "broker",
  secret: "s",
  use: 0,
  work: { kind: "command", args: null },
  handle: null,
};

describe("a tick", () => {
  test("is the first one where all work is done, and never earlier", async () => {
    const scene = new Scene();
    expect(await scene.perform(SETTLE)).toEqual({ ok: true, value: { waitedMs: 5 } });
    expect([scene.vault.waitedMs, scene.told]).toEqual([5, ["settle"]]);
  });

  test("is the next one where work took longer than the first", async () => {
    const settleMs = [1, 400, 100_000];
    let hear: (message: FromVault) => void = () => undefined;
    const heard = new Promise<FromVault>((resolve) => {
      hear = resolve;
    });
    const process = { tell: () => undefined, ask: () => heard } as unknown as VaultProcess;
    const policy = { settleMs, releases: [] } as unknown as LocalOnlyData;
    const vault = new RunVault({ data: process, told: process }, policy, "r", {} as DayBudget, 1);
    const waited = vault.perform(SETTLE, new AbortController().signal);
    setTimeout(() => hear({ kind: "settled", run: "r", id: 1 }), 50);
    expect(await waited).toEqual({ ok: true, value: { waitedMs: 400 } });
  });

  test.each<[string, null | "never"]>([
    ["never done", "never"],
    ["of a vault that is gone", null],
  ])("is the last one where work is %s: what is left is dropped", async (_, answer) => {
    const scene = new Scene();
    scene.answer = () => answer;
    expect(await scene.perform(SETTLE)).toEqual({ ok: true, value: { waitedMs: 60 } });
    expect(scene.told).toEqual(["settle", "drop"]);
  });

  test("of a duration that the script named is exactly that, done or not", async () => {
    for (const answer of ["never", null] as const) {
      const scene = new Scene();
      scene.answer = () => answer;
      expect(await scene.perform({ ...SETTLE, durationMs: 7 })).toEqual({ ok: true, value: { waitedMs: 7 } });
      expect(scene.told).toEqual(["settle", "drop"]);
    }
  });

  test("that another call waits for already is joined, and asked for once", async () => {
    const scene = new Scene();
    const both = await Promise.all([scene.perform(SETTLE), scene.perform({ ...SETTLE, joins: true })]);
    expect(both).toEqual([
      { ok: true, value: { waitedMs: 5 } },
      { ok: true, value: { waitedMs: 5 } },
    ]);
    expect([scene.told, scene.vault.waitedMs]).toEqual([["settle"], 5]);
  });

  test("in a run that ends is an interruption", async () => {
    const scene = new Scene();
    scene.settleMs = [100_000];
    const waiting = scene.perform(SETTLE);
    scene.abort();
    expect(await waiting).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
  });

  test("without a clock (`relaxed`) is when the work is done; a run that ends does not wait for it", async () => {
    const scene = new Scene();
    scene.settleMs = [];
    expect(await scene.perform(SETTLE)).toEqual({ ok: true, value: { waitedMs: 0 } });
    const stuck = new Scene();
    stuck.settleMs = [];
    stuck.answer = () => "never";
    const waiting = stuck.perform(SETTLE);
    stuck.abort();
    expect(await waiting).toMatchObject({ failure: { code: "E_INTERRUPTED" } });
  });
});

describe("a release", () => {
  const released = ({ run, id, kind }: Order): FromVault =>
    kind === "release" ? { kind: "released", run, id, rule: "state", value: "green" } : { kind: "settled", run, id };

  test("is told at the tick", async () => {
    const scene = new Scene();
    scene.answer = released;
    expect(await scene.perform(RELEASE)).toEqual({ ok: true, value: { value: "green", waitedMs: 5 } });
  });

  test("that did not come by the last tick is what the rule says otherwise", async () => {
    for (const answer of ["never", null] as const) {
      const scene = new Scene();
      scene.answer = () => answer;
      expect(await scene.perform(RELEASE)).toEqual({ ok: true, value: { value: "withheld", waitedMs: 60 } });
    }
  });

  test("whose answer is another message is what the rule says otherwise", async () => {
    const scene = new Scene();
    expect(await scene.perform(RELEASE)).toEqual({ ok: true, value: { value: "withheld", waitedMs: 5 } });
  });

  test("beyond the day's budget is E_RELEASE, and the vault is not asked", async () => {
    const scene = new Scene();
    scene.refusal = { code: "E_RELEASE", message: "used up" };
    expect(await scene.perform(RELEASE)).toEqual({ ok: false, failure: scene.refusal });
    expect(await scene.perform({ ...RELEASE, rule: "none" })).toMatchObject({ failure: { code: "E_RELEASE" } });
    expect(scene.told).toEqual([]);
  });
});

describe("a brokered answer", () => {
  const brokered =
    (answer: Extract<FromVault, { kind: "brokered" }>["answer"]) =>
    ({ run, id }: Order): FromVault => ({ kind: "brokered", run, id, answer });

  test("of a request has its bytes, of a command its value", async () => {
    const scene = new Scene();
    scene.answer = brokered({ ok: true, value: { status: 201, headers: [["a", "b"]], bodyBase64: btoa("hi") } });
    expect(await scene.perform(BROKER)).toEqual({
      ok: true,
      value: { status: 201, headers: [["a", "b"]], body: Uint8Array.from(Buffer.from("hi")) },
    });
    scene.answer = brokered({ ok: true, value: { exitCode: 0 } });
    expect(await scene.perform(BROKER)).toEqual({ ok: true, value: { value: { exitCode: 0 } } });
  });

  test("may be a failure, or one boolean", async () => {
    const scene = new Scene();
    scene.answer = brokered({ ok: false, failure: { code: "E_NETWORK", message: "no" } });
    expect(await scene.perform(BROKER)).toEqual({ ok: false, failure: { code: "E_NETWORK", message: "no" } });
    scene.answer = ({ run, id }) => ({ kind: "outcome", run, id, ok: true });
    expect(await scene.perform(BROKER)).toEqual({ ok: true, value: { outcome: true } });
  });

  test.each<[string, null | "never"]>([
    ["that does not come", "never"],
    ["of a vault that is gone", null],
  ])("%s is a time-out, and the same", async (_, answer) => {
    const scene = new Scene();
    scene.answer = () => answer;
    expect(await scene.perform(BROKER)).toMatchObject({ ok: false, failure: { code: "E_TIMEOUT" } });
  });
});

describe("a run", () => {
  const EFFECT = { kind: "effect", run: "r", handle: 1, token: "t", op: "fs.write", args: null, seq: 1 } as const;
  const OUTCOME: VaultErrand = { ...BROKER, handle: { id: 2, token: "u" } };

  test("begins and ends once, where one process does both kinds of work", () => {
    const scene = new Scene();
    scene.vault.begin({ data: null, told: null }, { startMs: 0, actor: null });
    scene.vault.end();
    expect([scene.told, scene.process?.isLate ?? false]).toEqual([["run", "end"], false]);
  });

  test("leaves a late vault where an effect was ordered while an outcome was waited for", async () => {
    const scene = new Scene();
    scene.answer = ({ run, id }) => ({ kind: "outcome", run, id, ok: true });
    const outcome = scene.perform(OUTCOME);
    scene.vault.tell({ ...EFFECT, deferrable: false });
    expect(await outcome).toEqual({ ok: true, value: { outcome: true } });
    scene.vault.end();
    expect(scene.process?.isLate).toBe(true);
  });

  test.each<[string, "never" | FromVault, boolean]>([
    ["late where an outcome has not come", "never", true],
    ["idle where it has", { kind: "outcome", run: "r", id: 7, ok: true }, false],
  ])("leaves a vault that is %s", async (_, answer, isLate) => {
    const scene = new Scene();
    scene.answer = () => answer;
    await scene.perform(OUTCOME);
    scene.vault.end();
    expect(scene.process?.isLate ?? false).toBe(isLate);
  });
});
