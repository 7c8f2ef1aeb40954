import { describe, expect, it } from "vitest";
import { run, scriptValue } from "./engine.fixture.ts";

const MiB = 1024 * 1024;

describe("memory", () => {
  const greedy: [string, string][] = [
    ["a growing array", "const a = []; for (;;) a.push('x'.repeat(1e5))"],
    ["a growing string", "let s = 'x'; for (;;) s = (s + s).slice(0, 1e9)"],
    ["many objects", "const a = []; for (;;) a.push({})"],
    ["a large buffer", "new ArrayBuffer(1e9)"],
    ["the largest buffer", "new ArrayBuffer(2 ** 31 - 1)"],
    ["many buffers", "const a = []; for (;;) a.push(new Uint8Array(1e6))"],
    ["a map", "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'v' + i)"],
    ["closures", "const a = []; for (let i = 0; ; i++) a.push(() => i)"],
    ["promises", "const a = []; for (;;) a.push(new Promise(() => {}))"],
    ["a dense array", "new Array(3e7).fill(0)"],
    ["a JSON text", "const a = Array(1000).fill('x'.repeat(1e4)); const b = Array(1000).fill(a); JSON.stringify(b)"],
    ["a regex result", "'x'.repeat(3e6).split('')"],
    ["a join", "Array(1e6).join('x'.repeat(1000))"],
    ["a flood of jobs", "for (;;) Promise.resolve().then(() => {})"],
    ["an unhandled rejection with a large reason", "const a = []; for (;;) a.push(new Error('x'.repeat(1e5)))"],
    ["a resizable buffer", "const b = new ArrayBuffer(8, { maxByteLength: 2 ** 30 }); b.resize(2 ** 30)"],
    ["an iterator that never ends", "Array.from({ *[Symbol.iterator]() { for (;;) yield {} } })"],
  ];
  it.each(greedy)("%s ends the run, although it is caught", async (_title, body) => {
    const caught = `try { ${body} } catch { probe.call("caught") } finally { probe.call("finally") } return "survived"`;
    const calls: string[] = [];
    const call = (json: string) => {
      calls.push(json);
      return '{"ok":null}';
    };
    const end = await run(caught, { ports: { call } });
    expect(end).toEqual({ kind: "fatal", code: "E_LIMIT_MEMORY", reusable: false });
    expect(calls).toEqual([]);
  });

  const refused: [string, string][] = [
    ["a string over the engine's own bound", "'x'.repeat(2 ** 30)"],
    ["a buffer over the engine's own bound", "new ArrayBuffer(2 ** 40)"],
    ["a BigInt over the engine's own bound", "let n = 3n; for (;;) n = n * n"],
    ["an array length that is none", "new Array(-1)"],
    ["a resizable buffer over the bound", "new ArrayBuffer(8, { maxByteLength: 2 ** 40 })"],
  ];
  it.each(refused)("%s is an ordinary error", async (_title, body) => {
    expect(await scriptValue(`try { ${body} } catch (error) { return error instanceof Error }`)).toBe(true);
  });

  it("a value that does not fit ends the run", async () => {
    const body = "return { get a() { const all = []; for (;;) all.push('x'.repeat(1e6)) } }";
    expect(await run(body)).toEqual({ kind: "fatal", code: "E_LIMIT_MEMORY", reusable: false });
  });

  it("an answer that does not fit ends the run, too", async () => {
    const answer = JSON.stringify({ ok: ["x".repeat(20 * MiB)] });
    const end = await run("try { probe.call('x') } catch {} return 1", { ports: { call: () => answer } });
    expect(end).toEqual({ kind: "fatal", code: "E_LIMIT_MEMORY", reusable: false });
  });

  it("what a script may use is `max_memory` above the image, within a page", async () => {
    // The script's one large allocation is all it takes, so the largest that fits is the limit.
    const fits = async (bytes: number) =>
      (await run(`new ArrayBuffer(${bytes}); return 1`, { size: { maxMemoryBytes: 24 * MiB } })).kind === "value";
    expect(await fits(24 * MiB - 256 * 1024)).toBe(true);
    expect(await fits(24 * MiB + 64 * 1024)).toBe(false);
  });

  it("a large limit is granted", async () => {
    const size = { maxMemoryBytes: 512 * MiB };
    expect(await scriptValue("return new Uint8Array(400e6).length", { size })).toBe(400e6);
  });

  it("freed memory can be used again", async () => {
    expect(await scriptValue("for (let i = 0; i < 300; i++) new Uint8Array(4e6); return 1")).toBe(1);
  });
});

describe("stack", () => {
  it("an overflow can be caught, and the script goes on", async () => {
    const body = `let depth = 0; function f() { depth++; f() }
      try { f() } catch (error) { return [error.name, error.message, depth > 50, [1, 2].map((x) => x * 2)] }`;
    expect(await scriptValue(body)).toEqual(["InternalError", "stack overflow", true, [2, 4]]);
  });

  const uncaught: [string, string][] = [
    ["in the script", "(function f() { f() })()"],
    ["in an async function", "async function f() { await f() } await f()"],
    ["in a callback", "(function f() { [1].forEach(f) })()"],
    ["in a timer", "setTimeout(function f() { f() }, 0)"],
    ["in a JSON text", "JSON.parse('['.repeat(1e5))"],
    ["in a pattern", "new RegExp('(?:'.repeat(1e5))"],
  ];
  it.each(uncaught)("uncaught %s it is E_LIMIT_STACK", async (_title, body) => {
    expect(await run(body)).toEqual({ kind: "fatal", code: "E_LIMIT_STACK", reusable: false });
  });

  it("a text that is nested too deeply to be parsed is E_LIMIT_STACK", async () => {
    expect(await run(`return ${"(".repeat(5000)}1${")".repeat(5000)}`)).toMatchObject({ code: "E_LIMIT_STACK" });
  });

  it("more stack gives more depth", async () => {
    const depth = (maxStackBytes: number) =>
      scriptValue("let n = 0; function f() { n++; f() } try { f() } catch { return n }", { size: { maxStackBytes } });
    expect(await depth(128 * 1024)).toBeGreaterThan(1.8 * ((await depth(64 * 1024)) as number));
  });
});
