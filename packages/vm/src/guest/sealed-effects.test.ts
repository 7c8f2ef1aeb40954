/** Effects with sealed values: tokens go out in every argument, sealed answers come back unharmed through every form. */
import type { Json } from "@agent-run/gate";
import { expect, it } from "vitest";
import { sealedError, sealedRun, sealedValue, sealedWorld, sent, token } from "./sealed-world.fixture.ts";

const KEY = token(1);
const REQUEST = { method: "POST", url: "https://a" };
const JSON_TYPE = ["content-type", "application/json"];
const TEXT_TYPE = ["content-type", "text/plain;charset=UTF-8"];

it.each<[string, string, Json]>([
  ['fs.write("a", key)', "fs.write", { path: "a", data: KEY }],
  ['fs.write("a", `<${key}>`)', "fs.write", { path: "a", data: `<${KEY}>` }],
  ['fs.write("a", Buffer.from(`<${key}>`))', "fs.write", { path: "a", data: `<${KEY}>` }],
  ['fs.write("a", new TextEncoder().encode(`é${key}`))', "fs.write", { path: "a", data: `é${KEY}` }],
  ['fs.write("a", JSON.stringify({ key }))', "fs.write", { path: "a", data: `{"key":"${KEY}"}` }],
  ['fs.writeFileSync("a", key)', "fs.write", { path: "a", data: KEY }],
  ['fs.writeFileSync("a", Buffer.from(String(key)))', "fs.write", { path: "a", data: KEY }],
  ['fs.appendFileSync("a", `${key}\\n`)', "fs.write", { path: "a", data: `${KEY}\n`, append: true }],
  ['await fs.promises.writeFile("a", key)', "fs.write", { path: "a", data: KEY }],
  ["fs.read(key)", "fs.read", { path: KEY }],
  ["fs.exists(`/tmp/${key}`)", "fs.exists", { path: `/tmp/${KEY}` }],
  [
    'net.httpPost("https://a", { a: key, list: [{ key }] })',
    "net.request",
    { ...REQUEST, headers: [JSON_TYPE], body: `{"a":"${KEY}","list":[{"key":"${KEY}"}]}` },
  ],
  ['net.httpPost("https://a", key)', "net.request", { ...REQUEST, headers: [TEXT_TYPE], body: KEY }],
  ['net.httpPost("https://a", Buffer.from(`a=${key}`))', "net.request", { ...REQUEST, headers: [], body: `a=${KEY}` }],
  [
    'net.httpPost("https://a", new URLSearchParams({ key }))',
    "net.request",
    {
      ...REQUEST,
      headers: [["content-type", "application/x-www-form-urlencoded;charset=UTF-8"]],
      body: `key=${KEY}`,
    },
  ],
  [
    'net.httpGet(`https://a/?k=${key}`, { headers: { Authorization: `Bearer ${key}`, "X-Key": key } })',
    "net.request",
    {
      method: "GET",
      url: `https://a/?k=${KEY}`,
      headers: [
        ["authorization", `Bearer ${KEY}`],
        ["x-key", KEY],
      ],
    },
  ],
  [
    'await fetch("https://a", { method: "POST", headers: new Headers({ "X-Key": key }), body: JSON.stringify({ key }) })',
    "net.request",
    { ...REQUEST, headers: [["x-key", KEY], TEXT_TYPE], body: `{"key":"${KEY}"}` },
  ],
  ["await fetch(key)", "net.request", { method: "GET", url: KEY, headers: [] }],
  [
    'subprocess.exec(["git", key], { stdin: key, env: { X: key, Y: `a${key}` } })',
    "subprocess.exec",
    { argv: ["git", KEY], stdin: KEY, env: { X: KEY, Y: `a${KEY}` } },
  ],
  ['subprocess.exec(["cat"], { stdin: Buffer.from(String(key)) })', "subprocess.exec", { argv: ["cat"], stdin: KEY }],
  [
    'require("child_process").execFileSync("git", [key], { input: key, env: { X: key } })',
    "subprocess.exec",
    { argv: ["git", KEY], stdin: KEY, env: { X: KEY } },
  ],
])("%s sends the token", async (code, op, args) => {
  expect((await sent(code))[0]).toEqual({ op, args });
});

