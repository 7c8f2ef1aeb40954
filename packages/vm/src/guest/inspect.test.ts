/**
 * `util.format` and `util.inspect` of the VM held against Node's own: the same expressions, evaluated on both sides.
 * Each line of the tables is a list of arguments. Stack frames are cut away first, as the engines stand in different files.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runScript, scriptError, scriptValue } from "./script-run.fixture.ts";

const tableOf = (name: string): string[] =>
  readFileSync(new URL(name, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");

const withoutFrames = (text: string): string => text.replace(/\n\s+(at|\.\.\.) [^\n]*?(?=( \{|,)?(\n|$))/g, "");

/** Node 22 puts [byteLength] in brackets, Node 24 takes those of symbols away; ours is the form of Node 20. */
const ofAnyVersion = (text: string): string =>
  withoutFrames(text).replace(/\[(byteLength|byteOffset|buffer|Symbol\([^)]*\))\]: /g, "$1: ");

/** In a process of its own: a test runner changes how Node writes a stack. */
const inNode = (call: string, table: readonly string[]): string[] => {
  const rows = table.map((args) => `() => ${call}(${args})`).join(",\n");
  const code = `"use strict"; const { format, inspect } = require("util");
    console.log(JSON.stringify([${rows}].map((row) => row())));`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const text = execFileSync(process.execPath, ["-e", code], { env, encoding: "utf8", maxBuffer: 2 ** 24 });
  return (JSON.parse(text) as string[]).map(ofAnyVersion);
};

const inVm = async (call: string, table: readonly string[]): Promise<string[]> => {
  const rows = table.map((args) => `() => ${call}(${args})`).join(",\n");
  const body = `const { format, inspect } = require("util"); return [${rows}].map((row) => row());`;
  return ((await scriptValue(body)) as string[]).map(ofAnyVersion);
};

/** Rows where the two differ, with what each wrote. */
const differences = async (call: string, table: readonly string[]) => {
  const wanted = inNode(call, table);
  const written = await inVm(call, table);
  return table.flatMap((args, row) =>
    wanted[row] === written[row] ? [] : [{ args, node: wanted[row], vm: written[row] }],
  );
};

it("format writes values as Node's does", async () => {
  const table = tableOf("format-table.txt");
  expect(table.length).toBeGreaterThan(300);
  expect(await differences("format", table)).toEqual([]);
});

it("inspect takes its options as Node's does", async () => {
  expect(await differences("inspect", tableOf("inspect-table.txt"))).toEqual([]);
});

it("shows the frames of the script and none of the prelude", async () => {
  const { stdout } = await runScript("function f() { fs.read(1) }\ntry { f() } catch (error) { print(error) }");
  expect(stdout).toMatch(
    /^AgentRunError: .*\n {4}at f \(script\.js:1:\d+\)\n {4}at <anonymous> \(script\.js:2:\d+\) \{\n {2}code: 'E_ARGUMENT'/,
  );
});

it.each([
  ["a getter of a tag", 'print({ get [Symbol.toStringTag]() { throw new Error("mine") } })'],
  ["a custom inspector", 'print({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("mine") } })'],
  ["a proxy's trap", 'print(new Proxy({}, { ownKeys() { throw new Error("mine") } }))'],
  ["a toString that %s asks", 'print("%s", { toString() { throw new Error("mine") } })'],
])("%s that throws is the script's own error, and the next print works", async (_, code) => {
  expect(await scriptError(code)).toMatchObject({ name: "Error", code: null, message: "mine" });
  expect((await runScript(`try { ${code} } catch {} print([{ a: 1 }])`)).stdout).toBe("[ { a: 1 } ]\n");
});

it.each([
  [
    "a map that lies about its size",
    "class M extends Map { get size() { return 99 } forEach() {} } print(new M([[1, 2]]))",
    "M(1) [Map] { 1 => 2 }",
  ],
  [
    "an array with its own map and iterator",
    "const own = (value) => ({ value, enumerable: true }); print(Object.defineProperties([1], { map: own(null), [Symbol.iterator]: own(null) }))",
    "[ 1, map: null, [Symbol(Symbol.iterator)]: null ]",
  ],
  [
    "an object that says it is a date",
    'print({ [Symbol.toStringTag]: "Date", getTime: 1 })',
    "{ getTime: 1, [Symbol(Symbol.toStringTag)]: 'Date' }",
  ],
  [
    "a class that claims every instance",
    "class C { static [Symbol.hasInstance]() { throw 1 } } print(new C())",
    "C {}",
  ],
  [
    "a typed array with its own length",
    "print(Object.defineProperty(new Uint8Array(1), 'length', { value: 1e9 }))",
    "Uint8Array(1) [ 0 ]",
  ],
])("%s is shown as what it is", async (_, code, shown) => {
  expect((await runScript(code)).stdout).toBe(`${shown}\n`);
});

it("a getter is named, not called", async () => {
  expect((await runScript("let n = 0; print({ get a() { n++; return 1 } }); print(n)")).stdout).toBe(
    "{ a: [Getter] }\n0\n",
  );
});

it("very deep and very wide values end, cut", async () => {
  const deep = "let a = {}; for (let i = 0; i < 5000; i++) a = { a };";
  expect((await runScript(`${deep} print(a)`)).stdout).toBe("{ a: { a: { a: [Object] } } }\n");
  expect((await runScript("print(Array(1e6).fill(0))")).stdout).toMatch(/\.\.\. 999900 more items\n\]\n$/);
});
