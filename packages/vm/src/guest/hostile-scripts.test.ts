/** What a script may try against the wrappers: replace what they use, reach what they hide, answer twice, break later calls. */
import { expect, it } from "vitest";
import { runScript, scriptError, scriptValue, type World } from "./script-run.fixture.ts";

const MODULES = [
  "assert",
  "assert/strict",
  "buffer",
  "child_process",
  "crypto",
  "events",
  "fs",
  "fs/promises",
  "os",
  "path",
  "path/posix",
  "perf_hooks",
  "process",
  "querystring",
  "timers",
  "timers/promises",
  "url",
  "util",
];

const WORLD: World = {
  "fs.read": "text",
  "fs.stat": { type: "file", size: 1, mtime: 1 },
  "fs.list": [{ name: "a", path: "a", type: "file", size: 1 }],
  "net.request": { status: 200, url: "https://a", headers: [["a", "b"]], body: "{}", base64: false },
  "subprocess.exec": { exitCode: 0, stdout: "", stderr: "" },
  "env.read": "v",
  "env.names": ["A"],
};

/** Walks what a script can reach without calling anything; answers paths of objects that are not frozen. */
const WALK = `
  const seen = new Set([globalThis, globalThis.args, globalThis.input, module, exports]);
  const open = [];
  const queue = Reflect.ownKeys(globalThis).map((key) => [String(key), globalThis[key]]);
  for (const name of ${JSON.stringify(MODULES)}) queue.push(["require(" + name + ")", require(name)]);
  queue.push(["response", Object.getPrototypeOf(net.httpGet("https://a"))], ["headers", Object.getPrototypeOf(net.httpGet("https://a").headers)],
    ["fetched", Object.getPrototypeOf(await fetch("https://a"))], ["stats", Object.getPrototypeOf(fs.statSync("a"))], ["entry", Object.getPrototypeOf(fs.readdirSync("a", { withFileTypes: true })[0])],
    ["hash", Object.getPrototypeOf(require("crypto").createHash("md5"))], ["keys", Object.getPrototypeOf(new Headers().keys())], ["query", Object.getPrototypeOf(new URLSearchParams().keys())]);
  while (queue.length > 0) {
    const [path, value] = queue.pop();
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!Object.isFrozen(value)) open.push(path);
    queue.push([path + ".__proto__", Object.getPrototypeOf(value)]);
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      for (const part of ["value", "get", "set"]) queue.push([path + "." + String(key), property[part]]);
    }
  }
  return open;`;

it("everything that scripts share with the wrappers is frozen", async () => {
  expect(await scriptValue(WALK, { world: WORLD })).toEqual([]);
});

it("replacing globals changes nothing for the wrappers", async () => {
  const body = `
    for (const name of ["JSON", "Object", "Array", "Map", "Set", "Promise", "Reflect", "String", "Number", "Math", "Uint8Array", "Symbol", "Error", "TypeError", "Date", "URL", "URLSearchParams", "Headers", "Buffer", "process", "TextEncoder"]) globalThis[name] = undefined;
    print({ a: [1, new (class A {})()] });
    fs.write("a", "b"); fs.readFileSync("a"); subprocess.exec(["x"]); net.httpPost("https://a", { q: 1 });
    await fetch("https://a").then((r) => r.json());
    return [fs.read("a"), env.read("A"), crypto.randomUUID().length, structuredClone([1])]`;
  const { end, stdout } = await runScript(body, { world: { ...WORLD, "fs.write": { bytes: 1 } } });
  expect(end).toMatchObject({ kind: "value", json: '["text","v",36,[1]]' });
  expect(stdout).toBe("{ a: [ 1, A {} ] }\n");
});

it.each([
  "Array.prototype.push = () => {}",
  "Object.prototype.toJSON = () => 1",
  "Object.prototype.path = 'x'",
  "Array.prototype[0] = 'x'",
  "Object.defineProperty(Array.prototype, 0, { set() {} })",
  "Promise.prototype.then = () => {}",
  "Map.prototype.get = () => {}",
  "URL.prototype.toString = () => {}",
  "Headers.prototype.get = () => {}",
  "fs.read = () => {}",
  "require('path').join = () => {}",
  "delete fs.read",
  "process.env = {}",
  "Object.setPrototypeOf(fs, {})",
])("%s is refused", async (code) => {
  expect(await scriptError(code, { world: WORLD })).toMatchObject({ name: "TypeError", code: null });
});