it.each([
  'fs.read("a")',
  'fs.readJson("a")',
  'fs.stat("a")',
  'fs.list("a")',
  'fs.exists("a")',
  'fs.readFileSync("a", "utf8")',
  'fs.readFileSync("a")',
  'fs.readFileSync("a", "base64")',
  'fs.statSync("a")',
  'fs.existsSync("a")',
  'fs.readdirSync("a")',
  'fs.readdirSync("a", { withFileTypes: true })',
  'await fs.promises.readFile("a", "utf8")',
  'await fs.promises.stat("a")',
  'await new Promise((done) => fs.readFile("a", "utf8", (error, data) => done(data)))',
  'env.read("A")',
  "process.env.A",
  "({ ...{ A: process.env.A } }).A",
  'net.httpGet("https://a")',
  'net.httpPost("https://a", {}, { responseType: "json" })',
  'net.request({ url: "https://a" })',
  'await fetch("https://a", { redirect: "error" })',
  '(await fetch("https://a")).status',
  'await (await fetch("https://a", { signal: AbortSignal.timeout(5) })).json()',
  'net.httpGet("https://a").json()',
  'subprocess.exec(["git"])',
  'subprocess.exec(["git"], { check: true })',
  'subprocess.exec(["git"]).stdout',
  'subprocess.exec(["git"]).exitCode',
  'require("child_process").execFileSync("git")',
  'require("child_process").execFileSync("git", [], { encoding: "utf8" })',
  'require("child_process").spawnSync("git").status',
  'require("child_process").spawnSync("git", [], { stdio: "inherit" }).output[1]',
  '(await require("util").promisify(require("child_process").execFile)("git")).stdout',
])("%s is a Sealed", async (code) => {
  expect(await sealedValue(`return seal.is(${code})`)).toBe(true);
});

it.each<[string, readonly Json[]]>([
  [
    'fs.readJson("a").x',
    [
      { token: token(2), how: "json" },
      { token: token(3), key: "x" },
    ],
  ],
  ['fs.readFileSync("a")', [{ how: "base64decode", text: token(2) }]],
  [
    'JSON.parse(fs.readFileSync("a"))',
    [
      { how: "base64decode", text: token(2) },
      { token: token(3), how: "json" },
    ],
  ],
  ['fs.readdirSync("a")', [{ inputs: [token(2)], source: "(list) => list.map((entry) => entry.name)", args: [] }]],
  ['net.httpGet("https://a", { responseType: "json" }).body', [{ token: token(2), how: "json" }]],
  [
    'net.httpGet("https://a", { responseType: "base64" }).body',
    [
      { token: token(2), how: "text" },
      { how: "base64", text: token(3) },
    ],
  ],
  ['net.httpGet("https://a").body', [{ token: token(2), key: "body" }]],
])("%s has the vault do it", async (code, args) => {
  expect((await sent(code)).slice(1).map((call) => call.args)).toEqual(args);
});

it.each([
  ['fs.write("a", "t", key)', "`options` of `fs.write` must be an object, got a sealed value"],
  ['fs.list("a", { recursive: key })', "`recursive` of `fs.list` must be true or false, got a sealed value"],
  ['fs.readFileSync("a", key)', "options must be an object, got a sealed value"],
  ['subprocess.exec(["a"], { env: key })', "`env` of `subprocess.exec` must be an object, got a sealed value"],
  ["subprocess.exec(key)", "`argv` of `subprocess.exec` must be an array of strings, got a sealed value"],
  ['net.httpGet("https://a", { headers: key })', "`headers` of `net.httpGet` must be an object, got a sealed value"],
  ['net.httpGet("https://a", { timeoutMs: key })', "got a sealed value"],
])("%s is refused before the host is asked", async (code, says) => {
  const { code: found, message, calls } = await sealedError(code);
  expect({ found, message, calls }).toEqual({ found: "E_ARGUMENT", message: expect.stringContaining(says), calls: 1 });
});

it.each([
  'fs.write("a", key, { base64: true })',
  'fs.readFileSync("a", "hex")',
  'fs.readdirSync("a", { recursive: true })',
])("%s has no sealed form, and says so", async (code) => {
  expect((await sealedError(code)).code).toBe("E_SEALED_METHOD");
});

it("what a child would print to the script's output is shown by the host", async () => {
  const { stdout } = await sealedRun('require("child_process").execFileSync("git", [], { stdio: "inherit" })');
  expect(stdout).toBe(token(3) + token(4));
});

it("an error about a sealed operation is an ordinary error", async () => {
  const refused = { error: { code: "E_SINK", message: "cannot send [sealed env:KEY]", target: "a" } };
  const world = sealedWorld(() => ({ "net.request": refused }));
  expect(await sealedValue("try { await fetch('https://a', { body: key }) } catch (e) { return e.code }", world)).toBe(
    "E_SINK",
  );
});
