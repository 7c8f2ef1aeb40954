import { runInThisContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { parseScript } from "./parse.ts";

const judge = (text: string) => {
  const parsed = parseScript(text, { name: "script.js", typescript: false });
  return parsed.ok ? parsed.program.violations : [parsed.error];
};

/** Script, and where its first problem stands. */
const REFUSED: readonly (readonly [string, string, number, number])[] = [
  ['eval("1 + 1")', "`eval` is not part of the language", 1, 1],
  ['const x = 1;\n  return eval("x");', "`eval` is not part of the language", 2, 10],
  ['(0, eval)("1")', "`eval` is not part of the language", 1, 5],
  ["const run = eval;", "`eval` is not part of the language", 1, 13],
  ["[1].map(eval)", "`eval` is not part of the language", 1, 9],
  ['globalThis.eval("1")', "`eval` is not part of the language", 1, 1],
  ['globalThis["eval"]("1")', "`eval` is not part of the language", 1, 1],
  ['eval?.("1")', "`eval` is not part of the language", 1, 1],
  ["({ eval })", "`eval` is not part of the language", 1, 4],
  ["({ run: eval })", "`eval` is not part of the language", 1, 9],
  [`\`\${eval}\``, "`eval` is not part of the language", 1, 4],
  ["class A { run = eval }", "`eval` is not part of the language", 1, 17],
  ["class A { [eval] = 1 }", "`eval` is not part of the language", 1, 12],
  ["a[eval]", "`eval` is not part of the language", 1, 3],
  ["function f(run = eval) {}", "`eval` is not part of the language", 1, 18],
  ['Function("return 1")', "`Function` is not part of the language", 1, 1],
  ['new Function("a", "return a")', "`Function` is not part of the language", 1, 5],
  ['globalThis.Function("1")', "`Function` is not part of the language", 1, 1],
  ['const F = Function; F("1")', "`Function` is not part of the language", 1, 21],
  ['const { Function: F } = globalThis; new F("1")', "`Function` is not part of the language", 1, 41],
  ['Function.apply(null, ["1"])', "`Function.apply` is not part of the language", 1, 1],
  ['Function.bind(null, "1")', "`Function.bind` is not part of the language", 1, 1],
  ['Function.constructor("1")', "`Function.constructor` is not part of the language", 1, 1],
  ['Function.call(null, "1")', "`Function.call` is not part of the language", 1, 1],
  ['Function.prototype.constructor("1")', "`Function.prototype.constructor` is not part of the language", 1, 1],
  ["class F extends Function {}", "`Function` is not part of the language", 1, 17],
  ['(() => {}).constructor("1")', "a function's `constructor` makes code from text", 1, 1],
  ['(function () {})["constructor"]("1")', "a function's `constructor` makes code from text", 1, 1],
  [
    "const A = Object.getPrototypeOf(async function () {}).constructor",
    "a function's `constructor` makes code from text",
    1,
    11,
  ],
  ["new WeakRef({})", "`WeakRef` is not part of the language", 1, 5],
  ["const R = WeakRef;", "`WeakRef` is not part of the language", 1, 11],
  ["new globalThis.WeakRef({})", "`WeakRef` is not part of the language", 1, 5],
  ["new FinalizationRegistry(() => {})", "`FinalizationRegistry` is not part of the language", 1, 5],
  ["new SharedArrayBuffer(8)", "`SharedArrayBuffer` is not part of the language", 1, 5],
  ["Atomics.add(a, 0, 1)", "`Atomics` is not part of the language", 1, 1],
  ["WebAssembly.instantiate(bytes)", "`WebAssembly` is not part of the language", 1, 1],
  ["function f() { { let WeakRef; } return new WeakRef({}); }", "`WeakRef` is not part of the language", 1, 44],
  ['import x from "lodash"', "the module `lodash` does not exist here", 1, 1],
  ['import "./setup.js"', "the module `./setup.js` does not exist here", 1, 1],
  ['import data from "./data.json" with { type: "json" }', "the module `./data.json` does not exist here", 1, 1],
  ['import http from "node:http"', "the module `node:http` does not exist here", 1, 1],
  ['const http = require("http")', "the module `http` does not exist here", 1, 14],
  ['const m = await import("axios")', "the module `axios` does not exist here", 1, 17],
  ["import(name)", "only built-in modules can be imported", 1, 1],
  ['import("node:" + "fs")', "only built-in modules can be imported", 1, 1],
  [`import(\`node:\${x}\`)`, "only built-in modules can be imported", 1, 1],
  ["console.log(import.meta.url)", "`import.meta` is not part of the language", 1, 13],
  ["export const a = 1", "a script exports nothing", 1, 1],
  ["export default function main() {}", "a script exports nothing", 1, 1],
  ["const a = 1; export { a }", "a script exports nothing", 1, 14],
  ["export { unknown }", "a script exports nothing", 1, 1],
  ['export * from "fs"', "a script exports nothing", 1, 1],
  ['export { readFileSync } from "fs"', "a script exports nothing", 1, 1],
  ["using file = open()", "`using` is not part of the language", 1, 1],
  ["await using file = open()", "`await using` is not part of the language", 1, 1],
  ["for (using x of xs) {}", "`using` is not part of the language", 1, 6],
  ['setTimeout("f()", 10)', "`setTimeout` takes a function, not text", 1, 1],
  ["setInterval(`f()`, 10)", "`setInterval` takes a function, not text", 1, 1],
  ["return <div>hi</div>", "JSX is not part of the language", 1, 8],
  ["const a = <></>", "JSX is not part of the language", 1, 11],
];

describe("what the language does not have", () => {
  it.each(REFUSED)("refuses %s", (text, message, line, column) => {
    const [first] = judge(text);
    expect(first?.code).toBe("E_SUBSET");
    expect(first).toMatchObject({ message, line, column });
    expect(first?.hint).toMatch(/\S/);
  });

  it("reports every violation, in order of place", () => {
    const found = judge('export const a = 1;\nnew WeakRef(a);\neval("a");\nimport "lodash";');
    expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });

  it("says each thing once", () => {
    expect(judge('new Function("a")(new Function("b"))')).toHaveLength(2);
    expect(judge('globalThis.eval("a")')).toHaveLength(1);
    expect(judge('const m = (await import("lodash")).default')).toHaveLength(1);
  });

  it("gives a program with violations a code that throws when it is run all the same", async () => {
    const parsed = parseScript('eval("1"); fs.delete("x")', { name: "script.js", typescript: false });
    if (!parsed.ok) throw new Error("does not parse");
    const run = runInThisContext(parsed.program.code) as () => Promise<unknown>;
    await expect(run()).rejects.toThrow("refused");
  });

  it.each([
    ["axios", "`fetch` and `net` are globals"],
    ["execa", "`subprocess.exec([command, ...args])` is a global"],
    ["glob", "`fs` is a global: `fs.glob`, `fs.copy`, `fs.delete`"],
    ["./helper.js", "a script is one file: put the code into it"],
    ["./data.json", "read it: `fs.readJson(path)`"],
    [
      "left-pad",
      "packages cannot be imported; built in are `fs`, `path`, `child_process`, `process`, `url`, `util`, `crypto`",
    ],
  ])("says what to use instead of %s", (module, hint) => {
    expect(judge(`import x from "${module}"`)[0]?.hint).toBe(hint);
  });
});

const ALLOWED: readonly string[] = [
  // Names that are the script's own.
  "const eval_ = 1; const o = { eval: 1, Function: 2, WeakRef: 3 }; o.eval + o.Function + o.WeakRef",
  'const api = { eval: (x) => x }; api.eval("1")',
  'vm.eval("1"); page.Function("x")',
  "function f(WebAssembly) { return WebAssembly.instantiate(1) }",
  "class Atomics { static add() {} } Atomics.add()",
  "const WeakRef = class {}; new WeakRef({})",
  "const Function = (x) => x; Function('1')",
  "import { readFileSync as Atomics } from 'fs'; Atomics('x')",
  "try {} catch (WebAssembly) { WebAssembly.x }",
  "for (const Atomics of []) Atomics.add()",
  "const [WeakRef = 1] = []; WeakRef",
  "const { a: { b: WebAssembly } } = x; WebAssembly.y",
  "const f = function Atomics() { Atomics.x }",
  "var WeakRef; function f() { new WeakRef() }",
  "function f() { new WeakRef() } class WeakRef {}",
  "eval: for (;;) { break eval }",
  "const o = { eval() {}, get Function() { return 1 }, async WeakRef() {} }",
  "class A { eval() {} static Function = 1; #WeakRef = 2 }",
  "const globalThis = { eval: (x) => x }; globalThis.eval('1')",
  // Mentions that make no code.
  "typeof eval === 'function'",
  "x instanceof Function",
  "value.constructor === Function",
  "Function.prototype.call.apply(f)",
  "const types = { fn: Function, s: String }",
  "switch (x.constructor) { case Function: }",
  "class A { constructor() {} } new A().constructor.name",
  "this.constructor; new this.constructor(1)",
  "Object.getPrototypeOf(x).constructor",
  "obj.constructor('x')",
  "'eval'; `Function`; /eval/; // eval(1)",
  // Asked for before it is used.
  "typeof WeakRef !== 'undefined' && new WeakRef({})",
  "if ('Atomics' in globalThis) Atomics.add()",
  "if (globalThis.WebAssembly) WebAssembly.validate(x)",
  "const R = globalThis.WeakRef ?? Map",
  // Plain language.
  "import fs from 'fs'; import * as p from 'node:path'; import { a, b as c } from 'util'",
  "import 'node:process'",
  "await import('node:fs'); await import('path'); await import(`fs/promises`)",
  "const fs = require('fs'); const lodash = tryRequire('lodash')",
  "setTimeout(() => {}, 10); setTimeout(run, 1); obj.setTimeout('x')",
  "debugger",
  "function F() { return new.target }",
  "const using = 1; using + 1",
  "const o = { using: 1, await_: 2, export: 3 }",
  "async function* g() { yield* await x }",
  "new Proxy({}, {})",
  "label: { break label }",
  "a < b > c; x<y",
  "class A { static { this.x = 1 } static async *[Symbol.iterator]() {} }",
  "0; 0.5; .5; 1e3; 0x1f; 0o17; 0b1; 1_000; 10n",
  "delete o.x; void 0; typeof y",
  "var x; var x; { function f() {} }",
  "let async = 1; async = 2; const of = 3, get = 4, set = 5, from = 6, as = 7, type = 8, accessor = 9",
  `\`\${\`\${1}\`}\``,
  "x = y / 2 / z; a = b\n/re/g.exec(c)",
  "/[/]/.test('/'); /(?<y>\\d)\\k<y>/u; /(?<=a)b(?!c)/; /[\\p{L}--[a-z]]/v",
  "if (a) ; else b\nfor (;;) break",
  "for (x in o) f(); for (x.y in o) g(); for (var z in o) ; for (const k = 'a' + b; ; ) break",
  "const { a, ...rest } = o; f(...rest, 1,)",
  "a ?? (b || c); a?.b?.[c]?.(d)",
  "async () => { for await (const x of y) {} }",
  "try { } catch { } finally { }",
  "export_ = 1; importX(); imports.y",
  "const o = { __proto__: null, 'quoted key': 1, 2: 3, [k]: 4 }",
];

describe("no ordinary script is refused", () => {
  it.each(ALLOWED)("accepts %s", (text) => {
    expect(judge(text)).toEqual([]);
  });
});