it("what a script returns for an object of ours is only read as JSON", async () => {
  const { calls } = await runScript(
    `const evil = { toString() { return "/etc/passwd" }, [Symbol.toPrimitive]() { return "/etc/passwd" }, toJSON() { return "/etc/passwd" } };
     for (const f of [() => fs.read(evil), () => fs.read(new String("a")), () => env.read(evil), () => subprocess.exec([evil]), () => net.httpGet(evil), () => fs.write("a", evil)]) { try { f() } catch (e) { if (e.code !== "E_ARGUMENT") throw e } }`,
    { world: WORLD },
  );
  expect(calls).toEqual([]);
});

it("the data of a call can not change its shape by toJSON or by getters", async () => {
  const body = `
    let n = 0;
    net.httpPost("https://a", { get a() { return ++n }, toJSON: undefined }, { headers: { get x() { return "v" + ++n } } });
    subprocess.exec(new Proxy(["git", "log"], { get: (t, k) => (k === "1" && n++ > 1 ? "log" : t[k]) }));
    return n`;
  const { calls } = await runScript(body, { world: WORLD });
  expect(calls.map(({ args }) => args)).toEqual([
    {
      method: "POST",
      url: "https://a",
      headers: [
        ["x", "v2"],
        ["content-type", "application/json"],
      ],
      body: '{"a":1}',
    },
    { argv: ["git", "log"] },
  ]);
});

it("a subclass of bytes is sent as the bytes it has", async () => {
  const body = `
    class Liar extends Uint8Array { get length() { return 1 } get buffer() { return new ArrayBuffer(9) } subarray() { return [] } slice() { return [] } static get [Symbol.species]() { return Array } }
    fs.write("a", Liar.from([104, 105]));
    fs.writeFileSync("a", new DataView(new Liar([104, 105, 106]).slice === null ? null : new Uint8Array([106, 107]).buffer, 1));`;
  const { calls } = await runScript(body, { world: { "fs.write": { bytes: 1 } } });
  expect(calls.map(({ args }) => args.data)).toEqual(["aGk=", "aw=="]);
});

it("a thenable or an odd listener is the script's own business", async () => {
  const body = `
    const seen = [];
    const controller = new AbortController();
    controller.signal.addEventListener("abort", function (event) { seen.push(this === controller.signal, Object.isFrozen(event)) });
    controller.abort();
    setTimeout(function () { seen.push(this === undefined) }, 1);
    await new Promise((r) => setTimeout(r, 2));
    return seen`;
  expect(await scriptValue(body)).toEqual([true, true, true]);
});

it("methods of ours on foreign objects are refused, not confused", async () => {
  const body = `
    const tries = [() => URLSearchParams.prototype.get.call({}, "a"), () => URL.prototype.toString.call({}), () => Headers.prototype.get.call(new Map(), "a"), () => Object.getPrototypeOf(net.httpGet("https://a")).text.call({}), () => Object.getPrototypeOf(net.httpGet("https://a").headers).get.call({}, "a"), () => new AbortSignal(), () => new (Object.getPrototypeOf(await_).constructor)(), () => Buffer.prototype.toString.call({})];
    return tries.map((f) => { try { return String(f()) } catch (e) { return e.code ?? e.name } })`;
  const found = (await scriptValue(`const await_ = await fetch("https://a"); ${body}`, { world: WORLD })) as string[];
  for (const answer of found) expect(["TypeError", "E_ARGUMENT"]).toContain(answer);
});

it("strings with NUL and lone surrogates reach the host as they are", async () => {
  const { calls } = await runScript('fs.read("a\\0b\\ud800"); fs.write("x", "\\0\\udfff")', {
    world: { ...WORLD, "fs.write": { bytes: 1 } },
  });
  expect(calls.map(({ args }) => args)).toEqual([{ path: "a\0b\ud800" }, { path: "x", data: "\0\udfff" }]);
});

it("an error of ours is genuine, complete, and stays so", async () => {
  const world: World = {
    "fs.read": {
      error: {
        code: "E_POLICY_DENIED",
        message: "no",
        capability: "fs.read",
        target: "a",
        rule: { id: "default" },
        hint: "do b",
      },
    },
  };
  const body = `
    try { fs.read("a") } catch (e) { return [e instanceof AgentRunError, e instanceof Error, e.name, e.code, e.message, e.capability, e.target, e.rule, e.hint, Object.isFrozen(e.rule)] }`;
  expect(await scriptValue(body, { world })).toEqual([
    true,
    true,
    "AgentRunError",
    "E_POLICY_DENIED",
    "no",
    "fs.read",
    "a",
    { id: "default" },
    "do b",
    true,
  ]);
});
