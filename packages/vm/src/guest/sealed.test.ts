/** A Sealed as a script sees it: the same face whatever it stands for, every use of it an order to the host or an error. */
import { expect, it } from "vitest";
import { sealedError, sealedRun, sealedValue, sealedWorld, sent, token } from "./sealed-world.fixture.ts";

const NAMES = ["map", "get", "text", "json", "label", "toString"];

it.each([
  ["typeof key", "object"],
  ["Reflect.ownKeys(key)", NAMES],
  ["Object.keys(key)", NAMES],
  ["Object.keys({ ...key })", NAMES],
  ["(() => { const names = []; for (const name in key) names.push(name); return names; })()", NAMES],
  ["Object.getPrototypeOf(key)", null],
  ["Object.isFrozen(key)", true],
  ["Object.isExtensible(key)", false],
  ['"password" in key', false],
  ['"map" in key', true],
  ['Object.getOwnPropertyDescriptor(key, "password") === undefined', true],
  ["Array.isArray(key)", false],
  ["Object.prototype.toString.call(key)", "[object Sealed]"],
  ["key.then === undefined && key.constructor === undefined && key.__proto__ === undefined", true],
  ["(await key) === key", true],
  ["key.label", ["local"]],
  ["Object.isFrozen(key.label)", true],
  ["key.valueOf() === key", true],
  ["key", token(1)],
  ["[key, { key }]", [token(1), { key: token(1) }]],
  ["`Bearer ${key}`", `Bearer ${token(1)}`],
  ['key + "!"', `${token(1)}!`],
  ["String(key)", token(1)],
  ["key.toString()", token(1)],
  ["JSON.stringify({ key })", JSON.stringify({ key: token(1) })],
  ["new URLSearchParams({ key }).toString()", `key=${token(1)}`],
  ["new URL(`https://a.example/?key=${key}`).searchParams.get('key')", token(1)],
  ["new TextDecoder().decode(new TextEncoder().encode(`<${key}>`))", `<${token(1)}>`],
  ["Buffer.from(`<${key}>`).toString()", `<${token(1)}>`],
  ["structuredClone({ key }).key === key", true],
  ["seal.is(key) && !seal.is({}) && !seal.is(String(key)) && !seal.is(null)", true],
  ["key.db === key.db && key.get('db') === key.db", true],
])("%s needs no host", async (expression, value) => {
  expect(await sealedValue(`return ${expression}`)).toEqual(value);
});

