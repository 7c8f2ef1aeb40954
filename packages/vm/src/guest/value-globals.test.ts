/** Globals that touch nothing outside: texts and bytes, URL, clone, timers, abort, crypto, modules, process. */
import { createHash, createHmac } from "node:crypto";
import { posix } from "node:path";
import { expect, it } from "vitest";
import { runScript, scriptError, scriptValue } from "./script-run.fixture.ts";

/** Expressions whose value is the same JSON in Node. */
const SAME: readonly string[] = [
  // bytes and texts
  `Array.from(new TextEncoder().encode("aé漢😀\\ud800x\\udc00"))`,
  `new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65]))`,
  `new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length`,
  `new TextDecoder().decode(new Uint8Array([0xc0, 0x80, 0xe0, 0x80, 0x80, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xff]))`,
  `new TextDecoder().decode(new Uint8Array([0xe6, 0xbc, 65, 0xf0, 0x9f, 0x98, 65, 0xf0, 0x9f, 0xc2]))`,
  `(() => { const d = new TextDecoder(); return [...new Uint8Array([0xf0, 0x9f, 0x98, 0x80, 0xe6, 0xbc, 0xa2, 65])].map((b) => d.decode(new Uint8Array([b]), { stream: true })).concat(d.decode()) })()`,
  `(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }), d.decode(new Uint8Array([65])), d.decode(new Uint8Array([66]))] })()`,
  `(() => { try { new TextDecoder("utf8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.name } })()`,
  `new TextDecoder().decode(new Uint16Array([0x4142, 0x43]).subarray(1))`,
  `new TextEncoder().encodeInto("a漢😀b", new Uint8Array(6))`,
  `btoa("\\x00\\xff abc")`,
  `atob(" YW Jj\\n")`,
  `["YQ==", "YQ=", "YQ", "Y", "YQ=a", "", "====", "Y*Q="].map((t) => { try { return atob(t) } catch (e) { return e.name } })`,
  `(() => { try { btoa("漢") } catch (e) { return [e.name, e.code, e instanceof DOMException, e instanceof Error] } })()`,
  `Buffer.from("héllo 漢").toString("hex") + Buffer.from("6869zz", "hex") + Buffer.from("aGk=", "base64") + Buffer.from("_-8", "base64url").toString("base64")`,
  `[Buffer.concat([Buffer.from("a"), new Uint8Array([98])]).toString(), Buffer.byteLength("é"), Buffer.isBuffer(Buffer.alloc(1)), Buffer.isBuffer(new Uint8Array(1)), Buffer.from([256, -1, 3]).toJSON(), Buffer.from("abc").slice(1).toString(), Buffer.from("abcabc").indexOf("ca"), Buffer.from("ab").equals(Buffer.from("ab")), Buffer.alloc(4, "ab").toString(), Buffer.from("äö", "latin1").toString("latin1"), Buffer.from("hi", "utf16le").toString("hex"), Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("abc").includes("bc")]`,
  `Buffer.from("x".repeat(10000)).toString("base64").length`,
  // URL and its query
  ...[
    "https://u:p%20w@EX.com:443/a/./b/../c?x=1#y",
    "http://[::1]:80/",
    "file:///a b",
    "data:text/plain,hi",
    "https://xn--mgbh0fb.example/",
    "http://2130706433/",
    "//no",
    "nope",
    "",
  ].map(
    (url) =>
      `(() => { try { const u = new URL(${JSON.stringify(url)}); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, JSON.stringify(u)] } catch (e) { return [e.name, e.code, e.message] } })()`,
  ),
  `(() => { const u = new URL("https://a/b"); u.pathname = "/x y"; u.search = "q=ü"; u.hash = "f"; u.port = "99999"; u.port = "81"; u.host = "c:82"; u.protocol = "http"; u.username = "n"; return [u.href, [...u.searchParams]] })()`,
  `(() => { const u = new URL("https://a/?x=1"); const s = u.searchParams; s.append("y", "2&3"); s.set("x", "9"); s.delete("none"); u.search = "?z=1"; return [u.href, [...s], s === u.searchParams, s.size] })()`,
  `(() => { const u = new URL("https://a"); try { u.href = "bad" } catch (e) { return [e.name, u.href] } })()`,
  `["append", "set", "delete", "sort"].map((m) => { const u = new URL("https://a/?z=1&x=2"); u.searchParams[m]("x", m === "delete" ? undefined : "3"); return u.href })`,
  `[URL.canParse("x:y"), URL.canParse("y"), new URL("../c?d", "https://a/b/").href]`,
  `[new URLSearchParams("?a=1&a=2&b=%20+%zz%E4&=x&c").toString(), new URLSearchParams({ "a b": "ü!'()*~", c: 1 }).toString(), [...new URLSearchParams([["k", "v"], ["k", "w"]]).keys()]]`,
  `(() => { const s = new URLSearchParams("b=2&a=1&b=1"); s.sort(); const out = []; s.forEach((v, k) => out.push(k + v)); return [out, s.getAll("b"), s.get("zz"), s.has("b", "1"), s.has("b", "3"), [...s.entries()], \`\${s}\`] })()`,
  `(() => { try { new URLSearchParams([["one"]]) } catch (e) { return e.name } })()`,
  // structuredClone
  `(() => { const a = { d: new Date(5), r: /x/gi, m: new Map([[{ k: 1 }, new Set([1])]]), l: [1, , 3], n: null, u: undefined, b: 1n > 0n, f: new Float32Array([1.5]) }; a.self = a; const c = structuredClone(a); return [c.d.getTime(), c.r.toString(), [...c.m.keys()], [...[...c.m.values()][0]], c.l.length, 1 in c.l, c.self === c, c !== a, c.f[0], "u" in c] })()`,
  `(() => { const e = structuredClone(new TypeError("t", { cause: { a: 1 } })); return [e instanceof TypeError, e.message, e.cause] })()`,
  `[() => {}, Symbol("s"), { f() {} }, new WeakMap()].map((v) => { try { structuredClone(v); return "ok" } catch (e) { return [e.name, e.code] } })`,
  `(() => { const b = new ArrayBuffer(8); const c = structuredClone({ a: new Uint8Array(b, 2, 3), b: new DataView(b, 1) }); return [c.a.byteOffset, c.a.length, c.a.buffer === c.b.buffer, c.b.byteLength] })()`,
  `structuredClone(new (class K { a = 1; get b() { return 2 } })())`,
  `structuredClone([Object(1), Object("s"), Object(false)]).map((v) => typeof v)`,
  // the parts of Node's modules
  ...["a/../b", "", "/", "//a//b/", "../..", "a/b/../../..", "./a/", "/a/../../b", "...", "a/."].map(
    (path) =>
      `(() => { const p = require("path"); const x = ${JSON.stringify(path)}; return [p.normalize(x), p.dirname(x), p.basename(x), p.extname(x), p.parse(x), p.isAbsolute(x), p.join(x, "..", "z.txt"), p.join("/r", x), p.resolve("/r", x), p.relative("/r/s", "/r/" + x), p.format(p.parse(x))] })()`,
  ),
  `(() => { const p = require("path"); return [p.basename("a.tar.gz", ".gz"), p.basename(".gz", ".gz"), p.extname(".bashrc"), p.extname("a."), p.extname("a.b/c"), p.join(), p.join("", ""), p.format({ root: "/", base: "x" }), p.format({ dir: "/d", name: "n", ext: "e" }), p.sep, p.posix === p, p.relative("/a/b", "/a/b"), p.resolve("/a", "/b", "c")] })()`,
  `(() => { const u = require("util"); return [u.isDeepStrictEqual({ a: [1, new Map([[1, new Set([2])]])] }, { a: [1, new Map([[1, new Set([2])]])] }), u.isDeepStrictEqual([1], ["1"]), u.isDeepStrictEqual(NaN, NaN), u.isDeepStrictEqual(0, -0), u.isDeepStrictEqual(new Date(1), new Date(2)), u.isDeepStrictEqual({ a: undefined }, {}), u.isDeepStrictEqual(/a/g, /a/i), u.isDeepStrictEqual(new Uint8Array([1]), new Uint8Array([1])), u.isDeepStrictEqual([], {}), u.isDeepStrictEqual(new (class A {})(), {})] })()`,
  `(() => { const a = {}; a.a = a; const b = {}; b.a = b; return require("util").isDeepStrictEqual(a, b) })()`,
  `(() => { const q = require("querystring"); return [q.stringify({ a: [1, 2], b: "x y" }), { ...q.parse("a=1&a=2&b=x%20y") }] })()`,
  `(() => { const E = require("events"); const e = new E(); const out = []; const f = (x) => out.push(x); e.on("a", f); e.once("a", f); e.emit("a", 1); e.emit("a", 2); e.off("a", f); out.push(e.emit("a", 3), e.listenerCount("a")); try { e.emit("error", new Error("lost")) } catch (x) { out.push(x.message) } return out })()`,
  `(() => { const a = require("assert"); const out = []; for (const f of [() => a(1), () => a(0), () => a.equal(1, "1"), () => a.strictEqual(1, "1"), () => a.deepEqual({ a: 1 }, { a: "1" }), () => a.deepStrictEqual([1], [1]), () => a.throws(() => { throw new TypeError("x") }, TypeError), () => a.throws(() => {}), () => a.match("abc", /b/), () => a.notEqual(1, 1), () => a.throws(() => { throw new Error("q") }, { message: "q" }), () => a.fail("no")]) { try { f(); out.push("ok") } catch (e) { out.push([e.name, e.code]) } } return out })()`,
  `(() => { const { createHash, createHmac } = require("crypto"); return [createHash("sha256").update("a").update(Buffer.from("b")).digest("hex"), createHash("md5").update("x").digest("base64"), createHmac("sha1", "k").update("d").digest("hex"), createHash("sha512").update("ü").digest().length] })()`,
  `[require("url").fileURLToPath("file:///a%20b"), require("url").pathToFileURL("/a b%").href]`,
];

