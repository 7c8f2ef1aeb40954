import { runInThisContext } from "node:vm";
import { transformSync } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { eraseTypes } from "./erase-types.ts";
import { loadTypescript, parseScript } from "./parse.ts";

/** Runs JavaScript as the body of an async function. */
const run = (body: string): Promise<unknown> =>
  (runInThisContext(`(async () => { "use strict"; ${body}\n})`) as () => Promise<unknown>)();

const lineEnds = (text: string) => text.replace(/[^\r\n\u2028\u2029]/g, ".");

function erased(text: string): string {
  const result = eraseTypes(text);
  if (!result.ok) throw new Error(`does not parse: ${result.problem.message} at ${result.problem.offset}`);
  expect(result.violations).toEqual([]);
  return result.text;
}

/** Scripts that return something, and what. */
const ERASED: readonly (readonly [string, unknown])[] = [
  // Annotations.
  ["let x: number = 1; return x", 1],
  ["let x!: number; x = 2; return x", 2],
  ["const { a, b }: { a: number; b?: string } = { a: 1 }; return [a, b ?? null]", [1, null]],
  ["const [a, b]: [number, ...string[]] = [1, 'x']; return b", "x"],
  ["function f(a: number, b?: string, ...c: number[]): [number, number] { return [a, c.length] } return f(1)", [1, 0]],
  ["function f(this: { v: number }, a: number) { return this.v + a } return f.call({ v: 1 }, 2)", 3],
  ["function f(this: void) { return 1 } return f()", 1],
  ["const f = (a?: number, b: number = 2): number => (a ?? 1) + b; return f()", 3],
  ["const f = ({ a, b = 2 }: { a: number; b?: number }): number => a + b; return f({ a: 1 })", 3],
  ["try { throw 1 } catch (e: unknown) { return e }", 1],
  ["for (const x of [1, 2] as number[]) { if (x === 2) return x }", 2],
  ["const f = (x: unknown): x is string => typeof x === 'string'; return f('a')", true],
  ["function a(x: unknown): asserts x is string {} a(1); return 1", 1],
  ["let f: (a: string, b?: number) => void = () => {}; return typeof f", "function"],
  ["const o: { [key: string]: Array<Map<string, number[]>> } = {}; return o", {}],
  ["const s: unique symbol = Symbol.for('a'); return s.description", "a"],
  ["let a: typeof globalThis.JSON, b: keyof typeof a, c: (typeof a)[keyof JSON]; return 1", 1],
  [`let x: \`a\${string}\` = 'ab'; return x`, "ab"],
  ["let x: import('fs').Stats | undefined; return x ?? null", null],
  ["let x: readonly string[] = ['a'], y: [a?: string, ...b: number[]]; return x", ["a"]],
  ["let a: new (...args: any[]) => object, b: abstract new () => void; return 1", 1],
  ["let x: T extends (infer U)[] ? U : never; return 1", 1],
  ["let x: { readonly [K in keyof T]-?: T[K] }, y: { +readonly [K in keyof T]+?: 1 }; return 1", 1],
  // Assertions.
  ["return (1 as number) + 2", 3],
  ["return 1 as any as number", 1],
  ["return 1 + 2 as number", 3],
  ["return 1 + 2 * 3 as number < 8 as boolean", true],
  ["return { a: 1 } satisfies Record<string, number>", { a: 1 }],
  ["return ['a', 1] as const", ["a", 1]],
  ["const o = { a: { b: [5] } }; return o!.a!.b![0]!", 5],
  ["const o: any = { f: () => 7 }; return (o as any)?.f?.()!", 7],
  ["let x: any; (x as any) = 1; x! += 1; return x!", 2],
  ["return ((1 as number) /* as comment */ as any)", 1],
  ["return (1 /* as T */ as /* T */ number /* end */)", 1],
  ["return <number>1", 1],
  ["const x = <{ a: number }>{ a: 1 }; return x", { a: 1 }],
  ["const f = () => (<any>{ a: 1 }); return f()", { a: 1 }],
  [`return \`\${1 as number}\${\`\${2 as any}\`}\``, "12"],
  // Generics.
  ["const id = <T,>(x: T): T => x; return id<number>(1)", 1],
  ["const id = <const T extends object = {}>(x: T) => x; return id({ a: 1 })", { a: 1 }],
  ["const f = async <T>(x: T): Promise<T> => x; return await f<string>('a')", "a"],
  ["function f<T, U extends T[] = T[]>(x: T): U { return [x] as U } return f(1)", [1]],
  ["return new Map<string, Array<number>>([['a', [1]]]).get('a')", [1]],
  ["return [1, 2].reduce<Record<string, number>>((a, b) => ({ ...a, [b]: b }), {})", { 1: 1, 2: 2 }],
  ["const make = Array.of<number>; return make(1)", [1]],
  ["const tag = <T,>(s: TemplateStringsArray) => s[0]; return tag<string>`x`", "x"],
  ["const o = { f: <T,>(x: T) => x }; return o?.f<number>(3)", 3],
  ["return new Set<string>", new Set()],
  ["const a = 1, b = 2, c = 3; return a < b && b > c", false],
  ["const f = (...x: boolean[]) => x, a = 1, b = 2, c = 3, d = 4; return f(a < b, c > d)", [true, false]],
  ["const a = 1; return a ? (2) : 3", 2],
  ["const a = 1; return a ? (b: number): number => b : 3", "function"],
  // Statements that leave nothing.
  ["interface A { b: number; c?(): void } type B = A | null; return 1", 1],
  ["declare const x: number; declare function f(): void; declare class C { a: number } return typeof x", "undefined"],
  ["declare global { interface Window { a: 1 } } declare module 'x' { export const y: 1 } return 1", 1],
  ["namespace N { export type A = 1; interface B {} } return typeof N", "undefined"],
  ["declare enum E { A }\ndeclare namespace N { const a: 1 } return typeof E", "undefined"],
  ["function f(a: string): string; function f(a: number): number; function f(a: any) { return a } return f(1)", 1],
  ["import type { A } from './a'; import { type B } from 'fs'; import type C from 'c'; return 1", 1],
  ["export type A = 1; export interface B {} export type { A as C }; export declare const d: 1; return 1", 1],
  ["type A<T> = T extends string ? 'a' : 'b'\nreturn 1", 1],
  ["const type = 1, declare = 2, namespace = 3, abstract = 4; return type + declare + namespace + abstract", 10],
  ["let as = 1, satisfies = 2, is = 3, keyof = 4, infer = 5; return as + satisfies + is + keyof + infer", 15],
  // Classes.
  [
    "class A { a: number = 1; readonly b?: string; static c!: number; #d: number = 2; get d(): number { return this.#d } } const o = new A; return [o.a, o.d, 'b' in o]",
    [1, 2, true],
  ],
  [
    "class A { declare a: number; [key: string]: any; constructor(b?: number); constructor(b: any) { this.z = b } } return Object.keys(new A(1))",
    ["z"],
  ],
  [
    "abstract class A { abstract a: number; abstract f(): void; protected g?(): void; h(): number { return 1 } } class B extends A { override a = 2; override f() {} } return [new B().h(), new B().a]",
    [1, 2],
  ],
  [
    "interface I {} class A<T> implements I, Iterable<T> { *[Symbol.iterator](): Iterator<T> {} } return [...new A<number>()]",
    [],
  ],
  [
    "class B<T> { v: T; constructor(v: T) { this.v = v } } class A<T> extends B<T[]> implements Partial<B<T>> {} return new A([1]).v",
    [1],
  ],
  [
    "class A { private static async *f<T>(x?: T): AsyncGenerator<T> { yield 1 as T } static g() { return A.f() } } return (await A.g().next()).value",
    1,
  ],
  [
    "class A { public get = 1; private set: number = 2; static static = 3; readonly readonly = 4; declare = 5; async = 6 } const a = new A; return [a.get, a.set, A.static, a.readonly, a.declare, a.async]",
    [1, 2, 3, 4, 5, 6],
  ],
  ["const A = class implements Object { x = 1 }; return new A().x", 1],
  ["class A extends (Object as any)<string> {} return new A() instanceof A", true],
  [
    "const o = { m<T>(this: any, a: T): T { return a }, async n(): Promise<number> { return 1 }, get x(): number { return 2 } }; return [o.m(1), await o.n(), o.x]",
    [1, 1, 2],
  ],
  // Lines that must not run together.
  ["const foo = 1; let x = 5 as any\n(foo)\nreturn x", 5],
  ["let x = 5 satisfies number\n[1].map(String)\nreturn x", 5],
  ["let x = 5 as number\n`t`\nreturn x", 5],
  ["let a = 1\ntype T = number\n;[1].map(String)\nreturn a", 1],
  ["let a = 1\ninterface I {}\n(a)\nreturn a", 1],
  ["let a = 1\ndeclare const b: 1\n[1].map(String)\nreturn a", 1],
  ["let f = Array.of<number>\n(1)\nreturn f.length", 1],
  ["if (true) 1 as any\nelse 2 as any\nreturn 3", 3],
  ["do 1 as any\nwhile (false)\nreturn 1", 1],
  ["class A { x = 1 as any\n['y'] = 2 } return new A().y", 2],
  ["class A { get: number\nfoo() { return 1 } } return new A().foo()", 1],
  ["class A { static: number\nfoo() { return 1 } } return new A().foo()", 1],
  ["class A { x = 1\nprivate ['y'] = 2 } return new A().y", 2],
  ["class A { x = 1\nprivate *g() { yield 3 } } return [...new A().g()]", [3]],
  ["class A { x = 1\nreadonly y = 2 } return new A().y", 2],
  ["class A { x = 1\ndeclare y: number\n['z'] = 3 } return new A().z", 3],
  ["class A { get?: number\nset!: number\nfoo() { return 1 } } return new A().foo()", 1],
  ["const f = (a: number): {\n  b: number\n} => ({ b: a }); return f(1)", { b: 1 }],
  ["const f = (a = (1)): Array<\n  number\n> => [a]; return f()", [1]],
  ["const f = async <\n  T\n>(a: T) => a; return await f(1)", 1],
  ["const f = () => { return <\n  T,\n>(a: T) => a }; return f()(1)", 1],
  ["const f = (\n  a: number, // first\n  b: string, /* second */\n): void => {}; return f.length", 2],
  ["return (await (async (): Promise<\n void> => {})()) ?? 1", 1],
  // Text that only looks like types.
  ["return 'a as b' + `<T>(x: number)` + /as: T/.source", "a as b<T>(x: number)as: T"],
  ["/* let x: number */ // as any\nreturn 1", 1],
  ["const é: string = '😀 as T', ñ = é as string; return ñ", "😀 as T"],
];

