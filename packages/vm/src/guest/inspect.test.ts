/**
 * `util.format` of the VM held against Node's own: the same expressions, evaluated on both sides. Stack frames are cut
 * away first, as the two engines stand in different files.
 */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { valueOf } from "./script-run.fixture.ts";

/** Lists of arguments of one `format` call, as source. */
const TABLE: readonly string[] = [
  // strings and numbers
  `""`, `"a", "b"`, `"it's"`, `["it's"]`, `["it's \\"x\\""]`, "[\"it's \\\"x\\\" `y`\"]", `["a\\nb\\tc\\\\d"]`, `["\\x00\\x1b\\x7f\\x9f\\u2028"]`,
  `["\\ud83d"]`, `["\\ud83d\\ude00"]`, `["\\udc00x"]`, `1`, `-0`, `[-0, 0, NaN, Infinity, 1e21, 1.5]`, `10n`, `[10n]`, `true`, `null`, `undefined`,
  `[null, undefined]`, `Symbol("s")`, `[Symbol("s"), Symbol(), Symbol.iterator]`, `["x".repeat(20000)]`, `{ a: "x".repeat(10001) }`,
  `{ text: "line one\\nline two\\n" + "x".repeat(100) }`, `["a\\n".repeat(30)]`, `{ a: { b: "y".repeat(90) } }`,
  // plain objects
  `{}`, `{ a: 1 }`, `{ a: 1, b: "x", c: [1, 2] }`, `{ "a-b": 1, "1a": 2, 3: 4, __proto__x: 5, $: 6, "": 7, "é": 8, _ok: 9 }`, `{ ["__proto__"]: 1 }`,
  `{ a: { b: { c: { d: 1 } } } }`, `{ a: { b: { c: {} } } }`, `{ a: { b: { c: [] } } }`, `{ a: { b: { c: [1] } } }`, `{ a: { b: [{ c: 1 }] } }`,
  `{ get a() { return 1 }, set b(v) {}, get c() { return 1 }, set c(v) {} }`, `{ [Symbol("k")]: 1, [Symbol()]: 2 }`, `{ f() {}, g: () => {}, h: function named() {} }`,
  `{ async f() {}, *g() {}, async *h() {} }`, `{ undefined: undefined, null: null }`, `Object.create(null)`, `Object.assign(Object.create(null), { a: 1 })`,
  `Object.create({})`, `Object.create(Object.create(null))`, `{ a: Object.create(null) }`, `{ a: { b: { c: Object.assign(Object.create(null), { x: 1 }) } } }`,
  `Object.create({ inherited: 1 }, { own: { value: 1, enumerable: true }, hidden: { value: 2 } })`, `{ [Symbol.toStringTag]: "Tag" }`, `{ get [Symbol.toStringTag]() { return "Tag" } }`,
  `Object.create({ [Symbol.toStringTag]: "Tag" })`, `new (class A { get [Symbol.toStringTag]() { return "T" } })()`, `Object.freeze({ a: 1 })`,
  `{ constructor: "x" }`, `{ constructor: class X {} }`, `{ toString() { return "x" } }`, `{ a: 1, toJSON() { return 2 } }`, `globalThis.undefinedName`,
  // breaking lines
  `{ a: "x".repeat(20), b: "x".repeat(20), c: "x".repeat(10), d: 1 }`, `{ a: "x".repeat(20), b: "x".repeat(20), c: "x".repeat(11), d: 1 }`,
  `{ a: "x".repeat(60) }`, `{ a: "x".repeat(70), b: 1 }`, `{ aaaaaaaaaaaaaaaa: 1, bbbbbbbbbbbbbbbb: 2, cccccccccccccccc: 3, dddddddddddddddd: 4 }`,
  `{ a: 1, b: { c: 2, d: { e: 3 } } }`, `{ a: { b: { c: 1 } }, d: { e: { f: 1 } } }`, `[{ a: { b: { c: 1 } } }]`, `[[[[1]]]]`, `[[[[]]]]`, `[[[{}]]]`, `{ a: [{ b: 1 }, { b: 2 }] }`,
  `{ users: [{ id: 1, name: "Ann", tags: ["x", "y"] }, { id: 2, name: "Bob", tags: [] }], total: 2 }`,
  `Array.from({ length: 12 }, (_, i) => ({ id: i, name: "name " + i }))`, `Object.fromEntries(Array.from({ length: 30 }, (_, i) => ["key" + i, i]))`,
  `{ url: "https://example.com/a/rather/long/path/that/goes/on", method: "GET", headers: { accept: "*/*" } }`,
  // arrays
  `[]`, `[1, 2, 3]`, `[1, "a", null, { a: 1 }]`, `Array.from({ length: 7 }, (_, i) => i)`, `Array.from({ length: 27 }, (_, i) => i * 37)`, `Array.from({ length: 100 }, (_, i) => i)`,
  `Array.from({ length: 101 }, (_, i) => i)`, `Array.from({ length: 250 }, (_, i) => i)`, `Array.from({ length: 20 }, (_, i) => "word" + "x".repeat(i))`,
  `"the quick brown fox jumps over the lazy dog and runs away again".split(" ")`, `Array.from({ length: 10 }, (_, i) => -i)`, `Array.from({ length: 8 }, (_, i) => BigInt(i) ** 9n)`,
  `Array.from({ length: 30 }, (_, i) => [i, "v" + i])`, `Array(3)`, `[1, , 3]`, `[, , 1, , ,]`, `[1, , ,]`, `Array(200)`, `Object.assign([1, 2], { x: 3, "-1": 4 })`, `Object.assign(Array(3), { x: 1 })`,
  `[undefined, , null]`, `Array.from({ length: 8 }, () => "äöü")`, `Array.from({ length: 8 }, (_, i) => "漢字".slice(0, i % 3))`, `Array.from({ length: 9 }, () => "👍")`, `["a".repeat(30), "b".repeat(30), "c".repeat(30)]`,
  `Array.from({ length: 7 }, () => ({ a: 1 }))`, `Array.from({ length: 120 }, (_, i) => "item" + i)`, `[[1, 2, [3, 4, [5, [6]]], { a: { b: { c: { d: 1 } } } }]]`, `new (class List extends Array {})(3)`,
  `(class List extends Array {}).from([1, 2])`, `Object.setPrototypeOf([1], null)`, `Object.defineProperty([1], "hidden", { value: 1 })`, `[function () {}, class {}, class Named {}]`,
  `Array.from({ length: 16 }, (_, i) => i % 2 ? true : "no")`, `[1.5, 22.75, 333.125, 4, 5, 6, 7, 8, 9, 10.25]`, `Object.assign(Array.from({ length: 10 }, (_, i) => i), { extra: 1 })`,
  // collections
  `new Map()`, `new Map([["a", 1], [{ b: 1 }, [2]]])`, `new Set()`, `new Set([1, "a", { x: 1 }])`, `new Set(Array.from({ length: 120 }, (_, i) => i))`, `new Map(Array.from({ length: 120 }, (_, i) => [i, i]))`,
  `new (class M extends Map {})([[1, 2]])`, `new (class S extends Set {})()`, `{ m: new Map([["k", new Map([["k2", new Map([["k3", new Map()]])]])]]) }`, `Object.assign(new Map([[1, 2]]), { extra: 1 })`,
  `Object.assign(new Set(), { extra: 1 })`, `new Map([[new Map([[1, 2]]), new Set([3])]])`, `new WeakMap()`, `new WeakSet()`, `Object.setPrototypeOf(new Map([[1, 2]]), null)`, `new Set([[1, 2], [3, 4]])`,
  `[1][Symbol.iterator]()`, `(function* gen() {})()`, `(async function* gen() {})()`,
  `new Uint8Array(0)`, `new Uint8Array(3)`, `new Uint8Array(200)`, `new Float64Array([1.5, -0])`, `new BigInt64Array([1n, 2n])`, `new ArrayBuffer(4)`, `new ArrayBuffer(60)`, `new Uint8Array([1, 2, 255]).buffer`,
  `new DataView(new ArrayBuffer(3))`, `new (class B extends Uint8Array {})(2)`, `{ b: new ArrayBuffer(200) }`,
  // functions and classes
  `() => {}`, `function f() {}`, `function () {}`, `async () => {}`, `async function f() {}`, `function* g() {}`, `async function* g() {}`, `class {}`, `class A {}`, `class A extends Array {}`, `(() => { class B {} return class A extends B {} })()`,
  `class A extends null {}`, `class A { static x = 1 }`, `Object.assign(function f() {}, { a: 1 })`, `Object.assign(() => {}, { a: { b: 1 } })`, `Math.max`, `Map`, `Object.setPrototypeOf(function f() {}, null)`, `[() => {}]`, `{ f: class { static y = 2 } }`,
  `Object.defineProperty(function f() {}, "name", { value: "" })`, `Object.defineProperty(() => {}, "name", { value: 5 })`, `class\nBroken { }`, `parseInt`, `(function () {}).bind()`, `(function f() {}).bind()`,
  // other kinds
  `new Date(0)`, `new Date(NaN)`, `[new Date(1e12)]`, `Object.assign(new Date(0), { x: 1 })`, `new (class D extends Date {})(0)`, `/a\\/b/gi`, `[/x/]`, `Object.assign(/x/, { a: 1 })`, `new (class R extends RegExp {})("x", "g")`,
  `Object(1)`, `Object(-0)`, `Object("abc")`, `Object(true)`, `Object(1n)`, `Object(Symbol("q"))`, `Object.assign(Object("ab"), { x: 1 })`, `[Object("x")]`, `new Promise(() => {})`, `[new Promise(() => {})]`, `Object.assign(new Promise(() => {}), { a: 1 })`,
  `(function () { return arguments })(1, "a")`, `(function () { return arguments })()`, `Math`, `JSON`, `Reflect`, `new Proxy({ a: 1 }, {})`,
  // instances
  `new (class Foo {})()`, `new (class Foo { a = 1; #b = 2 })()`, `new (class Foo extends (class Bar {}) { x = { y: 1 } })()`, `{ foo: new (class Foo { a = 1 })() }`, `{ a: { b: { c: new (class Foo { a = 1 })() } } }`, `new (class {})()`, `new (function Old() { this.a = 1 })()`,
  `Object.create((class Foo {}).prototype)`, `Object.create((class Foo {}).prototype, { x: { value: 1, enumerable: true } })`, `(class Foo {}).prototype`, `(class Foo extends Array {}).prototype`, `Object.assign(new (class Foo { get x() { return 1 } })(), { y: 2 })`,
  `{ [Symbol.for("nodejs.util.inspect.custom")]() { return "custom!" } }`, `[{ [Symbol.for("nodejs.util.inspect.custom")]() { return { other: 1 } } }]`, `{ a: { [Symbol.for("nodejs.util.inspect.custom")]: () => "two\\nlines" } }`, `{ [Symbol.for("nodejs.util.inspect.custom")](depth, options) { return [depth, options.depth, typeof options.stylize] } }`,
  // circles
  `(() => { const a = { x: 1 }; a.self = a; return a })()`, `(() => { const a = []; a.push(a, { a }); return a })()`, `(() => { const a = {}, b = { a }; a.b = b; return [a, b] })()`, `(() => { const m = new Map(); m.set("m", m).set(m, 1); return m })()`, `(() => { const a = { b: { c: {} } }; a.b.c.up = a.b; return a })()`,
  `(() => { const f = () => {}; f.self = f; return f })()`, `(() => { const s = new Set(); s.add(s); return { s } })()`,
  // errors
  `new Error("m")`, `new Error("")`, `new TypeError("t")`, `[new RangeError("in array")]`, `{ e: new Error("nested\\nlines") }`, `new (class FooError extends Error {})("f")`, `new (class Foo extends Error {})("f")`, `new (class V extends Error { constructor(m) { super(m); this.name = "V" } })("v")`,
  `new (class ValidationError extends Error { constructor(m) { super(m); this.name = "ValidationError" } })("v")`, `Object.assign(new Error("m"), { code: "E_X", detail: { a: 1 } })`, `Object.assign(new Error("m"), { name: "Zed" })`, `Object.assign(new TypeError("m"), { name: "ZedError" })`, `Object.assign(new Error("m"), { message: "changed" })`,
  `new Error("outer", { cause: new TypeError("inner") })`, `new Error("outer", { cause: "text" })`, `new AggregateError([new Error("a"), 1], "many")`, `Object.assign(new Error("m"), { stack: undefined })`, `Object.assign(new Error("m"), { stack: "my own stack" })`, `{ a: { b: { c: new Error("deep") } } }`,
  `Object.setPrototypeOf(new Error("m"), null)`, `new (class E2 extends Error { get name() { return "Getter" } })("m")`, `TypeError`, `Error.prototype`, `new Error(undefined)`, `Object.assign(new Error("x"), { name: "" })`, `new (class HttpError extends Error { constructor(s) { super("http " + s); this.status = s; this.name = "HttpError" } })(404)`,
  // format marks
  `"%s", "a"`, `"%s %s", "a"`, `"%s", "a", "b"`, `"%d", "42"`, `"%d", "x"`, `"%d", 1n`, `"%d", Symbol("a")`, `"%d", {}`, `"%i", 42.9`, `"%i", "42.9px"`, `"%f", "3.14abc"`, `"%f", Symbol("a")`, `"%j", { a: [1] }`, `"%j", undefined`, `"%j", (() => { const a = {}; a.a = a; return a })()`, `"%%"`, `"%%", 1`, `"100%", 1`, `"%", 1`, `"%x", 1`, `"%c styled", "css"`, `"a%sb%sc", 1, 2, 3`,
  `"%s", null`, `"%s", undefined`, `"%s", Symbol("x")`, `"%s", 5n`, `"%s", -0`, `"%s", { a: { b: 1 } }`, `"%s", [1, [2, [3]]]`, `"%s", () => 1`, `"%s", class A {}`, `"%s", new Date(0)`, `"%s", { toString() { return "own" } }`, `"%s", new (class A { toString() { return "class" } })()`, `"%s", Object.create(null)`, `"%s", new Error("err")`, `"%s", new (class Q extends Error { toString() { return "q" } })("err")`, `"%s", new (class A extends Map {})()`, `"%s", Object(1)`,
  `"%O", { a: { b: { c: { d: 1 } } } }`, `"%o", [1]`, `"%o", { a: 1 }`, `"%o", { a: { b: { c: { d: { e: {} } } } } }`, `"%o", "text"`, `"%o", { get a() { return 1 } }`, `"%o", new Map([[1, 2]])`, `"%o", new Uint8Array(2)`, `"%o", Object.create({}, { hidden: { value: 1 } })`, `"%o", () => {}`,
  `"%s%", 1`, `"%%%s%%", "x"`, `"%%s", "x"`, `"%s", ""`, `"a", {}, [], "b"`, `1, "%s", 2`, `{}, "%s"`, `"%d%%", 50`, `"%d"`, `"%i %f", "10", "2.5"`, `"", "x"`, `"\\n", "x"`, `"%5d", 5`, `"%.2f", 1.234`, `"%s", "x".repeat(200)`, `"%d", -0`, `"%d", "0x10"`, `"%i", "1e3"`, `"%d", null`, `"%d", true`, `"%d", ""`, `"%s", [ "a", null, undefined ]`,
];