it.each([
  [
    "key.db.password",
    [
      ["seal.get", { token: token(1), key: "db" }],
      ["seal.get", { token: token(2), key: "password" }],
    ],
  ],
  ["key[0]", [["seal.get", { token: token(1), key: "0" }]]],
  ["key.get(0)", [["seal.get", { token: token(1), key: "0" }]]],
  ['key.get("map")', [["seal.get", { token: token(1), key: "map" }]]],
  ["key.length", [["seal.get", { token: token(1), key: "length" }]]],
  ["key.size", [["seal.get", { token: token(1), key: "size" }]]],
  ["key.link", [["seal.get", { token: token(1), key: "link" }]]],
  ["const { a } = key", [["seal.get", { token: token(1), key: "a" }]]],
  ["JSON.parse(key)", [["seal.as", { token: token(1), how: "json" }]]],
  ["JSON.parse(String(key))", [["seal.as", { token: token(1), how: "json" }]]],
  ["key.json()", [["seal.as", { token: token(1), how: "json" }]]],
  ["key.text()", [["seal.as", { token: token(1), how: "text" }]]],
  ['btoa("me:" + key)', [["seal.encode", { how: "base64", text: `me:${token(1)}` }]]],
  ["btoa(key)", [["seal.encode", { how: "base64", text: token(1) }]]],
  ["atob(key)", [["seal.encode", { how: "base64decode", text: token(1) }]]],
  ["encodeURIComponent(key)", [["seal.encode", { how: "uriComponent", text: token(1) }]]],
  ["encodeURI(`/${key}`)", [["seal.encode", { how: "uri", text: `/${token(1)}` }]]],
  ['Buffer.from("me:" + key).toString("base64")', [["seal.encode", { how: "base64", text: `me:${token(1)}` }]]],
  ['Buffer.from(key, "base64").toString()', [["seal.encode", { how: "base64decode", text: token(1) }]]],
  ['key.toString("base64")', [["seal.encode", { how: "base64", text: token(1) }]]],
  ["btoa(String(key).slice(0, 20))", [["seal.encode", { how: "base64", text: token(1).slice(0, 20) }]]],
  ['crypto.hmac(key, "data")', [["seal.hmac", { algorithm: "sha256", key: token(1), data: "data", output: "hex" }]]],
  [
    'crypto.hmac("k", `a${key}`, "base64")',
    [["seal.hmac", { algorithm: "sha256", key: "k", data: `a${token(1)}`, output: "base64" }]],
  ],
  [
    'require("crypto").createHmac("sha1", key).update("a").update("b").digest("hex")',
    [["seal.hmac", { algorithm: "sha1", key: token(1), data: "ab", output: "hex" }]],
  ],
  [
    'require("crypto").createHmac("sha256", "k").update(key).digest("base64")',
    [["seal.hmac", { algorithm: "sha256", key: "k", data: token(1), output: "base64" }]],
  ],
  ["key.map(k => k + 1)", [["seal.compute", { inputs: [token(1)], source: "k => k + 1", args: [] }]]],
  [
    "key.map((k, n) => k.slice(n), 5)",
    [["seal.compute", { inputs: [token(1)], source: "(k, n) => k.slice(n)", args: [5] }]],
  ],
  [
    'key.map(k => k.a, { example: { a: "x" } })',
    [["seal.compute", { inputs: [token(1)], source: "k => k.a", args: [] }]],
  ],
  [
    "key.map((k, o) => o, { example: 1, other: 2 })",
    [["seal.compute", { inputs: [token(1)], source: "(k, o) => o", args: [{ example: 1, other: 2 }] }]],
  ],
  [
    "seal.compute([key, String(key)], (a, b) => a === b)",
    [["seal.compute", { inputs: [token(1), token(1)], source: "(a, b) => a === b", args: [] }]],
  ],
  [
    "await seal.run([key], async (k, io, n) => io.fs.read(k), 1)",
    [["seal.run", { inputs: [token(1)], source: "async (k, io, n) => io.fs.read(k)", args: [1] }]],
  ],
  ["await seal.settle()", [["seal.settle", { duration: null }]]],
  ['seal.settle("2m")', [["seal.settle", { duration: "2m" }]]],
  [
    'seal.jwt(key, { sub: "me" }, { algorithm: "HS512" })',
    [["seal.jwt", { token: token(1), algorithm: "HS512", claims: { sub: "me" } }]],
  ],
  ['await release("deploy_state", key)', [["release", { rule: "deploy_state", token: token(1) }]]],
])("%s is an order to the host", async (code, calls) => {
  expect((await sent(code)).map(({ op, args }) => [op, args])).toEqual(calls);
});

it("what a function does with its example is told in the open", async () => {
  const error = await sealedError("key.map((k, n) => k.list[n].name, 1, { example: { list: [] } })");
  expect(error).toMatchObject({ name: "TypeError" });
  expect(await sealedValue('let seen; key.map((k) => { seen = k }, { example: "e" }); return seen')).toBe("e");
  const two = "seal.compute([key, key], (a, b) => a + b,";
  expect(await sealedValue(`${two} { example: ["a", "b"] }); return 1`)).toBe(1);
  expect(await sealedError(`${two} { example: "a" })`)).toMatchObject({ code: "E_ARGUMENT" });
});

it("a released value is an ordinary one", async () => {
  expect(await sealedValue('return [await release("deploy_state", key), seal.settle()]')).toEqual(["green", null]);
});

it.each([
  ["key.map((k, f) => f(k), (k) => k)", "sealed.map: argument 1 behind the function is a function, which cannot"],
  ["seal.compute([key], (k, a) => a, 1, new Map())", "seal.compute: argument 2 behind the function is a Map"],
  ["seal.run([key], (k, io, s) => s, Symbol())", "seal.run: argument 1 behind the function is a symbol"],
])("%s is told before it runs, since nothing would be after", async (code, says) => {
  const { calls, end } = await sealedRun(code);
  expect(end).toMatchObject({ kind: "error", error: { code: "E_ARGUMENT", message: expect.stringContaining(says) } });
  expect(calls.map(({ op }) => op)).toEqual(["env.read"]);
});

const useOnly = sealedWorld(() => ({
  "env.read": () => ({
    sealed: { token: token(1), display: "[sealed secret:stripe]", kind: "value", label: ["secret:stripe"] },
  }),
}));

it("a secret that nothing may open is not to be mapped, and the message does not say so", async () => {
  const method = await sealedError('key.startsWith("sk_")', useOnly);
  expect(method.message).toContain("use it as it is, since this secret can be used and not opened");
  const branch = await sealedError("if (!key) throw 1", useOnly, true);
  expect(branch.message).toContain(
    "cannot branch on [sealed secret:stripe], loop over it or spread it; it can be used",
  );
  expect(branch.message).toContain("leave the check out");
});

