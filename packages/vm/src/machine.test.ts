import { afterEach, describe, expect, it, vi } from "vitest";
import { errorOf, newMachine, program, QUIET, run, SETUP, scriptValue, stopAfter } from "./engine.fixture.ts";

describe("values", () => {
  const cases: [string, string][] = [
    ["return 1 + 1", "2"],
    ["", "null"],
    ["return undefined", "null"],
    ["return [1, undefined, () => 1]", "[1,null,null]"],
    ["return new Date(0)", '"1970-01-01T00:00:00.000Z"'],
    ["return [NaN, new Map()]", "[null,{}]"],
    ["return { toJSON: () => 5 }", "5"],
    ['return "\\0\\ud800é中😀"', '"\\u0000\\ud800é中😀"'],
    ['return { ["__proto__"]: 1 }', '{"__proto__":1}'],
    ["return await Promise.resolve(7)", "7"],
    ["return { then(resolve) { resolve(3) } }", "3"],
    ["return new Proxy([1, 2], {})", "[1,2]"],
  ];
  it.each(cases)("%s gives %s", async (body, json) => {
    expect(await run(body)).toEqual({ kind: "value", json, reusable: true });
  });

  const refused: [string, string][] = [
    ["return 1n", "the script's value holds a BigInt, which JSON does not have; use `String(value)`"],
    ["return { a: [1n] }", "the script's value holds a BigInt, which JSON does not have; use `String(value)`"],
    ["const a = {}; a.a = a; return a", "the script's value contains itself, so JSON cannot hold it"],
    ["return () => 1", "the script's value is a function, which JSON does not have"],
    ["return Symbol('x')", "the script's value is a symbol, which JSON does not have"],
    ["return 0 / 0", "the script's value is the number NaN, which JSON does not have"],
    ["return new Set([1])", "the script's value is a Set (give `[...set]`), which JSON does not have"],
    [
      "let a = []; for (let i = 0; i < 1500; i++) a = [a]; return a",
      "the script's value is nested more than 1000 levels deep",
    ],
  ];
  it.each(refused)("%s is E_ARGUMENT", async (body, message) => {
    const { code, message: found } = await errorOf(body);
    expect({ code, message: found }).toEqual({ code: "E_ARGUMENT", message });
  });

  it("a value that throws while it is read ends the run with that error", async () => {
    expect(await errorOf("return { toJSON() { throw new RangeError('mine') } }")).toMatchObject({
      name: "RangeError",
      message: "mine",
      code: null,
    });
    expect(await errorOf("return { get a() { throw new RangeError('mine') } }")).toMatchObject({ message: "mine" });
  });
});

describe("the end of a run", () => {
  it("comes when jobs, started calls and timers are drained", async () => {
    const settlements = ['{"id":1,"ok":"answer"}'];
    const log: string[] = [];
    const end = await run(
      `probe.start("slow", 1).then((text) => probe.call("log", text));
       setTimeout(() => probe.call("log", "timer"), 0);
       Promise.resolve().then(() => probe.call("log", "job"));
       return "done"`,
      {
        ports: {
          call: (json) => {
            const { op, args } = JSON.parse(json);
            if (op === "slow") return '{"started":true}';
            log.push(args);
            return '{"ok":null}';
          },
          nextSettlement: () => settlements.shift() ?? null,
        },
      },
    );
    expect(end).toMatchObject({ kind: "value", json: '"done"' });
    expect(log).toEqual(["job", "answer", "timer"]);
  });

  it("comes at once when the script itself fails, whatever is still open", async () => {
    let calls = 0;
    const end = await run("setTimeout(() => probe.call('late'), 0); throw new Error('x')", {
      ports: { call: () => `{"ok":${calls++}}` },
    });
    expect(end.kind).toBe("error");
    expect(calls).toBe(0);
  });

  it("is an error when the script waits for what nobody settles", async () => {
    expect(await errorOf("await new Promise(() => {})")).toMatchObject({
      code: null,
      message: "the script ended while it was waiting for a promise that nothing settles",
    });
  });

  it("an answer to a call that nobody made is ignored", async () => {
    const settlements = ['{"id":99,"ok":1}', '{"id":1,"ok":2}'];
    const ports = { call: () => '{"started":true}', nextSettlement: () => settlements.shift() ?? null };
    expect(await scriptValue("return await probe.start('x')", { ports })).toBe(2);
  });
});