beforeAll(loadTypescript);

describe("erasing types", () => {
  it.each(ERASED)("leaves the behaviour of %s", async (text, value) => {
    const result = await run(erased(text).replace(/;? *(?:import|export) .*?;/g, ";"));
    expect(typeof result === "function" && typeof value === "string" ? typeof result : result).toEqual(value);
  });

  it.each(ERASED)("does what esbuild does with %s", async (text) => {
    const options = { target: "esnext", loader: "ts", minifyWhitespace: true, minifySyntax: true } as const;
    const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } };
    const isModule = /\b(?:import|export|declare)\b/.test(text);
    const wrapped = isModule ? text.replace(/return /g, "f = ") : `async () => { ${text}\n}`;
    const code = (source: string, loader: "ts" | "js") =>
      transformSync(source, { ...options, tsconfigRaw, loader }).code;
    expect(code(code(erased(wrapped), "js"), "js")).toBe(code(code(wrapped, "ts"), "js"));
  });

  it.each(ERASED)("keeps length and lines of %s", (text) => {
    expect(lineEnds(erased(text))).toBe(lineEnds(text));
  });

  it("erases namespaces that hold no values, nested ones too", () => {
    expect(erased("namespace A.B { type C = 1 } namespace D { namespace E {} }").trim()).toMatch(/^; +; +$|^; +;$/);
  });

  it("keeps every line end, whichever it is", () => {
    const text = "let x: {\r\n a: 1\r b: 2\u2028 c: 3\u2029 d: 4\n}\nreturn 1";
    expect(lineEnds(erased(text))).toBe(lineEnds(text));
  });
});

