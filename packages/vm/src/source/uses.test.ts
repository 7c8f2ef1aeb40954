import { SIGNATURES } from "@agent-run/gate";
import { describe, expect, it } from "vitest";
import { TABLED_NAMES, touchesOf } from "./capability-table.ts";
import { programOf } from "./engine-run.fixture.ts";

/** `capability target` of every use, in order; no target: the capability alone. */
const usesOf = (text: string) =>
  programOf(text).uses.map(({ capability, target }) => (target === undefined ? capability : `${capability} ${target}`));

const FOUND: readonly (readonly [string, readonly string[]])[] = [
  // The script API.
  ['fs.read("a.txt")', ["fs.read a.txt"]],
  ['fs.readJson("a.json")', ["fs.read a.json"]],
  ['fs.list("src", { recursive: true })', ["fs.read src"]],
  ['fs.glob("**/*.ts")', ["fs.read **/*.ts"]],
  ['fs.stat("a"); fs.exists("b")', ["fs.read a", "fs.read b"]],
  ['fs.write("a", text, { append: true })', ["fs.write a"]],
  ['fs.mkdir("out")', ["fs.write out"]],
  ['fs.delete("old", { recursive: true })', ["fs.delete old"]],
  ['fs.copy("a", "b")', ["fs.read a", "fs.write b"]],
  ['fs.move("a", "b")', ["fs.read a", "fs.write b", "fs.delete a"]],
  ['net.httpGet("https://a.example/x")', ["net.http_get https://a.example/x"]],
  ["net.httpHead(url)", ["net.http_get"]],
  ["net.httpPost(url, { a: 1 })", ["net.http_post"]],
  [
    "net.httpPut(url, b); net.httpPatch(url, b); net.httpDelete(url)",
    ["net.http_put", "net.http_patch", "net.http_delete"],
  ],
  ['net.request({ method: "delete", url: "https://a.example" })', ["net.http_delete https://a.example"]],
  ['net.request({ url: "https://a.example" })', ["net.http_get https://a.example"]],
  ["net.request({ ...options, url })", ["net.*"]],
  ["net.request(options)", ["net.*"]],
  ['subprocess.exec(["git", "status"])', ["subprocess.exec git"]],
  ["subprocess.exec(argv)", ["subprocess.exec"]],
  ["subprocess.exec([command, ...args])", ["subprocess.exec"]],
  ['env.read("HOME"); env.has("LANG")', ["env.read HOME", "env.read LANG"]],
  // fetch and its method.
  ['await fetch("https://a.example")', ["net.http_get https://a.example"]],
  ["fetch(url, undefined)", ["net.http_get"]],
  ["fetch(url, {})", ["net.http_get"]],
  ["fetch(url, { headers: { accept: 'x' } })", ["net.http_get"]],
  ['fetch(url, { method: "POST", body })', ["net.http_post"]],
  ["fetch(url, { 'method': `put` })", ["net.http_put"]],
  ["fetch(url, { method: 'HEAD' })", ["net.http_get"]],
  ["fetch(url, { ...base, method: 'PATCH' })", ["net.http_patch"]],
  ["fetch(url, { method: 'PATCH', ...base })", ["net.*"]],
  ["fetch(url, { method })", ["net.*"]],
  ["fetch(url, { [key]: 'POST' })", ["net.*"]],
  ["fetch(url, { method: 'OPTIONS' })", ["net.*"]],
  ["fetch(url, { method: 'constructor' })", ["net.*"]],
  ["fetch(url, init)", ["net.*"]],
  ["fetch(...args)", ["net.*"]],
  ["fetch(url, ...rest)", ["net.*"]],
  ["fetch({ url, method: 'POST' })", ["net.*"]],
  ["net.fetch(url)", ["net.http_get"]],
  ["globalThis.fetch(url)", ["net.http_get"]],
  ["await Promise.all(urls.map((url) => fetch(url)))", ["net.http_get"]],
  // Node's names.
  ['require("fs").readFileSync("a", "utf8")', ["fs.read a"]],
  ['const fs = require("node:fs"); fs.writeFileSync("a", "b")', ["fs.write a"]],
  ['const fs = require("fs").promises; await fs.unlink("a")', ["fs.delete a"]],
  ['const { readFileSync: read, ...rest } = require("fs"); read("a")', ["fs.read a"]],
  ['const { promises: { rm } } = require("fs"); rm("a")', ["fs.delete a"]],
  ['import fs from "fs"; fs.renameSync("a", "b")', ["fs.read a", "fs.write b", "fs.delete a"]],
  ['import * as fs from "node:fs"; fs.promises.copyFile("a", "b")', ["fs.read a", "fs.write b"]],
  ['import { readFile as get } from "fs/promises"; get("a")', ["fs.read a"]],
  ['import { promises as p } from "fs"; p.appendFile("a", "b")', ["fs.write a"]],
  ['import { default as fs } from "fs"; fs.statSync("a")', ["fs.read a"]],
  ['const fs = await import("fs"); fs.default.readdirSync("a")', ["fs.read a"]],
  ['const { readFile } = await import("node:fs/promises"); readFile("a")', ["fs.read a"]],
  ['(await import("fs")).existsSync("a")', ["fs.read a"]],
  ['require("child_process").execFileSync("git", ["status"])', ["subprocess.exec git"]],
  ['import { spawnSync } from "node:child_process"; spawnSync("ls")', ["subprocess.exec ls"]],
  // The environment.
  ["const home = process.env.HOME", ["env.read HOME"]],
  ['process.env["HOME"]', ["env.read HOME"]],
  ["process.env[name]", ["env.read"]],
  ['const name = "HOME"; process.env[name]', ["env.read HOME"]],
  ["const { HOME, LANG: lang = 'C' } = process.env", ["env.read HOME", "env.read LANG"]],
  ["const { env: { HOME } } = process", ["env.read HOME"]],
  ["const { env } = process; env.HOME", ["env.read HOME"]],
  ["const env = process.env; if (env.CI) f()", ["env.read CI"]],
  ['import { env } from "node:process"; env.HOME', ["env.read HOME"]],
  ["globalThis.process.env.HOME", ["env.read HOME"]],
  ["process.env.A ??= 'b'", ["env.read A"]],
  // Ways to a name.
  ['const f = fs; f.read("a")', ["fs.read a"]],
  ['const f = fs, g = f, { read } = g; read("a")', ["fs.read a"]],
  ['let f = fs; f.read("a")', ["fs.read a"]],
  ['var { write: save } = fs; save("a", 1)', ["fs.write a"]],
  ['fs["read"]("a"); fs?.read?.("b"); (0, fs.read)("c")', ["fs.read a", "fs.read b", "fs.read c"]],
  ['globalThis.fs.read("a"); globalThis["fs"].read("b")', ["fs.read a", "fs.read b"]],
  ['const FILE = "a.txt"; fs.read(FILE)', ["fs.read a.txt"]],
  ["fs.read(`a.txt`)", ["fs.read a.txt"]],
  [`fs.read(\`\${dir}/a.txt\`)`, ["fs.read"]],
  ["fs.read(...args)", ["fs.read"]],
  ["fs.copy(...pair)", ["fs.read", "fs.write"]],
  ["function f(path = 'x') { return fs.read(path) }", ["fs.read"]],
  ["function fs_() { var x; } fs.read('a')", ["fs.read a"]],
  ["{ let fs = 1; } fs.read('a')", ["fs.read a"]],
  ["function f() { let fs; } fs.read('a')", ["fs.read a"]],
  ["(function fs() {}); (function (fs) {}); fs.read('a')", ["fs.read a"]],
  ["(fs) => 1; fs.read('a')", ["fs.read a"]],
  ["(class fs {}); fs.read('a')", ["fs.read a"]],
  ["class A { static { var fs } } fs.read('a')", ["fs.read a"]],
  ["for (let fs = 0; ; ) break; fs.read('a')", ["fs.read a"]],
  ["for (const fs in o) ; fs.read('a')", ["fs.read a"]],
  ["for (const fs of o) ; fs.read('a')", ["fs.read a"]],
  ["switch (x) { case 1: let fs } fs.read('a')", ["fs.read a"]],
  ["try {} catch (fs) {} fs.read('a')", ["fs.read a"]],
  // Code that may never run counts, too.
  ["return 1; fs.delete('a')", ["fs.delete a"]],
  ["if (false) fs.delete('a')", ["fs.delete a"]],
];

