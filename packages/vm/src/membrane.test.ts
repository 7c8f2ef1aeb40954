import { describe, expect, it } from "vitest";
import { errorOf, run, scriptValue } from "./engine.fixture.ts";
import { MAX_DEPTH, nestsDeeper, weight } from "./membrane.ts";
import type { MachineSize } from "./run.ts";

/** Escapes make six bytes of one, and the engine copies a text four times on its way. */
const ROOMY = { maxMemoryBytes: 256 * 1024 * 1024 };

/** Runs a script whose host keeps what it was asked and answers with `answer`. */
async function exchanged(body: string, answer: unknown = { ok: null }, size: Partial<MachineSize> = {}) {
  const asked: unknown[] = [];
  const call = (json: string) => {
    asked.push(JSON.parse(json).args);
    return JSON.stringify(answer);
  };
  return { end: await run(body, { ports: { call }, size }), asked };
}

describe("texts cross unchanged, both ways", () => {
  const texts: [string, string][] = [
    ["empty", ""],
    ["NUL inside", "/allowed/x\0/../../etc/passwd"],
    ["NUL at both ends", "\0a\0"],
    ["lone surrogates", "\ud800 \udfff \udbff"],
    ["Latin-1", "déjà vu ÿ"],
    ["wide", "中文 😀 \u{10ffff}"],
    ["escapes", '"\\\b\f\n\r\t\u001f\u007f\u2028\u2029'],
    ["long ASCII", "abc".repeat(1000)],
    ["long with NUL", "\0".repeat(1000)],
    ["long with lone surrogates", "\udc00\ud800".repeat(1000)],
    ["long Latin-1", "é".repeat(1000)],
    ["long wide", "中😀".repeat(1000)],
    ["long that begins as a mark", `s${"x".repeat(1000)}`],
    ["long that looks like JSON", `{"ok":"${"x".repeat(1000)}"}`],
  ];
  it.each(texts)("%s", async (_title, text) => {
    const body = "const got = probe.call('echo', null); probe.call('back', got); return [got, got.length]";
    const { end, asked } = await exchanged(body, { ok: text });
    expect(end.kind === "value" && JSON.parse(end.json)).toEqual([text, text.length]);
    expect(asked[1]).toBe(text);
  });

  it("strings of 2 MiB", async () => {
    for (const unit of ["a", "é", "中", "😀", "\n", "\0"]) {
      const text = unit.repeat((2 * 1024 * 1024) / unit.length);
      const { end, asked } = await exchanged("probe.call('back', probe.call('echo'));", { ok: text }, ROOMY);
      expect(end.kind).toBe("value");
      expect(asked[1] === text).toBe(true);
    }
  });

  it("a text made of pieces, and one that is used as a key", async () => {
    const body = `const got = probe.call('echo'); const o = { [got]: 1, ['a' + got]: 2 };
      let s = ''; for (let i = 0; i < 300; i++) s = got + s;
      return [o[got], o['a' + got], got === '中'.repeat(300), s.length, s === '中'.repeat(90000)]`;
    const { end } = await exchanged(body, { ok: "中".repeat(300) });
    expect(end).toMatchObject({ json: "[1,2,true,90000,true]" });
  });

  it("structures", async () => {
    const value = { a: [1, -0.5, 1e300, null, true, { "": "x" }], __proto__x: 1, constructor: "c" };
    const { end, asked } = await exchanged("const got = probe.call('echo'); probe.call('back', got); return got", {
      ok: value,
    });
    expect(end.kind === "value" && JSON.parse(end.json)).toEqual(value);
    expect(asked[1]).toEqual(value);
  });
});

describe("what JSON cannot hold", () => {
  const refused: [string, string][] = [
    ["a BigInt", "1n"],
    ["a BigInt inside", "{ a: [1n] }"],
    ["a cycle", "(() => { const a = {}; a.a = a; return a })()"],
    ["a cycle through arrays", "(() => { const a = []; a.push([a]); return a })()"],
    ["too deep a value", "(() => { let a = []; for (let i = 0; i < 1100; i++) a = [a]; return a })()"],
    ["too deep an object", "(() => { let a = {}; for (let i = 0; i < 1100; i++) a = { a }; return a })()"],
  ];
  it.each(refused)("%s is E_ARGUMENT and never reaches the host", async (_title, value) => {
    const { end, asked } = await exchanged(`probe.call("x", ${value})`);
    expect(end).toMatchObject({ kind: "error", error: { code: "E_ARGUMENT" } });
    expect(asked).toEqual([]);
  });

  it.each(refused)("%s rejects a started call", async (_title, value) => {
    const { end, asked } = await exchanged(`return await probe.start("x", ${value}).catch((error) => error.code)`);
    expect(end).toMatchObject({ kind: "value", json: '"E_ARGUMENT"' });
    expect(asked).toEqual([]);
  });

  it("a stack that runs out in the middle of the script's own recursion stays an overflow", async () => {
    const body = "function f() { probe.call('x', [[[[1]]]]); f() } try { f() } catch (error) { return error.name }";
    expect(await scriptValue(body)).toBe("InternalError");
  });

  it("functions, symbols and undefined are left out, as JSON.stringify does", async () => {
    const { asked } = await exchanged("probe.call('x', { a() {}, b: Symbol(), c: undefined, d: [undefined] })");
    expect(asked).toEqual([{ d: [null] }]);
  });
});