describe("unhandled rejections", () => {
  const uncaught: [string, string][] = [
    ["a forgotten await", "async function main() { throw new TypeError('lost') } main(); return 1"],
    ["a rejected promise", "Promise.reject(new TypeError('lost'))"],
    ["a then without a catch", "Promise.resolve().then(() => { throw new TypeError('lost') })"],
    ["a promise that is collected at once", "(async () => { await null; throw new TypeError('lost') })()"],
    ["a timer that throws", "setTimeout(() => { throw new TypeError('lost') }, 5)"],
    ["a timer's promise", "setTimeout(async () => { throw new TypeError('lost') }, 5)"],
    ["a microtask that throws", "queueMicrotask(() => { throw new TypeError('lost') })"],
  ];
  it.each(uncaught)("%s is an uncaught error", async (_title, body) => {
    expect(await errorOf(body)).toMatchObject({ name: "TypeError", message: "lost", line: 1 });
  });

  const handled: [string, string][] = [
    ["caught later in the same turn", "const p = Promise.reject(1); await null; p.catch(() => {}); return 1"],
    ["awaited in a try", "async function f() { throw 1 } try { await f() } catch { return 1 }"],
    ["caught", "Promise.reject(1).catch(() => {}); return 1"],
    ["settled together", "await Promise.allSettled([Promise.reject(1), Promise.reject(2)]); return 1"],
  ];
  it.each(handled)("a rejection that is %s is none", async (_title, body) => {
    expect(await scriptValue(body)).toBe(1);
  });

  it("the first of many is the one reported", async () => {
    expect(await errorOf("Promise.reject(new Error('a')); Promise.reject(new Error('b'))")).toMatchObject({
      message: "a",
    });
  });

  it("more than can be remembered are an error, too", async () => {
    const body = "const all = []; for (let i = 0; i < 21000; i++) all.push(Promise.reject(i));";
    expect(await errorOf(`${body} for (const p of all) p.catch(() => {}); return 1`)).toMatchObject({
      message: "too many promises were rejected without a handler at once",
    });
  });
});