/** Options of `inspect`, with the value. */
const OPTIONS: readonly string[] = [
  `({ a: { b: { c: { d: 1 } } } }), { depth: 0 }`, `({ a: { b: { c: { d: 1 } } } }), { depth: 1 }`, `({ a: { b: { c: { d: { e: 1 } } } } }), { depth: null }`, `({ a: { b: { c: { d: { e: 1 } } } } }), { depth: Infinity }`, `[1, 2, 3, 4], { maxArrayLength: 2 }`, `[1, 2], { maxArrayLength: 0 }`,
  `"x".repeat(20), { maxStringLength: 5 }`, `({ a: 1, b: 2 }), { compact: false }`, `({ a: { b: 1 } }), { compact: true }`, `({ a: [1, 2, { c: 3 }], b: "x".repeat(80) }), { compact: true }`, `({ a: { b: { c: 1 } } }), { compact: 1 }`, `({ b: 1, a: 2, c: [3, 1] }), { sorted: true }`, `({ a: "x".repeat(50), b: "y".repeat(50) }), { breakLength: 200 }`, `({ a: 1, b: 2 }), { breakLength: 10 }`,
  `[1, 2], { showHidden: true }`, `({ a: 1 }), { showHidden: true }`, `new Set([3, 1, 2]), { sorted: true }`, `new Map([["b", 1], ["a", 2]]), { sorted: true, compact: false }`, `[[[]]], { depth: 0 }`, `({ a: {} }), { depth: 0 }`, `/x/g, { depth: -1 }`, `({ a: 1 }), { depth: -1 }`, `[], { depth: -1 }`, `Array.from({ length: 30 }, (_, i) => i), { breakLength: 40 }`, `Array.from({ length: 30 }, (_, i) => i), { compact: false }`, `Array.from({ length: 30 }, (_, i) => i), { breakLength: Infinity }`,
  `({ [Symbol.for("nodejs.util.inspect.custom")]() { return "c" } }), { customInspect: false }`, `"it's", {}`, `undefined, {}`, `Object.assign(Array(5), { 1: 1 }), { maxArrayLength: 1 }`, `({ a: "long text here\\nand more\\n" }), { breakLength: 10 }`,
];

