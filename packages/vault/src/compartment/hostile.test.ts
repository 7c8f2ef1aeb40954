/**
 * Functions that do not mean to end, to fit or to stay inside. Each ends as a failure, and the next job works and finds
 * nothing of it. The bounds are the job's own: ample time where fuel or memory must end it, ample fuel where time must.
 */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { compartments, job } from "./compartments.fixture.ts";

const vault = compartments();
afterAll(() => vault.close());

const AMPLE = { fuel: 1_000_000, wallMs: 60_000 };
const next = () => vault.compute(job("v => [v, typeof leak, ({}).polluted, [].polluted].map(String)", ["next"]));
const NEXT = { ok: true, value: ["next", "undefined", "undefined", "undefined"] };

describe("a function that", () => {
  afterEach(async () => expect(await next()).toEqual(NEXT));

  it.each([
    ["loops", "() => { for (;;); }"],
    ["catches and goes on", "() => { for (;;) try { for (;;); } catch {} finally { for (;;); } }"],
    ["keeps the job queue full", "async () => { for (;;) await null }"],
    ["backtracks", "() => /^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["loops in a result's toJSON", "() => ({ toJSON() { for (;;); } })"],
    ["loops in a result's getter", "() => ({ get a() { for (;;); } })"],
    ["loops while its error is read", "() => { throw new Proxy({}, { getPrototypeOf() { for (;;); } }) }"],
  ])("%s ends by its fuel", async (_title, source) => {
    expect(await vault.compute(job(source, [], { limits: { fuel: 50 } }))).toEqual({
      ok: false,
      why: "it used up its fuel (50)",
    });
  });

  it.each([
    ["burns time inside a builtin, where nothing is polled,", "() => { for (;;) 'x'.repeat(3e7).split('') }"],
    ["makes costly errors between two polls", "() => { const f = () => { try { f() } catch { } f() }; f() }"],
  ])("%s is killed at the wall limit", async (_title, source) => {
    const limits = { ...AMPLE, wallMs: 200, memoryBytes: 1024 * 2 ** 20 };
    expect(await vault.compute(job(source, [], { limits }))).toEqual({ ok: false, why: "it took longer than 200 ms" });
  });

  it.each([
    ["gathers", "() => { const a = []; for (;;) a.push(new Array(1e5).fill(1)) }"],
    ["keeps long texts", "() => { const a = []; for (let i = 0; ; i++) a.push(`${i}`.repeat(1e5)) }"],
    ["asks for one large block", "() => new ArrayBuffer(2 ** 30)"],
    [
      "catches that memory is out",
      "() => { const a = []; for (;;) try { a.push('x'.repeat(1e6) + a.length) } catch {} }",
    ],
    ["returns more than there is room for", "() => Array.from({ length: 2e6 }, (_, i) => 'text ' + i)"],
  ])("%s ends by its memory", async (_title, source) => {
    expect(await vault.compute(job(source, [], { limits: AMPLE }))).toEqual({
      ok: false,
      why: "it was ended: E_LIMIT_MEMORY",
    });
  });

  it("is given more than it has room for fails before it runs", async () => {
    const rows = Array.from({ length: 400_000 }, (_, id) => ({ id, name: `row ${id}` }));
    const result = await vault.compute(job("v => v.length", [rows], { limits: { memoryBytes: 16 * 2 ** 20 } }));
    expect(result).toEqual({ ok: false, why: "the inputs are too large" });
  });

  it.each([
    ["recurses", "() => { const f = () => f() + 1; return f() }"],
    ["sorts into itself", "() => { const f = () => [2, 1].sort(f); return f() }"],
    ["nests what it throws", "() => { const o = { toString() { return `${o}` } }; throw o + '' }"],
  ])("%s ends by its stack", async (_title, source) => {
    expect(await vault.compute(job(source))).toEqual({ ok: false, why: "it was ended: E_LIMIT_STACK" });
  });

  it.each([
    ["throws an object with getters", "() => { throw { get message() { leak = 1 }, get name() { throw 1 } } }"],
    ["throws a proxy", "() => { throw new Proxy({}, { get() { throw 1 }, getOwnPropertyDescriptor() { throw 2 } }) }"],
    ["throws null", "() => { throw null }"],
    ["throws a symbol", "() => { throw Symbol('x') }"],
    ["throws itself", "function f() { throw f }"],
    ["rejects with a thenable", "() => Promise.reject({ then() { throw 1 } })"],
    ["doubles a text without end", "() => { let s = 'x'; for (;;) s += s }"],
    ["never settles", "() => new Promise(() => {})"],
    ["gives a thenable that never answers", "() => ({ then() {} })"],
    ["gives a thenable that throws", "() => ({ get then() { throw new Error('x') } })"],
    ["gives a proxy that throws", "() => new Proxy({}, { get() { throw new Error('x') } })"],
    ["gives a revoked proxy", "() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy }"],
    ["leaves thousands of rejections", "() => { for (let i = 0; i < 1e5; i++) Promise.reject(i) }"],
    ["sets what all objects share", "() => { Object.prototype.polluted = 1; return 1 }"],
    [
      "redefines what all arrays share",
      "() => { Object.defineProperty(Array.prototype, 'map', { value: 1 }); return 1 }",
    ],
  ])("%s fails", async (_title, source) => {
    expect(await vault.compute(job(source))).toMatchObject({ ok: false });
  });

  it("leaves globals behind, leaves them to nobody", async () => {
    const source = `() => { globalThis.leak = 1; globalThis.JSON = { stringify: () => '"forged"' }; globalThis.Date = 1;
      delete globalThis.Object; return [1] }`;
    expect(await vault.compute(job(source))).toEqual({ ok: true, value: [1] });
  });

  it("looks for a way to the host finds no object that leads there", async () => {
    const source = `() => {
      const seen = new Set(); const queue = [globalThis, (async () => {}).constructor, new Date(0).constructor];
      const odd = [];
      try { new Date() } catch (error) { queue.push(error) }
      for (const value of queue) {
        if (Object(value) !== value || seen.has(value)) continue;
        seen.add(value);
        if (typeof value === 'function' && /^(host|call|start|print|read|exec|exit)$/.test(value.name)) odd.push(value.name);
        queue.push(Object.getPrototypeOf(value));
        for (const key of Reflect.ownKeys(value)) {
          const property = Object.getOwnPropertyDescriptor(value, key);
          queue.push(property.value, property.get, property.set);
        }
      }
      return [seen.size > 500, odd.sort()];
    }`;
    // Function.prototype.call and RegExp.prototype.exec, and nothing of ours.
    expect(await vault.compute(job(source))).toEqual({ ok: true, value: [true, ["call", "exec"]] });
  });
});

describe("fuel", () => {
  const source =
    "async (n) => { let x = 0; for (let i = 0; i < n; i++) { x = (x * 31 + i) % 1009; if (i % 999 === 0) await x } return x }";
  const runs = async (fuel: number, place = vault) =>
    (await place.compute(job(source, [300_000], { limits: { fuel } }))).ok;
  /** The smallest fuel that the job ends with. */
  const needed = async (place = vault): Promise<number> => {
    let [low, high] = [0, 500];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await runs(middle, place)) high = middle;
      else low = middle;
    }
    return high;
  };

  it("is counted the same every time, in a warm thread as in a new one", async () => {
    const count = await needed();
    expect(count).toBeGreaterThan(10);
    for (let i = 0; i < 3; i++) expect([await runs(count), await runs(count - 1)]).toEqual([true, false]);
    const other = compartments();
    expect(await needed(other)).toBe(count);
    await other.close();
  });

  it("is fresh for each job", async () => {
    const count = await needed();
    for (let i = 0; i < 5; i++) expect(await runs(count)).toBe(true);
  });
});