describe("stops", () => {
  const endless: [string, string][] = [
    ["a loop", "for (;;);"],
    ["a loop in a try", "for (;;) { try { for (;;); } catch {} finally { for (;;); } }"],
    ["a finally block", "try { throw 1 } finally { for (;;); }"],
    ["a job loop", "(function again() { Promise.resolve().then(again) })()"],
    ["an await loop", "for (;;) await null"],
    ["a generator", "function* g() { for (;;) yield } for (const _ of g());"],
    ["a regex", "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
    ["a sort", "[3, 2, 1].sort(() => { for (;;); })"],
    ["a getter of the value", "return { get a() { for (;;); } }"],
    ["a proxy thrown", "throw new Proxy(new Error('x'), { getOwnPropertyDescriptor() { for (;;); } })"],
    ["a timer that sets itself", "(function again() { setTimeout(again, 0) })()"],
    ["an async iterator", "for await (const _ of { async *[Symbol.asyncIterator]() { for (;;) yield 1 } });"],
  ];
  it.each(endless)("ends %s uncatchably", async (_title, body) => {
    const end = await run(body, { ports: { stop: stopAfter(20) } });
    expect(end).toEqual({ kind: "fatal", code: "E_LIMIT_TIME", reusable: false });
  });

  it("nothing of the script runs after a stop: no catch, no finally, no job, no call", async () => {
    const seen: string[] = [];
    let stopped = false;
    const end = await run(
      `Promise.resolve().then(() => probe.call("job"));
       const inner = async () => { try { probe.call("stop") } catch { probe.call("catch") } finally { probe.call("finally") } };
       try { inner() } finally { probe.call("outer") }
       probe.call("after")`,
      {
        ports: {
          call: (json) => {
            const { op } = JSON.parse(json);
            seen.push(op);
            stopped ||= op === "stop";
            return '{"ok":null}';
          },
          stop: () => (stopped ? "E_LIMIT_CALLS" : null),
        },
      },
    );
    expect(end).toEqual({ kind: "fatal", code: "E_LIMIT_CALLS", reusable: false });
    expect(seen).toEqual(["stop"]);
  });

  it("a fatal answer ends the run although nothing asked for a stop", async () => {
    const answers: [string, string][] = [
      ['{"fatal":"E_LIMIT_OUTPUT"}', "E_LIMIT_OUTPUT"],
      ['{"fatal":"nonsense"}', "E_INTERRUPTED"],
    ];
    for (const [answer, code] of answers) {
      const end = await run("try { probe.call('x') } catch {} return 1", { ports: { call: () => answer } });
      expect(end).toEqual({ kind: "fatal", code, reusable: false });
    }
  });

  it("a stop that stands before the run lets nothing happen", async () => {
    let calls = 0;
    const ports = { call: () => `{"ok":${calls++}}`, stop: () => "E_INTERRUPTED" as const };
    expect(await run("probe.call('x')", { ports })).toMatchObject({ kind: "fatal", code: "E_INTERRUPTED" });
    expect(calls).toBe(0);
  });

  it("a stop while waiting for an answer ends the run", async () => {
    let waiting = false;
    const seen: string[] = [];
    const end = await run("try { await probe.start('x') } catch { probe.call('seen') }", {
      ports: {
        call: (json) => {
          seen.push(JSON.parse(json).op);
          return '{"started":true}';
        },
        nextSettlement: () => {
          waiting = true;
          return '{"id":1,"error":{"code":"E_NETWORK","message":"gone"}}';
        },
        stop: () => (waiting ? "E_INTERRUPTED" : null),
      },
    });
    expect(end).toEqual({ kind: "fatal", code: "E_INTERRUPTED", reusable: false });
    expect(seen).toEqual(["x"]);
  });

  it("a machine that was stopped does not run again", async () => {
    const machine = await newMachine();
    await run("for (;;);", { machine, ports: { stop: stopAfter(3) } });
    expect(() => machine.run(program("return 1"), SETUP, QUIET)).toThrow("did not leave it reusable");
  });
});

describe("clock and chance", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("the clock stands at the run's start, in UTC, wherever the host is", async () => {
    vi.stubEnv("TZ", "America/New_York");
    expect(new Date(2024, 6, 1).getTimezoneOffset()).toBe(240);
    const body =
      "return [Date.now(), new Date().getTime(), new Date(2024, 6, 1).getTimezoneOffset(), String(new Date(0))]";
    expect(await scriptValue(body, { setup: { startMs: 1_234_567_890_123 } })).toEqual([
      1_234_567_890_123,
      1_234_567_890_123,
      0,
      "Thu Jan 01 1970 00:00:00 GMT+0000",
    ]);
  });

  it("the same seed gives the same numbers, another seed others", async () => {
    const machine = await newMachine();
    const numbers = (seed: number) =>
      scriptValue("return [Math.random(), Math.random()]", { machine, setup: { seed } });
    const first = (await numbers(1)) as number[];
    expect(await numbers(1)).toEqual(first);
    expect(await numbers(2)).not.toEqual(first);
    for (const seed of [0, -1, 2 ** 53, Number.NaN]) {
      for (const number of (await numbers(seed)) as number[]) expect(number > 0 && number < 1).toBe(true);
    }
  });
});