const withoutFrames = (text: string): string =>
  text.replace(/\n\s+(at|\.\.\.) [^\n]*?(?=( \{|,)?(\n|$))/g, "");

/** In a process of its own: a test runner changes how Node writes a stack. */
const inNode = (call: string, table: readonly string[]): string[] => {
  const rows = table.map((args) => `() => ${call}(${args})`).join(",\n");
  const code = `"use strict"; const { format, inspect } = require("util");
    console.log(JSON.stringify([${rows}].map((row) => row())));`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const text = execFileSync(process.execPath, ["-e", code], { env, encoding: "utf8", maxBuffer: 2 ** 24 });
  return (JSON.parse(text) as string[]).map(withoutFrames);
};

const inVm = async (call: string, table: readonly string[]): Promise<string[]> => {
  const rows = table.map((args) => `() => ${call}(${args})`).join(",\n");
  const body = `const { format, inspect } = require("util"); return [${rows}].map((row) => row());`;
  return ((await valueOf(body)) as string[]).map(withoutFrames);
};

/** Rows where the two differ, with what each wrote. */
const differences = async (call: string, table: readonly string[]) => {
  const wanted = inNode(call, table);
  const written = await inVm(call, table);
  return table.flatMap((args, row) => (wanted[row] === written[row] ? [] : [{ args, node: wanted[row], vm: written[row] }]));
};

it("writes values as util.format of Node does", async () => {
  expect(await differences("format", TABLE)).toEqual([]);
});

it("takes the options of util.inspect as Node does", async () => {
  expect(await differences("inspect", OPTIONS)).toEqual([]);
});
