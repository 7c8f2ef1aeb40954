/**
 * The engine as it is published beside the engine as scripts meet it: the same WASM once as a plain module of the
 * library and once with our image, frozen primordials, replaced imports and memory that grows in our steps. What a
 * script computes must not depend on what stands around the engine.
 */

import { openPolicy, Runtime } from "@agent-run/runtime";
import * as build from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";

/** Its declarations are for CommonJS, where the default export lies one level deeper. */
const variant = (build as { default: unknown }).default as QuickJSSyncVariant;

let place: Workplace;
let runtime: Runtime;
let published: QuickJSWASMModule;

beforeAll(async () => {
  // The plain module asks the host for its zone; ours knows UTC only.
  vi.stubEnv("TZ", "UTC");
  place = new Workplace({ "agent-run.toml": "version = 1\n" });
  const audit = `${place.base}/record`;
  const opened = openPolicy({ path: `${place.directory}/agent-run.toml`, cwd: place.directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  runtime = new Runtime({ policy: opened.data, audit });
  published = await newQuickJSWASMModuleFromVariant(variant);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await runtime.close();
  place.remove();
});

/** Expressions over the whole language; each gives JSON. */
const EXPRESSIONS = [
  "[0.1 + 0.2, 1 / 3, -0, 2 ** 53 + 1, 5 % -3, 0x1f, 1e21, 123456789 * 987654321]",
  "[1n << 70n, -7n / 2n, 2n ** 100n].map(String)",
  "[3, 1, 2, 10].sort().concat([..._('abc')].reverse())",
  "'aAbB'.replace(/(?<l>[a-z])([A-Z])/g, '$2$<l>').padEnd(8, '-') + 'x'.codePointAt(0)",
  "JSON.stringify({ b: [1, { c: null }], a: 'é\\u2028\\ud800', d: undefined })",
  'JSON.parse(\'[1e3, "\\\\u0041", {"__proto__": 1}]\')',
  "[...new Set([1, '1', NaN, NaN])].map(String).concat([...new Map([[1, 2]])].flat())",
  "(() => { class A { #x = 1; static s = 2; get x() { return this.#x + A.s; } } return new A().x; })()",
  "(() => { function* g() { const r = yield 1; return r * 2; } const i = g(); i.next(); return i.next(21).value; })()",
  "(() => { try { null.x; } catch (e) { return [e.name, e.message]; } })()",
  "(() => { const { a, ...rest } = { a: 1, b: 2, c: 3 }; return [a, rest, { ...rest, b: 0 }]; })()",
  "[..._('a-b_c'.split(/[-_]/))].map((s, i, all) => s + i + all.length)",
  "[1, [2, [3, [4]]]].flat(Infinity).reduce((a, b) => a + b)",
  "Array.from({ length: 5 }, (_, i) => i ** 2).findLast((x) => x % 2 === 0)",
  "Object.groupBy([1, 2, 3, 4], (x) => (x % 2 ? 'odd' : 'even'))",
  "[new Date(0).toISOString(), new Date(2026, 0, 31, 12).getTime(), Date.UTC(2024, 1, 29)]",
  "new Uint8Array([1, 2, 300]).map((x) => x * 2).join() + new Float64Array([1.5]).at(0)",
  "['ä', 'a', 'z', 'Z'].sort((a, b) => (a < b ? -1 : 1)).join() + 'İ'.toLowerCase().length + 'ß'.toUpperCase()",
  "`${[1, 2]}${{}}${null}${Symbol('s').description}`",
  "[parseInt('08'), Number(' 12 '), Number('0b101'), (25).toString(36), (0.000001234).toExponential(2), (1e21).toLocaleString === undefined]",
  "(() => { const all = Array.from({ length: 6e5 }, (_, i) => 'n' + i); return [all.length, all.at(-1), all.join('').length]; })()",
];

for (const expression of EXPRESSIONS) {
  test(`the same answer to ${expression.slice(0, 60)}`, async () => {
    const script = `const _ = (x) => x; JSON.stringify(${expression})`;
    const context = published.newContext();
    const value = context.unwrapResult(context.evalCode(script, "s.js", { strict: true }));
    const theirs = context.getString(value);
    value.dispose();
    context.dispose();
    expect((await runtime.run(script)).value).toBe(theirs);
  });
}