it("texts, bytes, URLs, clones and Node's small modules give what Node gives", async () => {
  const rows = SAME.map((expression) => `() => ${expression}`).join(",\n");
  const body = `return [${rows}].map((row) => JSON.stringify(row()))`;
  const make = runScript.constructor as FunctionConstructor;
  const { createRequire } = await import("node:module");
  const inNode = (await make("require", body)(createRequire(import.meta.url))) as string[];
  const inVm = (await scriptValue(body)) as string[];
  const wrong = SAME.flatMap((row, at) => (inNode[at] === inVm[at] ? [] : [{ row, node: inNode[at], vm: inVm[at] }]));
  expect(wrong).toEqual([]);
});

it("decodes every kind of broken UTF-8 as Node does", async () => {
  const marks = [0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
  const rows = marks.flatMap((a) => marks.flatMap((b) => marks.map((c) => [a, b, c, 0x80, 0x42])));
  const inVm = await scriptValue("return input.map((row) => new TextDecoder().decode(Uint8Array.from(row)))", {
    input: rows,
  });
  expect(inVm).toEqual(rows.map((row) => new TextDecoder().decode(Uint8Array.from(row))));
});

it("await on the results of synchronous globals works", async () => {
  expect(await scriptValue('return [await crypto.sha256("a"), await btoa("a")]')).toHaveLength(2);
});

it("crypto hashes text as UTF-8 and bytes as they are", async () => {
  const sha = createHash("sha256").update("ü").digest();
  expect(
    await scriptValue(
      'return [crypto.sha256("ü"), crypto.sha256(new TextEncoder().encode("ü"), "base64"), crypto.hmac("key", "data"), Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("ü"))).toString("hex")]',
    ),
  ).toEqual([
    sha.toString("hex"),
    sha.toString("base64"),
    createHmac("sha256", "key").update("data").digest("hex"),
    sha.toString("hex"),
  ]);
});

it("identifiers come from the run's seed: the same again, and each another", async () => {
  const body = "return [crypto.randomUUID(), crypto.randomUUID()]";
  const [first, second] = (await scriptValue(body)) as string[];
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(second).not.toBe(first);
  expect(await scriptValue(body)).toEqual([first, second]);
});

it("timers fire by due time and then creation, whatever the order of setting", async () => {
  const body = `
    const log = []; const say = (name) => () => log.push(name);
    setTimeout(say("20"), 20); setTimeout(say("10a"), 10); setTimeout(say("10b"), 10); setTimeout(say("0"), 0); setTimeout(say("1"), 1);
    setImmediate(say("immediate")); queueMicrotask(say("microtask"));
    setTimeout(() => { log.push("5"); setTimeout(say("5+4"), 4); setTimeout(say("5+5"), 5) }, 5);
    const gone = setTimeout(say("never"), 1); clearTimeout(gone); clearTimeout(undefined); clearTimeout(99999);
    let n = 0; const repeat = setInterval((word) => { log.push(word + ++n); if (n === 3) clearInterval(repeat) }, 7, "every");
    await require("timers/promises").setTimeout(30, "x").then((x) => log.push(x));
    return log`;
  expect(await scriptValue(body)).toEqual([
    "microtask",
    "0",
    "immediate",
    "1",
    "5",
    "every1",
    "5+4",
    "10a",
    "10b",
    "5+5",
    "every2",
    "20",
    "every3",
    "x",
  ]);
});

it("what a timer's callback throws ends the run, and text is never a callback", async () => {
  expect(
    await scriptError('setTimeout(() => { throw new Error("late") }); await new Promise((r) => setTimeout(r, 9))'),
  ).toMatchObject({ message: "late" });
  for (const call of [
    'setTimeout("x")',
    "setInterval()",
    "queueMicrotask(1)",
    "setImmediate({})",
    "process.nextTick()",
  ]) {
    expect(await scriptError(call)).toMatchObject({ code: "E_ARGUMENT" });
  }
});

it("an abort tells every listener once, with its reason", async () => {
  const body = `
    const log = []; const c = new AbortController(); const { signal } = c;
    signal.onabort = (event) => log.push(["on", event.type, event.target === signal]);
    const f = () => log.push("listener"); signal.addEventListener("abort", f); signal.addEventListener("abort", f);
    signal.addEventListener("abort", { handleEvent: () => log.push("object") }, { once: true });
    const gone = () => log.push("gone"); signal.addEventListener("abort", gone); signal.removeEventListener("abort", gone);
    const any = AbortSignal.any([new AbortController().signal, signal]);
    c.abort("why"); c.abort("again");
    try { signal.throwIfAborted() } catch (reason) { log.push(reason) }
    const timed = AbortSignal.timeout(5); await new Promise((r) => setTimeout(r, 6));
    return [log, any.aborted, any.reason, timed.reason.name, AbortSignal.abort().reason.name, new AbortController().signal.aborted]`;
  expect(await scriptValue(body)).toEqual([
    [["on", "abort", true], "listener", "object", "why"],
    true,
    "why",
    "TimeoutError",
    "AbortError",
    false,
  ]);
});

it("console writes lines with their level, groups indented, without a clock", async () => {
  const { stdout, levels } = await runScript(`
    print("a", 1); console.warn("b"); console.error("%s!", "c"); console.info(); console.debug({ d: 1 });
    console.group("g"); console.log("x\\ny"); console.group(); console.log("z"); console.groupEnd(); console.groupEnd(); console.groupEnd();
    console.count(); console.count(); console.countReset(); console.count("k"); console.time("t"); console.timeLog("t", 1); console.timeEnd("t");
    console.assert(true, "no"); console.assert(false, "bad %d", 1); console.assert(); console.dir({ a: { b: {} } }, { depth: 0 }); process.stdout.write("raw"); process.stderr.write(Buffer.from("!\\n"));`);
  expect(stdout).toBe(
    "a 1\nb\nc!\n\n{ d: 1 }\ng\n  x\n  y\n    z\ndefault: 1\ndefault: 2\nk: 1\nt: 0ms 1\nt: 0ms\nAssertion failed: bad 1\nAssertion failed\n{ a: [Object] }\nraw!\n",
  );
  expect(levels.slice(0, 5)).toEqual(["log", "warn", "error", "info", "debug"]);
});

it("console.table draws rows, columns and what is no table", async () => {
  const { stdout } = await runScript('console.table([{ a: 1, b: "x" }, { a: 22 }, 3]); console.table("text")');
  expect(stdout).toBe(
    [
      "┌─────────┬────┬─────┬────────┐",
      "│ (index) │ a  │ b   │ Values │",
      "├─────────┼────┼─────┼────────┤",
      "│ 0       │ 1  │ 'x' │        │",
      "│ 1       │ 22 │     │        │",
      "│ 2       │    │     │ 3      │",
      "└─────────┴────┴─────┴────────┘",
      "text\n",
    ].join("\n"),
  );
});

it("args, input, argv and the working directory are this run's", async () => {
  const body = "return [args, input, process.argv.slice(2), process.cwd(), require('path').resolve('a', '..', 'b')]";
  expect(await scriptValue(body, { args: ["x"], input: { a: [1] }, root: "/work/dir" })).toEqual([
    ["x"],
    { a: [1] },
    ["x"],
    "/work/dir",
    "/work/dir/b",
  ]);
  expect(await scriptValue(body)).toEqual([[], null, [], ".", "b"]);
});

it("what a run has not says what to do instead", async () => {
  expect(await scriptError('require("lodash")')).toMatchObject({
    code: "E_SUBSET",
    hint: expect.stringContaining("fs, fs/promises"),
  });
  expect(await scriptError('require("https")')).toMatchObject({ hint: expect.stringContaining("fetch") });
  expect(await scriptError("crypto.getRandomValues(new Uint8Array(4))")).toMatchObject({
    code: "E_SUBSET",
    hint: expect.stringContaining("randomUUID"),
  });
  expect(await scriptValue("process.exitCode = 3; return [process.exitCode ?? null, performance.now()]")).toEqual([
    3, 0,
  ]);
});

it("a file of Node's finds its names: module, exports, require.main, __dirname, global", async () => {
  const body = `
    let ran = false;
    if (require.main === module) ran = true;
    module.exports = { a: 1 };
    exports.b = 2;
    return [ran, module.exports, __dirname, __filename, global === globalThis, require("path").join(__dirname, "x")]`;
  const expected = [true, { a: 1 }, "/work/dir", "/work/dir/script.js", true, "/work/dir/x"];
  expect(await scriptValue(body, { root: "/work/dir" })).toEqual(expected);
});

it("a module is the same by both names and as its own default", async () => {
  expect(
    await scriptValue(
      'const p = require("path"); return [p === require("node:path"), p.default === p, p.join === p.posix.join, Object.keys(p).includes("default")]',
    ),
  ).toEqual([true, true, true, false]);
  expect(posix.sep).toBe("/");
});