describe("compartments", () => {
  it("run one job at a time, in the order of the calls", async () => {
    const order: number[] = [];
    const sources = ["() => { for (let i = 0; i < 1e6; i++); return 1 }", "() => { for (;;); }", "() => 3"];
    await Promise.all(sources.map((source, at) => vault.compute(job(source)).then(() => order.push(at))));
    expect(order).toEqual([0, 1, 2]);
  });

  it("give each job its own memory", async () => {
    const mebibytes = async (memoryBytes: number) =>
      (await vault.compute(job("() => new ArrayBuffer(40 * 2 ** 20).byteLength", [], { limits: { memoryBytes } }))).ok;
    for (let i = 0; i < 2; i++) {
      expect([await mebibytes(32 * 2 ** 20), await mebibytes(64 * 2 ** 20)]).toEqual([false, true]);
    }
  });

  it("that were warmed run as others do", async () => {
    const warm = compartments();
    warm.warm(32 * 2 ** 20);
    expect(await warm.compute(job("() => 1"))).toEqual({ ok: true, value: 1 });
    await warm.close();
  });

  it("that are closed end the job that is on and refuse further ones", async () => {
    const closing = compartments();
    const running = closing.compute(job("() => { for (;;); }", [], { limits: AMPLE }));
    const waiting = closing.compute(job("() => 1"));
    await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    expect(await running).toEqual({ ok: false, why: "the vault closed" });
    expect(await waiting).toEqual({ ok: false, why: "the vault closed" });
    expect(await closing.compute(job("() => 1"))).toEqual({ ok: false, why: "the vault closed" });
  });

  it("whose engine is not the one that was built run nothing", async () => {
    const other = compartments({ imageSha256: "0".repeat(64) });
    const result = await other.compute(job("() => 1"));
    expect(result).toEqual({ ok: false, why: expect.stringContaining("is not the one this build was made with") });
    await other.close();
  });
});
