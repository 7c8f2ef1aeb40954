/** The wrappers of the effects (their sources stand in the `effects` package): what each puts on the wire and gives back. */
import type { Json } from "@agent-run/gate";
import { expect, it } from "vitest";
import { type Call, runScript, scriptError, scriptValue, type World } from "./script-run.fixture.ts";

const echo = ({ ...args }: Call["args"]): Json => args;
const ECHO: World = Object.fromEntries(
  ["fs.read", "fs.list", "fs.glob", "fs.exists", "fs.write", "fs.mkdir", "fs.delete", "fs.copy", "fs.move"].map(
    (op) => [op, echo],
  ),
);
const response = (args: Call["args"]): Json => ({
  status: 200,
  url: args.url ?? "",
  headers: [
    ["content-type", "text/plain"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["get", "shadow"],
    ["__proto__", "x"],
  ],
  body: JSON.stringify(args),
  base64: false,
});
const notFound = (path: Json | undefined): Json => ({
  error: { code: "E_NOT_FOUND", message: `\`${path}\` does not exist` },
});

/** The calls that a script makes, as [op, args]. */
const wire = async (body: string, world: World = ECHO) => {
  const { calls, end } = await runScript(body, { world });
  if (end.kind !== "value") throw new Error(JSON.stringify(end));
  return calls.map(({ op, args }) => [op, args]);
};

it.each([
  ['fs.read("a")', "fs.read", { path: "a" }],
  [
    'fs.read("a", { encoding: "base64", offset: 1, length: 2 })',
    "fs.read",
    { path: "a", encoding: "base64", offset: 1, length: 2 },
  ],
  ['fs.read("a", "UTF-8")', "fs.read", { path: "a", encoding: "utf8" }],
  ['fs.read(new URL("file:///x%20y"))', "fs.read", { path: "/x y" }],
  ["fs.list()", "fs.list", { path: "." }],
  ['fs.list("d", { recursive: true })', "fs.list", { path: "d", recursive: true }],
  ['fs.glob("**/*.md", { cwd: "d" })', "fs.glob", { pattern: "**/*.md", cwd: "d" }],
  ['fs.exists("a")', "fs.exists", { path: "a" }],
  ['fs.write("a", "t")', "fs.write", { path: "a", data: "t" }],
  [
    'fs.write("a", "aGk=", { base64: true, append: true, createParents: true })',
    "fs.write",
    { path: "a", data: "aGk=", base64: true, append: true, createParents: true },
  ],
  ['fs.write("a", new Uint8Array([104, 105]).subarray(1))', "fs.write", { path: "a", data: "aQ==", base64: true }],
  ['fs.mkdir("d", { recursive: true })', "fs.mkdir", { path: "d" }],
  ['fs.delete("d", { recursive: true })', "fs.delete", { path: "d", recursive: true }],
  ['fs.copy("a", "b")', "fs.copy", { from: "a", to: "b" }],
  ['fs.move("a", "b")', "fs.move", { from: "a", to: "b" }],
  ['fs.readFileSync("a", "utf8")', "fs.read", { path: "a" }],
  ['fs.writeFileSync("a", Buffer.from("hi"), { mode: 0o600 })', "fs.write", { path: "a", data: "aGk=", base64: true }],
  ['fs.writeFileSync("a", "6869", "hex")', "fs.write", { path: "a", data: "aGk=", base64: true }],
  ['fs.appendFileSync("a", "t")', "fs.write", { path: "a", data: "t", append: true }],
  ['fs.writeFileSync("a", "t", { flag: "a" })', "fs.write", { path: "a", data: "t", append: true }],
  ['fs.mkdirSync("d", { recursive: true })', "fs.mkdir", { path: "d" }],
  ['fs.rmSync("d", { recursive: true, force: true })', "fs.delete", { path: "d", recursive: true }],
  ['fs.unlinkSync("a")', "fs.delete", { path: "a" }],
  ['fs.copyFileSync("a", "b")', "fs.copy", { from: "a", to: "b" }],
  ['fs.renameSync("a", "b")', "fs.move", { from: "a", to: "b" }],
  ['await fs.promises.cp("a", "b", { recursive: true })', "fs.copy", { from: "a", to: "b" }],
  ['fs.appendFile("a", "t", () => {})', "fs.write", { path: "a", data: "t", append: true }],
])("%s asks for %s", async (code, op, args) => {
  expect(await wire(code)).toEqual([[op, args]]);
});

it.each([
  ["fs.read()", "`path` of `fs.read` must be a string, got undefined"],
  ["fs.read(null)", "got null"],
  ['fs.read(["a"])', "got array"],
  ['fs.read("a", { encodng: "utf8" })', "`fs.read` has no option `encodng`"],
  ['fs.read("a", { encoding: "latin1" })', 'must be one of "utf8", "base64"'],
  ['fs.read("a", { offset: 1.5 })', "whole number"],
  ['fs.read("a", { length: "5" })', "whole number from 0, got string"],
  ['fs.read("a", (error, data) => {})', "must be an object, got function"],
  ['fs.write("a")', "`data` of `fs.write` must be a string or bytes, got undefined"],
  ['fs.write("a", { b: 1 })', "got object"],
  ['fs.write("a", fetch("x").catch(() => {}))', "a promise (put `await` before it)"],
  ['fs.write("a", new Uint8Array(1), { base64: true })', "`base64` of `fs.write` is for text"],
  ['fs.write("a", "t", { append: 1 })', "must be true or false"],
  ['fs.copy("a")', "`to` of `fs.copy`"],
  ['fs.list("d", "x")', "must be an object, got string"],
  ["fs.readFileSync(0)", "no standard input"],
  ['fs.readFileSync("a", "klingon")', "no encoding `klingon`"],
  ['fs.writeFileSync("a", 5)', "must be a string or bytes, got number"],
  ['fs.writeFileSync("a", "t", { flag: "wx" })', 'must be one of "w", "a"'],
  ['fs.readFile("a")', "needs a callback"],
  ["env.read(1)", "`name` of `env.read` must be a string"],
  ['subprocess.exec("git log -1")', "must be an array of strings, got string"],
  ["subprocess.exec([])", "is empty"],
  ['subprocess.exec(["head", "-n", 5])', "`argv[2]` of `subprocess.exec` must be a string, got number"],
  ['subprocess.exec(["a"], { shell: true })', "no option `shell`"],
  ['subprocess.exec(["a"], { stdin: 5 })', "`stdin`"],
  ['subprocess.exec(["a"], { stdin: new Uint8Array([255]) })', "not UTF-8"],
  ['subprocess.exec(["a"], { env: { A: {} } })', "`env.A`"],
  ['subprocess.exec(["a"], { timeoutMs: -1 })', "above 0"],
  ["net.httpGet()", "`url` of `net.httpGet` must be a string, got undefined"],
  ['net.httpGet("https://a", { header: {} })', "no option `header`"],
  ['net.httpGet("https://a", { headers: { "a b": "c" } })', "is not a header name"],
  ['net.httpGet("https://a", { headers: { a: "b\\nc: d" } })', "line break"],
  ['net.httpGet("https://a", { headers: [["a"]] })', "must be [name, value]"],
  ['net.httpGet("https://a", { responseType: "blob" })', '"text", "json", "base64"'],
  ['net.httpPost("https://a", { big: 1n })', "can not be sent as JSON"],
  ['const a = {}; a.a = a; net.httpPost("https://a", a)', "can not be sent as JSON"],
  ['net.httpPost("https://a", () => {})', "`body`"],
  ['net.request("https://a")', "`options` of `net.request`"],
  ["await fetch({})", "`url` of `fetch`"],
  ['await fetch("https://a", { signal: {} })', "must be an AbortSignal"],
  ['await fetch("https://a", { redirect: "maybe" })', '"follow", "manual", "error"'],
])("%s is refused before the host is asked", async (code, says) => {
  const world = { ...ECHO, "net.request": response, "subprocess.exec": echo };
  const {
    code: found,
    message,
    calls,
  } = await scriptError(code.replace(' fetch("x")', " Promise.resolve()"), { world });
  expect({ found, message }).toEqual({ found: "E_ARGUMENT", message: expect.stringContaining(says) });
  expect(calls).toBe(0);
});

it("each option is read once, so a getter can not answer twice", async () => {
  const body = `
    let reads = 0;
    const options = { get encoding() { reads++; return reads === 1 ? "utf8" : "base64" }, get offset() { reads++; return 3 } };
    fs.read("a", options);
    const argv = ["git", "log"]; Object.defineProperty(argv, Symbol.iterator, { value: function* () { yield "rm" } }); Object.defineProperty(argv, "map", { value: () => ["rm"] });
    subprocess.exec(argv);
    return reads`;
  const { calls, end } = await runScript(body, { world: { ...ECHO, "subprocess.exec": echo } });
  expect(calls.map(({ args }) => args)).toEqual([{ path: "a", encoding: "utf8", offset: 3 }, { argv: ["git", "log"] }]);
  expect(end).toMatchObject({ kind: "value", json: "2" });
});

it("a proxy as options is asked for its keys and each known name, no more", async () => {
  const body = `
    const log = [];
    const options = new Proxy({ recursive: true }, { get: (t, k) => { log.push(String(k)); return t[k] }, ownKeys: (t) => { log.push("keys"); return Reflect.ownKeys(t) } });
    fs.list("d", options);
    return log`;
  expect(await scriptValue(body, { world: ECHO })).toEqual(["keys", "recursive"]);
});

it("readJson says what is wrong with a file, and where", async () => {
  const world: World = {
    "fs.read": ({ path }) =>
      ({ "good.json": '\ufeff{"a":[1]}', "bad.json": '{\n  "a": 1,\n  b: 2\n}', "empty.json": " " })[String(path)] ??
      null,
  };
  expect(await scriptValue('return fs.readJson("good.json")', { world })).toEqual({ a: [1] });
  expect(await scriptError('fs.readJson("bad.json")', { world })).toMatchObject({
    code: "E_ARGUMENT",
    message: expect.stringMatching(/^`bad\.json` is not valid JSON: .* at line 3, column \d+$/),
  });
  expect((await scriptError('fs.readJson("empty.json")', { world })).message).toBe(
    "`empty.json` is not valid JSON: it is empty",
  );
});

it("stats and entries answer in our form and in Node's", async () => {
  const world: World = {
    "fs.stat": ({ path }) => (path === "gone" ? notFound(path) : { type: "file", size: 3, mtime: 1000 }),
    "fs.list": ({ path }) => [
      { name: "x", path: `${path}/d/x`, type: "file", size: 1 },
      { name: "y", path: `${path}/y`, type: "directory", size: 0 },
    ],
  };
  const body = `
    const own = fs.stat("a"); const node = fs.statSync("a");
    const [first, second] = fs.readdirSync("t/", { withFileTypes: true, recursive: true });
    return [own, own.isFile(), Object.keys(own), node.mtime.getTime(), node.mtimeMs, node.isDirectory(), fs.statSync("gone", { throwIfNoEntry: false }) ?? "none",
      fs.readdirSync("t"), fs.readdirSync("t", { recursive: true }), first.isFile(), second.isDirectory(), first.parentPath, second.name, (await fs.promises.lstat("a")).size]`;
  expect(await scriptValue(body, { world })).toEqual([
    { type: "file", size: 3, mtime: 1000 },
    true,
    ["type", "size", "mtime"],
    1000,
    1000,
    false,
    "none",
    ["x", "y"],
    ["d/x", "y"],
    true,
    true,
    "t//d",
    "y",
    3,
  ]);
});

it("Node's fs keeps our codes, forces removals, and hands errors to callbacks and promises", async () => {
  const world: World = {
    "fs.delete": ({ path }) =>
      path === "secret" ? { error: { code: "E_POLICY_DENIED", message: "no" } } : notFound(path),
    "fs.read": ({ path }) => notFound(path),
    "fs.exists": false,
  };
  const body = `
    fs.rmSync("a", { force: true });
    const codes = [];
    try { fs.rmSync("secret", { force: true }) } catch (e) { codes.push(e.code) }
    for (const f of [() => fs.rmSync("a"), () => fs.accessSync("a"), () => fs.readFileSync("a"), () => fs.createReadStream("a")]) { try { f() } catch (e) { codes.push(e.code) } }
    codes.push(await fs.promises.readFile("a").catch((e) => e.code));
    codes.push(await new Promise((r) => fs.readFile("a", "utf8", (e, data) => r([e.code, data === undefined]))));
    codes.push(await fs.promises.readFile(5).catch((e) => e.code));
    return codes`;
  expect(await scriptValue(body, { world })).toEqual([
    "E_POLICY_DENIED",
    "E_NOT_FOUND",
    "E_NOT_FOUND",
    "E_NOT_FOUND",
    "E_SUBSET",
    "E_NOT_FOUND",
    ["E_NOT_FOUND", true],
    "E_ARGUMENT",
  ]);
});

it("a response is plain data with readers and a view of its headers", async () => {
  const body = `
    const r = net.httpPost("https://a/x", { q: 1 }, { headers: { "X-Own": 5 }, timeoutMs: 1.5 });
    return [r, r.ok, await r.json(), r.headers.get("Set-Cookie"), r.headers.get("get"), r.headers.has("no"), r.headers.getSetCookie(), typeof r.headers.forEach, Object.keys(r), Object.keys(r.headers), [...r.headers.keys()]]`;
  const request = {
    method: "POST",
    url: "https://a/x",
    headers: [
      ["x-own", "5"],
      ["content-type", "application/json"],
    ],
    body: '{"q":1}',
    timeoutMs: 2,
  };
  expect(await scriptValue(body, { world: { "net.request": response } })).toEqual([
    {
      status: 200,
      ok: true,
      url: "https://a/x",
      headers: { "content-type": "text/plain", "set-cookie": "a=1, b=2", ["__proto__"]: "x" },
      body: JSON.stringify(request),
    },
    true,
    request,
    "a=1, b=2",
    "shadow",
    false,
    ["a=1", "b=2"],
    "function",
    ["status", "ok", "url", "headers", "body"],
    ["__proto__", "content-type", "set-cookie"],
    ["__proto__", "content-type", "get", "set-cookie", "set-cookie"],
  ]);
});

it.each([
  ['net.httpGet("https://a")', { method: "GET", url: "https://a", headers: [] }],
  ['net.httpHead(new URL("https://a/b"))', { method: "HEAD", url: "https://a/b", headers: [] }],
  ['net.httpDelete("https://a")', { method: "DELETE", url: "https://a", headers: [] }],
  [
    'net.httpPut("https://a", "t")',
    { method: "PUT", url: "https://a", headers: [["content-type", "text/plain;charset=UTF-8"]], body: "t" },
  ],
  [
    'net.httpPatch("https://a", [1], { headers: { "Content-Type": "application/merge-patch+json" } })',
    { method: "PATCH", url: "https://a", headers: [["content-type", "application/merge-patch+json"]], body: "[1]" },
  ],
  [
    'net.httpPost("https://a", new Uint8Array([1]))',
    { method: "POST", url: "https://a", headers: [], bodyBase64: "AQ==" },
  ],
  ['net.httpPost("https://a")', { method: "POST", url: "https://a", headers: [] }],
  [
    'net.request({ method: "put", url: "https://a", body: { a: 1 } })',
    { method: "PUT", url: "https://a", headers: [["content-type", "application/json"]], body: '{"a":1}' },
  ],
  ['await fetch("https://a")', { method: "GET", url: "https://a", headers: [] }],
  [
    'await net.fetch("https://a", { method: "post", body: new URLSearchParams({ a: "b c" }), headers: new Headers({ "X-A": "1" }) })',
    {
      method: "POST",
      url: "https://a",
      headers: [
        ["x-a", "1"],
        ["content-type", "application/x-www-form-urlencoded;charset=UTF-8"],
      ],
      body: "a=b+c",
    },
  ],
  [
    'await fetch({ url: "https://a", method: "DELETE", headers: [["A", "b"]] }, { headers: { c: "d" }, mode: "cors" })',
    { method: "DELETE", url: "https://a", headers: [["c", "d"]] },
  ],
  [
    'await fetch("https://a", { signal: AbortSignal.timeout(70), timeoutMs: 90 })',
    { method: "GET", url: "https://a", headers: [], timeoutMs: 70 },
  ],
  [
    'await fetch("https://a", { method: "POST", body: new ArrayBuffer(1) })',
    { method: "POST", url: "https://a", headers: [], bodyBase64: "AA==" },
  ],
])("%s asks for one request", async (code, args) => {
  expect(await wire(code, { "net.request": response })).toEqual([["net.request", args]]);
});

it("bytes that are no text come as base64 or leniently as text", async () => {
  const world: World = { "net.request": { status: 200, url: "u", headers: [], body: "/2E=", base64: true } };
  const body = `
    return [net.httpGet("u").body, net.httpGet("u", { responseType: "base64" }).body, net.httpGet("u").text(), Array.from(await (await fetch("u")).bytes()), (await (await fetch("u")).arrayBuffer()).byteLength, await (await fetch("u")).text()]`;
  expect(await scriptValue(body, { world })).toEqual(["\ufffda", "/2E=", "\ufffda", [255, 97], 2, "\ufffda"]);
  const text: World = { "net.request": { status: 404, url: "u", headers: [], body: "[1]", base64: false } };
  expect(
    await scriptValue(
      'const r = net.httpGet("u", { responseType: "json" }); return [r.body, r.ok, net.httpGet("u", { responseType: "base64" }).body]',
      { world: text },
    ),
  ).toEqual([[1], false, "WzFd"]);
});

it("a fetched response is read once, and cloned before that", async () => {
  const body = `
    const r = await fetch("https://a"); const copy = r.clone();
    const out = [r.status, r.statusText, r.ok, r.url, r.redirected, typeof r.body, r.bodyUsed, r.headers.get("content-type"), r.headers instanceof Headers, (await r.json()).method, r.bodyUsed];
    for (const f of [() => r.text(), () => r.clone()]) { try { await f() } catch (e) { out.push(e.name) } }
    out.push((await copy.text()).length > 10);
    return out`;
  expect(await scriptValue(body, { world: { "net.request": response } })).toEqual([
    200,
    "OK",
    true,
    "https://a",
    false,
    "string",
    false,
    "text/plain",
    true,
    "GET",
    true,
    "TypeError",
    "TypeError",
    true,
  ]);
});

it("an abort before asks nothing, an abort during ends the wait", async () => {
  const body = `
    const before = await fetch("https://a", { signal: AbortSignal.abort() }).catch((e) => e.name);
    const controller = new AbortController();
    const waiting = fetch("https://a", { signal: controller.signal }).catch((e) => e);
    controller.abort("mine");
    return [before, await waiting]`;
  const { end, calls } = await runScript(body, { world: { "net.request": response } });
  expect(end).toMatchObject({ json: '["AbortError","mine"]' });
  expect(calls).toHaveLength(1);
});

it("a redirect is an ordinary answer unless the script wants an error", async () => {
  const world: World = {
    "net.request": { status: 302, url: "https://a", headers: [["location", "/b"]], body: "", base64: false },
  };
  expect(
    await scriptValue('const r = await fetch("https://a"); return [r.status, r.headers.get("location")]', { world }),
  ).toEqual([302, "/b"]);
  expect(await scriptError('await fetch("https://a", { redirect: "error" })', { world })).toMatchObject({
    code: "E_NETWORK",
  });
});

it("a failing command is a result, and with check an error that says why", async () => {
  const world: World = { "subprocess.exec": { exitCode: 2, stdout: "out", stderr: "fatal: one\ntwo\n" } };
  expect(await scriptValue('return subprocess.exec(["git", "x"])', { world })).toEqual({
    exitCode: 2,
    stdout: "out",
    stderr: "fatal: one\ntwo\n",
  });
  expect(await scriptError('subprocess.exec(["git", "x"], { check: true })', { world })).toMatchObject({
    code: "E_EXEC",
    message: "`git x` ended with exit code 2: fatal: one\ntwo",
  });
  const body = `
    const cp = require("child_process"); const out = [];
    try { cp.execFileSync("git", ["x"]) } catch (e) { out.push([e.code, e.status, e.exitCode, e.stderr]) }
    const s = cp.spawnSync("git", ["x"], { encoding: "utf8" }); out.push([s.status, s.stdout, s.signal]);
    out.push(await require("util").promisify(cp.execFile)("git").catch((e) => e.code));
    return out`;
  expect(await scriptValue(body, { world })).toEqual([
    ["E_EXEC", 2, 2, "fatal: one\ntwo\n"],
    [2, "out", null],
    "E_EXEC",
  ]);
});

it("there is no shell by any name, and the answer shows the array to pass", async () => {
  expect(await scriptError('subprocess.exec("git log -1")')).toMatchObject({
    hint: 'there is no shell: pass an array, subprocess.exec(["git","log","-1"])',
  });
  const cp = 'require("child_process")';
  expect(await scriptError(`${cp}.execSync("git status")`)).toMatchObject({
    code: "E_ARGUMENT",
    hint: 'pass the arguments as an array: execFileSync("git", ["status"])',
  });
  expect(await scriptError(`${cp}.exec("a | b", () => {})`)).toMatchObject({ code: "E_ARGUMENT" });
  expect(await scriptError(`${cp}.execFileSync("a", [], { shell: true })`)).toMatchObject({ code: "E_ARGUMENT" });
  expect(await scriptError(`${cp}.spawn("a")`)).toMatchObject({ code: "E_SUBSET" });
  const { calls } = await runScript(
    `${cp}.execFileSync("git", ["log"], { cwd: "d", input: "i", timeout: 5, env: { A: 1 } })`,
    { world: { "subprocess.exec": { exitCode: 0, stdout: "", stderr: "" } } },
  );
  expect(calls).toEqual([
    { op: "subprocess.exec", args: { argv: ["git", "log"], cwd: "d", stdin: "i", timeoutMs: 5, env: { A: "1" } } },
  ]);
});

it("process.env asks for each name, lists granted ones, and can not be changed", async () => {
  const world: World = {
    "env.read": ({ name }) =>
      name === "HOME"
        ? "/h"
        : name === "UNSET"
          ? null
          : { error: { code: "E_POLICY_DENIED", message: `\`${name}\` is not granted` } },
    "env.has": ({ name }) => name === "HOME",
    "env.names": ["HOME"],
  };
  const body = `
    const tries = [() => process.env.HOME, () => process.env.UNSET ?? "unset", () => process.env.SECRET, () => Object.keys(process.env), () => ({ ...process.env }), () => JSON.stringify(process.env),
      () => "HOME" in process.env, () => { process.env.A = "b" }, () => delete process.env.HOME, () => Object.defineProperty(process.env, "A", { value: 1 }), () => String(process.env), () => process.env.then ?? "no", () => env.has("HOME"), () => env.read("UNSET") ?? "unset", () => { const { HOME } = process.env; return HOME }];
    return tries.map((f) => { try { return f() } catch (e) { return e.code } })`;
  expect(await scriptValue(body, { world })).toEqual([
    "/h",
    "unset",
    "E_POLICY_DENIED",
    ["HOME"],
    { HOME: "/h" },
    '{"HOME":"/h"}',
    true,
    "E_ARGUMENT",
    "E_ARGUMENT",
    "E_ARGUMENT",
    "[object Object]",
    "no",
    true,
    "unset",
    "/h",
  ]);
  expect((await runScript("print(process.env)", { world })).stdout).toBe("{ HOME: '/h' }\n");
});