it.each([
  ['key.startsWith("x")', '"startsWith" is not available on a sealed value; use .map(v => v.startsWith(…))'],
  ["key.slice(0, 3)", '"slice" is not available on a sealed value; use .map(v => v.slice(…))'],
  ["key.forEach(print)", '"forEach" is not available on a sealed value; use seal.run([list], (list, io) => …)'],
  ["key.filter(Boolean)", '"filter" is not available'],
  ["key.toFixed(2)", '"toFixed" is not available'],
  ["key.catch(() => {})", '"catch" is not available'],
  ['key.hasOwnProperty("a")', '"hasOwnProperty" is not available'],
  ["`${key.search}`", '"search" is not available on a sealed value; use .get("search") for a field of that name'],
  ["JSON.stringify({ at: key.at })", 'use .get("at") for a field of that name'],
  ["print(key.values)", 'use .get("values") for a field of that name'],
  [
    "+key",
    "arithmetic is not available on a sealed value; use .map((v) => …), or seal.run([value], (v, io) => {…}) where it",
  ],
  ["key * 2", "arithmetic"],
  ["Number(key)", "arithmetic"],
  ["Math.max(key, 1)", "arithmetic"],
  ["parseInt(key)", '"parseInt" is not available on a sealed value; use .map(v => parseInt(v))'],
  ["decodeURIComponent(key)", "decodeURIComponent"],
  ["[...key]", "iterating is not available on a sealed value; use .map(list => …)"],
  ["for (const one of key) print(one)", "iterating"],
  ["const [first] = key", "iterating"],
  ["Array.from(key)", "iterating"],
  ["new Map(key)", "iterating"],
  ["key.a = 1", "assignment is not available on a sealed value; use .map(v => ({ ...v, name: … }))"],
  ["delete key.map", "assignment"],
  ['Object.defineProperty(key, "a", { value: 1 })', "assignment"],
  ["Object.setPrototypeOf(key, Array.prototype)", "assignment"],
  ["JSON.parse(key, (name, value) => value)", "a reviver"],
  ["crypto.sha256(key)", "a hash is not available on a sealed value; use crypto.hmac(key, data)"],
  ["crypto.sha256(`a${key}`)", "a hash"],
  ['require("crypto").createHash("md5").update(`a${key}`).digest("hex")', "a hash"],
  ['await crypto.subtle.digest("SHA-256", Buffer.from(String(key)))', "a hash"],
  ['require("crypto").createHmac("sha1", key).update("a").digest()', '.digest("hex")'],
  ['Buffer.from(`a${key}`).toString("hex")', '"hex" is not available'],
  ['Buffer.from(`a${key}`).toString("base64url")', '"base64url" is not available'],
  ['Buffer.from(key, "hex")', '"hex" is not available'],
  ['Buffer.from(key, "utf16le")', '"utf16le" is not available'],
  ["Buffer.byteLength(`a${key}`)", '"byteLength"'],
  ['key.toString("hex")', '"toString" with this encoding'],
  ["fs.statSync('a').isFile()", '"isFile" is not available on a sealed value; use .map(v => v.type === "file")'],
  ["net.httpGet('https://a').clone()", '"clone" is not available on a sealed value; use .text()'],
  ["net.httpGet('https://a').headers.has('a')", '"has" is not available on a sealed value; use .get("name")'],
])("%s says what to do instead", async (code, says) => {
  const { code: found, message } = await sealedError(code);
  expect({ found, message }).toEqual({ found: "E_SEALED_METHOD", message: expect.stringContaining(says) });
});

it.each([
  ["seal.compute(key, k => k)", "`inputs` of `seal.compute` must be an array of sealed values, got a sealed value"],
  ['seal.compute(["public"], k => k)', "`inputs[0]` of `seal.compute` must be a sealed value, got string"],
  ['key.map("k => k")', "`function` of `sealed.map` must be a function, got string"],
  ['release("x", 5)', "`sealed` of `release` must be a sealed value, got number"],
  ["release(5, key)", "`rule` of `release` must be a string"],
  ['seal.jwt(key, "claims")', "`claims` of `seal.jwt` must be an object"],
  ["seal.jwt(key, {}, { alg: 1 })", "no option `alg`"],
  ["key.get(Symbol())", "`key` of `sealed.get`"],
  ["const { map } = key; map(k => k)", "this is no sealed value"],
  ["Reflect.apply(key.toString, {}, [])", "this is no sealed value"],
  ["`${new Proxy(key, {})}`", "this is no sealed value"],
  ["new URLSearchParams(key)", "must not be sealed"],
  ["Buffer.concat([Buffer.from([255]), Buffer.from(String(key))]).toString('base64')", "not UTF-8 text"],
])("%s is refused", async (code, says) => {
  const { code: found, message } = await sealedError(code);
  expect({ found, message }).toEqual({ found: "E_ARGUMENT", message: expect.stringContaining(says) });
});