describe("tricks", () => {
  it("a value is read exactly once", async () => {
    const { asked, end } = await exchanged(
      `let reads = 0;
       probe.call("x", { get path() { return reads++ === 0 ? "/allowed" : "/etc/passwd" } });
       const p = new Proxy({ path: 0 }, { get: (target, key) => key === "path" ? "read " + reads++ : undefined });
       probe.call("x", p);
       return reads`,
    );
    expect(asked).toEqual([{ path: "/allowed" }, { path: "read 1" }]);
    expect(end).toMatchObject({ json: "2" });
  });

  it("a toJSON that calls the host is a call before, and ids of started calls stay apart", async () => {
    const ids: number[] = [];
    await run("probe.start('outer', { toJSON() { probe.start('inner', 1); return 2 } })", {
      ports: {
        call: (json) => {
          ids.push(JSON.parse(json).id);
          return '{"started":true}';
        },
      },
    });
    expect(ids).toEqual([2, 1]);
  });

  it("what a toJSON throws is the script's own error", async () => {
    const thrown = await errorOf("probe.call('x', { toJSON() { throw new RangeError('mine') } })");
    expect(thrown).toMatchObject({ name: "RangeError", message: "mine", code: null });
  });

  const pollutions: [string, string][] = [
    ["Object.prototype.toJSON", "Object.prototype.toJSON = () => 'evil'"],
    ["Object.prototype.ok", "Object.prototype.ok = 'evil'"],
    ["Object.prototype.error", "Object.prototype.error = { code: 'E_IO' }"],
    ["Array.prototype.toJSON", "Array.prototype.toJSON = () => 'evil'"],
    ["String.prototype.toJSON", "String.prototype.toJSON = () => 'evil'"],
    ["String.prototype.charCodeAt", "String.prototype.charCodeAt = () => 115"],
    ["JSON.parse", "JSON.parse = () => ({ ok: 'evil' })"],
    ["JSON.stringify", "JSON.stringify = () => '{}'"],
    ["Map.prototype.get", "Map.prototype.get = () => ({})"],
    ["Promise.prototype.then", "Promise.prototype.then = () => {}"],
    ["the global JSON", "globalThis.JSON = { parse: () => ({ ok: 'evil' }), stringify: () => '{}' }"],
    ["the global Promise", "globalThis.Promise = class {}"],
    ["Reflect.apply", "Reflect.apply = () => 'evil'"],
    ["Symbol.hasInstance", "Object.defineProperty(TypeError, Symbol.hasInstance, { value: () => true })"],
  ];
  it.each(pollutions)("writing %s changes nothing of a call", async (_title, attack) => {
    const { end, asked } = await exchanged(`try { ${attack} } catch {} return [probe.call("x", [{ a: "b" }])]`, {
      ok: { fine: ["é"] },
    });
    expect(asked).toEqual([[{ a: "b" }]]);
    expect(end).toMatchObject({ kind: "value", json: '[{"fine":["é"]}]' });
  });

  it("a started call settles although the script replaced Promise", async () => {
    const settlements = ['{"id":1,"ok":"fine"}'];
    const ports = { call: () => '{"started":true}', nextSettlement: () => settlements.shift() ?? null };
    const body = `globalThis.Promise = class { then() { throw 1 } };
      const p = probe.start("x"); Object.defineProperty(p, 'constructor', { value: class {} }); return await p`;
    expect(await scriptValue(body, { ports })).toBe("fine");
  });
});