/** Script, message, line and column. */
const REFUSED: readonly (readonly [string, string, number, number])[] = [
  ["enum Color { Red }", "an `enum` exists at run time and cannot be erased", 1, 1],
  ["1;\n  const enum Color { Red }", "an `enum` exists at run time and cannot be erased", 2, 3],
  ["namespace N { export const a = 1 }", "a `namespace` with values exists at run time and cannot be erased", 1, 1],
  ["module N { f() }", "a `namespace` with values exists at run time and cannot be erased", 1, 1],
  ["namespace A.B { let x }", "a `namespace` with values exists at run time and cannot be erased", 1, 1],
  ["class A { constructor(private a: number) {} }", "a parameter property cannot be erased", 1, 23],
  ["class A { constructor(readonly a = 1) {} }", "a parameter property cannot be erased", 1, 23],
  ["class A { constructor(public readonly a?: number) {} }", "a parameter property cannot be erased", 1, 23],
  ["@dec class A {}", "decorators are not part of the language", 1, 1],
  ["class A { @dec m() {} }", "decorators are not part of the language", 1, 11],
  ["class A { @dec() x = 1 }", "decorators are not part of the language", 1, 11],
  ["class A { accessor x = 1 }", "`accessor` is not part of the language", 1, 11],
  ["class A { static accessor x = 1 }", "`accessor` is not part of the language", 1, 18],
  ["import fs = require('fs')", "`import =` cannot be erased", 1, 1],
  ["import a = b.c", "`import =` cannot be erased", 1, 1],
  ["export = 1", "a script exports nothing", 1, 1],
  ["export const a: number = 1", "a script exports nothing", 1, 1],
  ["export default class A<T> {}", "a script exports nothing", 1, 1],
  ["import { Config } from './types'", "the module `./types` does not exist here", 1, 1],
  ["<any>{}", "this cast cannot be erased", 1, 1],
  ["const f = () => <any>{ a: 1 }", "this cast cannot be erased", 1, 17],
  ["const f = () => { return <\nany>1 }", "this cast cannot be erased", 1, 26],
  ["<any>function () {}", "this cast cannot be erased", 1, 1],
  ["const x = <div>hi</div>", "JSX is not part of the language", 1, 18],
];

describe("TypeScript that exists at run time", () => {
  it.each(REFUSED)("refuses %s", (text, message, line, column) => {
    const parsed = parseScript(text, { name: "script.ts", typescript: true });
    const [first] = parsed.ok ? parsed.program.violations : [parsed.error];
    expect(first).toMatchObject({ code: "E_SUBSET", message, line, column });
    expect(first?.hint).toMatch(/\S/);
  });

  it("still looks at the rest of the script", () => {
    const text = "enum E { A }\nclass B { constructor(private c: number) {} }\nfs.read('x'); eval('1')";
    const parsed = parseScript(text, { name: "script.ts", typescript: true });
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.program.violations.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(parsed.program.uses).toMatchObject([{ capability: "fs.read", line: 3, column: 1 }]);
  });

  it("tells a JavaScript script that its types need TypeScript", () => {
    for (const text of [
      "let x: number = 1",
      "interface A {}",
      "const x = y as string",
      "enum A {}",
      "class A { private x }",
    ]) {
      const parsed = parseScript(text, { name: "script.js", typescript: false });
      expect(parsed.ok ? null : parsed.error.hint, text).toBe(
        "if this is TypeScript, name the script `.ts` or pass `--ts`",
      );
    }
  });
});