it.each([
  ["print(key)", "[sealed env:KEY]"],
  ["print({ key, list: [key] })", "{ key: [sealed env:KEY], list: [ [sealed env:KEY] ] }"],
  ["print(new Map([[key, key]]))", "Map(1) { [sealed env:KEY] => [sealed env:KEY] }"],
  ["console.log('%o %d %j', key, key, key)", "[sealed env:KEY] [sealed env:KEY] [sealed env:KEY]"],
  ["console.dir(key)", "[sealed env:KEY]"],
  ["print(require('util').inspect(key))", "[sealed env:KEY]"],
  ["print(key.db)", "[sealed from env:KEY]"],
])("%s shows the display form", async (code, shown) => {
  expect((await sealedRun(code)).stdout).toBe(`${shown}\n`);
});

it("a table shows a Sealed as one cell", async () => {
  const { stdout } = await sealedRun("console.table([{ key }, key])");
  expect(stdout.split("\n").slice(3, 5)).toEqual([
    "│ 0       │ [sealed env:KEY] │                  │",
    "│ 1       │                  │ [sealed env:KEY] │",
  ]);
});

it.each(["throw key", "await Promise.reject(key)"])("%s ends the run with the display form", async (code) => {
  expect(await sealedError(code)).toMatchObject({ code: null, message: "uncaught [sealed env:KEY]" });
});

it("a cause shows the display form", async () => {
  const { end } = await sealedRun('throw new Error("no", { cause: key })');
  expect(end).toMatchObject({ error: { causes: ["[sealed env:KEY]"] } });
});

it.each([
  "assert.ok(key)",
  "assert.equal(key, 1)",
  "assert.deepEqual({ a: key }, { a: 1 })",
  "assert.deepStrictEqual([key.a], [key.b])",
  "require('util').isDeepStrictEqual(key.a, key.b)",
  "fs.cpSync('a', 'b', { errorOnExist: true })",
])("%s, where the guest decides, is a branch", async (code) => {
  const { code: found } = await sealedError(`const assert = require("assert"); ${code}`);
  expect(found).toBe("E_SEALED_BRANCH");
});

it("started calls give sealed values, too, and a response has the parts of one", async () => {
  const body = `
    const r = await fetch("https://localhost/");
    const parts = [r.status, r.ok, r.body, r.headers.get("X-Type"), r.headers["x-type"], await r.json(), await r.text()];
    return [seal.is(r), parts.every(seal.is)]`;
  expect(await sealedValue(body)).toEqual([true, true]);
  const calls = (await sent(body)).slice(1).map(({ args }) => args.key ?? args.how);
  expect(calls).toEqual(["status", "ok", "body", "headers", "x-type", "json", "text"]);
});

it.each(["seal.compute([1], x => x)", "seal.run([], x => x)", "seal.settle()", "seal.jwt(1, {})", 'release("a", 1)'])(
  "%s says so where nothing is local-only",
  async (code) => {
    const { end, calls } = await (await import("./script-run.fixture.ts")).runScript(code, { world: sealedWorld() });
    expect(end).toMatchObject({
      error: { code: "E_ARGUMENT", message: expect.stringContaining("nothing local-only") },
    });
    expect(calls).toEqual([]);
  },
);

it("without local-only values the language's functions are the engine's own", async () => {
  const { scriptValue } = await import("./script-run.fixture.ts");
  const body =
    "return [JSON.parse, encodeURI, encodeURIComponent, parseInt].map(f => `${f}`).concat(typeof $$branch, seal.is({}))";
  const own = "[native code]";
  const all = [own, own, own, own].map((text) => expect.stringContaining(text));
  expect(await scriptValue(body)).toEqual([...all, "undefined", false]);
});

it("text that only looks like a token is text", async () => {
  const body = `const like = "sealed0" + "f".repeat(32); try { JSON.parse(like) } catch (e) { return [e.name, like === "x"] }`;
  expect(await sealedValue(body, sealedWorld(), true)).toEqual(["SyntaxError", false]);
});