describe("what a script is certain to ask for", () => {
  it.each(FOUND)("finds it in %s", (text, expected) => {
    expect(usesOf(text)).toEqual(expected);
  });

  it("names the place and the text of each use", () => {
    const { uses } = programOf('const a = 1;\n  const x = fs . read("a");\n\tfetch(x)');
    expect(uses).toEqual([
      { capability: "fs.read", text: "fs . read", line: 2, column: 13, target: "a" },
      { capability: "net.http_get", text: "fetch", line: 3, column: 2 },
    ]);
  });

  it("knows every name of the table by its own call, under a capability that exists", () => {
    expect(TABLED_NAMES.length).toBeGreaterThan(60);
    for (const name of TABLED_NAMES) {
      const call = name.startsWith("child_process.") ? `require("child_process").${name.slice(14)}` : name;
      const touches = touchesOf(name) ?? [];
      expect(usesOf(`${call}("a", "b")`), name).toHaveLength(touches.length);
      for (const { capability } of touches) expect(Object.keys(SIGNATURES)).toContain(capability);
    }
  });
});

const NOT_FOUND: readonly string[] = [
  // Mentions.
  "fs",
  "const f = fs",
  "typeof fs !== 'undefined'",
  "'read' in fs",
  "if (fs.read) {}",
  "const run = fs.read",
  "paths.map(fs.read)",
  "f(fs, net, process.env)",
  "Object.keys(process.env); ({ ...process.env }); JSON.stringify(process.env)",
  "'HOME' in process.env; delete process.env.X",
  "process.env.X = 'y'",
  "process.env.hasOwnProperty('X'); process.env.toString()",
  "for (const name in process.env) {}",
  "const { ...all } = process.env",
  "require('fs')",
  "import fs from 'fs'",
  "import('fs')",
  // The script's own.
  "const fs = { read: (x) => x }; fs.read('a')",
  "function f(fs) { fs.read('a') }",
  "(fs) => fs.read('a')",
  "(({ fs }) => fs.read('a'))",
  "function fetch() {} fetch('x')",
  "class net { static httpGet() {} } net.httpGet('x')",
  "try {} catch (fs) { fs.read('a') }",
  "for (const fs of list) fs.read('a')",
  "for (let fs in o) fs.read('a')",
  "const [fs] = list; fs.read('a')",
  "const { fs } = options; fs.read('a')",
  "const { read = () => {} } = fs; read('a')",
  "const { ...copy } = fs; copy.read('a')",
  "const { [name]: read } = fs; read('a')",
  "const require = (x) => x; require('fs').readFileSync('a')",
  "function f(require) { require('fs').readFileSync('a') }",
  "const process = { env: {} }; process.env.HOME",
  "const globalThis = {}; globalThis.fs.read('a')",
  "const f = function fs() { fs.read('a') }",
  "{ function fs() {} fs.read('a') }",
  "switch (x) { case 1: let fs; default: fs.read('a') }",
  "if (x) { var fs = y } fs.read('a')",
  "class A { static { const fs = this; fs.read('a') } }",
  // Names that change.
  "let f = fs; f = other; f.read('a')",
  "let f = fs; [f] = list; f.read('a')",
  "let f = fs; ({ f } = o); f.read('a')",
  "let f = fs; for (f of list) f.read('a')",
  "var f = fs; var f = other; f.read('a')",
  "var f = other; var f = fs; f.read('a')",
  "fs = fake; fs.read('a')",
  "globalThis.fs = fake; fs.read('a')",
  "globalThis['fetch'] = fake; fetch('a')",
  // What cannot be told.
  "fs[method]('a')",
  "(x ? fs : other).read('a')",
  "(fs || other).read('a')",
  "const api = { fs }; api.fs.read('a')",
  "this.fs.read('a')",
  "fs.read.call(null, 'a')",
  "const a = b, b = a; a.read('x')",
  "require(name).readFileSync('a')",
  "require('lodash').read('a')",
  // Not ours.
  "fs.readable('a'); fs.constants.F_OK; fs.toString()",
  "db.env.read('x'); my.fs.read('a'); o.fetch('x')",
  "path.join('a', 'b'); console.log('x'); JSON.parse('{}')",
  "process.argv[2]; process.cwd(); process.stdout.write('x')",
  "new fetch('x')",
  "env.HOME",
  "fs.promises('a'); net('x'); subprocess(['git'])",
  "const o = { fs: 1, read: fs }; o.read",
];

describe("what is not certain is not reported", () => {
  it.each(NOT_FOUND)("finds nothing in %s", (text) => {
    expect(usesOf(text)).toEqual([]);
  });

  it("follows no endless chain of aliases", () => {
    const chain = Array.from({ length: 5000 }, (_, at) => `const a${at + 1} = a${at};`).join("");
    expect(usesOf(`const a0 = fs; ${chain} a5000.read("x"); a5.read("y")`)).toEqual(["fs.read y"]);
  });
});