describe("errors of the host", () => {
  const failure = {
    code: "E_POLICY_DENIED",
    message: "reading `x` is not allowed",
    capability: "fs.read",
    target: "x",
    rule: { id: "filesystem.deny[0]", file: "agent-run.toml", line: 7 },
    hint: "add it",
  };

  it("are AgentRunErrors that a script can catch", async () => {
    const body = `try { probe.call("x") } catch (e) {
      return [e instanceof AgentRunError, e instanceof Error, e.name, e.code, e.message, e.capability, e.target, e.rule, e.hint,
        Object.isFrozen(e.rule), Object.prototype.toString.call(e), /script\\.js/.test(e.stack)] }`;
    const { end } = await exchanged(body, { error: failure });
    const { code, message, capability, target, rule, hint } = failure;
    expect(end.kind === "value" && JSON.parse(end.json)).toEqual([
      ...[true, true, "AgentRunError", code, message, capability, target, rule, hint],
      ...[true, "[object Error]", true],
    ]);
  });

  it("have null for what the host did not say", async () => {
    const body = "try { probe.call('x') } catch (e) { return [e.capability, e.target, e.rule, e.hint] }";
    const { end } = await exchanged(body, { error: { code: "E_IO", message: "broken" } });
    expect(end).toMatchObject({ json: "[null,null,null,null]" });
  });

  it("uncaught, they end the run with all they say and the script's position", async () => {
    const { end } = await exchanged("\n  probe.call('x')", { error: failure });
    expect(end).toMatchObject({ kind: "error", error: { ...failure, name: "AgentRunError", line: 2, column: 13 } });
  });

  it("cannot be forged: codes come from the host alone", async () => {
    const forgeries = [
      "const e = new AgentRunError('m'); e.code = 'E_POLICY_DENIED'; throw e",
      "throw Object.assign(new Error('m'), { code: 'E_POLICY_DENIED' })",
      "class E extends AgentRunError { constructor() { super('m'); this.code = 'E_POLICY_DENIED' } } throw new E()",
      "try { probe.call('x') } catch (e) { throw Object.create(e) }",
      "try { probe.call('x') } catch (e) { throw new Proxy(e, {}) }",
      "try { probe.call('x') } catch (e) { throw Object.setPrototypeOf({ message: 'm', code: e.code }, AgentRunError.prototype) }",
    ];
    for (const forgery of forgeries) {
      const { end } = await exchanged(forgery, { error: failure });
      expect(end, forgery).toMatchObject({ kind: "error", error: { code: null } });
    }
  });

  it("keep what the host said although the script rewrote them", async () => {
    const { end } = await exchanged(
      "try { probe.call('x') } catch (e) { e.code = 'E_IO'; e.message = 'lie'; e.hint = 'lie'; throw e }",
      { error: failure },
    );
    expect(end).toMatchObject({ kind: "error", error: failure });
  });
});

describe("depth of JSON", () => {
  const cases: [string, string, boolean][] = [
    ["at the limit", "[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH), false],
    ["one more", "[".repeat(MAX_DEPTH + 1) + "]".repeat(MAX_DEPTH + 1), true],
    ["mixed", '{"a":['.repeat(600) + "]}".repeat(600), true],
    ["wide, not deep", `[${"[],".repeat(5000)}0]`, false],
    ["brackets in strings", JSON.stringify(Array(100).fill("[[[[[[{{{{".repeat(20))), false],
    ["quotes and backslashes in strings", JSON.stringify(Array(100).fill('\\"[[[[[[[[[[[[\\\\"'.repeat(20))), false],
    ["a string that ends with backslashes, then depth", `["${"\\\\".repeat(999)}",${"[".repeat(1001)}`, true],
    ["a string that never ends", `"${"[".repeat(5000)}`, false],
  ];
  it.each(cases)("%s", (_title, json, deeper) => {
    expect(nestsDeeper(json, MAX_DEPTH)).toBe(deeper);
  });
});

describe("the weight of a text", () => {
  /** Parsed, each takes about this many bytes of V8's heap (Node 20, 64-bit), as `process.memoryUsage` shows. */
  const texts: [string, string, number][] = [
    ["empty objects", `[${"{},".repeat(1e5)}0]`, 56e5],
    ["empty arrays", `[${"[],".repeat(1e5)}0]`, 40e5],
    ["fractions", `[${"0.5,".repeat(1e5)}0]`, 24e5],
    ["strings", `[${Array.from({ length: 1e5 }, (_, n) => `"${n}-x"`).join()}]`, 40e5],
    ["one long string", `"${"x".repeat(1e6)}"`, 1e6],
    ["members", `[${Array.from({ length: 2e4 }, (_, n) => `{"a${n % 50}":1,"b":2.5}`).join()}]`, 15e5],
  ];
  it.each(texts)("is not less than what it becomes: %s", (_title, json, bytes) => {
    expect(weight(json)).toBeGreaterThanOrEqual(bytes);
    expect(weight(json)).toBeLessThan(5 * bytes);
  });

  it("of a request decides whether the host sees it: a text that fits the VM may be too much for the host", async () => {
    const asked: string[] = [];
    const ports = { call: (json: string) => `{"ok":${asked.push(json)}}` };
    const size = { maxMemoryBytes: 32 * 1024 * 1024 };
    const end = await run(
      `try { probe.call("x", "[],".repeat(10)) } catch {}
      try { const one = []; probe.call("x", Array(1e6).fill(one)) } catch {} return "survived"`,
      { ports, size },
    );
    expect([end, asked.length]).toMatchObject([{ kind: "fatal", code: "E_LIMIT_MEMORY" }, 1]);
  });
});

it("a long text may cross as itself", async () => {
  for (const text of ["plain ".repeat(100), "\0\ud800中😀".repeat(100), `{"error":{}}${"x".repeat(300)}`]) {
    const ports = { call: () => ({ mark: "s", text }) as const };
    expect(await run("return probe.call('x')", { ports })).toMatchObject({ json: JSON.stringify(text) });
  }
});
