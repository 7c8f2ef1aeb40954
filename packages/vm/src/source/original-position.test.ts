import { beforeAll, describe, expect, it } from "vitest";
import { programOf, runProgram } from "./engine-run.fixture.ts";
import { originalPosition } from "./original-position.ts";
import { loadTypescript } from "./parse.ts";
import { Lines } from "./position.ts";

/** Scripts that fail; `§` stands before the place where the engine sees the failure. */
const FAILING: readonly (readonly [string, string])[] = [
  ["on the first line", "throw new Error§('x')"],
  ["on the first line, indented", "   null§.x"],
  ["on a later line", "const a = 1;\n\n  a.b§.c()"],
  ["in a final expression that was made the value", "const a = {};\n§foo"],
  ["in a call at the end", "const o = {};\n  o.m§() // call"],
  ["behind a final expression's start, on the first line", "({}).a§.b"],
  ["in a function called from elsewhere", "function f() {\n  return null§.x;\n}\nf()"],
  ["in a class", "class A {\n\tget x() { throw new TypeError§('x') }\n}\nnew A().x"],
  ["after an await", "await null;\nconst x = undefined;\nx§()"],
  ["in a callback", "[1].map((x) => {\n  x.y§.z\n})"],
  ["behind characters of two units", "const s = '😀😀'; throw new Error§(s)"],
  ["behind characters of two units in an earlier line", "const s = '😀';\nthrow new Error§(s)"],
  ["with CR LF", "const a = 1;\r\n\r\n  throw new Error§('x')\r\n"],
  ["with CR alone", "const a = 1;\r\r  throw new Error§('x')\r"],
  ["with U+2028 and U+2029", "const a = 1;\u2028\u2029  throw new Error§('x')"],
  ["with U+2028 in a string", "const a = '\u2028'; throw new Error§('x')"],
  ["with all line ends mixed", "1;\r2;\n3;\r\n4;\u2028 throw new Error§('x')"],
  ["in a template string over lines", "const a = `\n\n`; throw new Error§(a)"],
  ["inside a template string", `\`a\r\nb\${null§.x}\``],
  ["behind an import", "import fs from 'node:fs'; throw new Error§('x')"],
  ["before an import", "throw new Error§('x'); import fs from 'node:fs'"],
  ["behind an import over lines", "import {\n  join,\n} from 'path';\n join('a'); throw new Error§('x')"],
  ["behind import()", "const fs = await import('fs'); throw new Error§('x')"],
  ["in a final expression with import()", "(await import('fs'))\n  .nothing§()"],
  ["behind `<!--`", "let y = 1; 1<!--y; throw new Error§('x')"],
  ["behind a hashbang", "#!/usr/bin/env node\nthrow new Error§('x')"],
  ["behind a byte order mark", "\ufeffthrow new Error§('x')"],
  ["inside fences", "```js\nthrow new Error§('x')\n```"],
  ["inside fences, behind blank lines", "\n\n```\n#!/usr/bin/env node\n\n throw new Error§('x')\n```\n"],
];

const TYPED: readonly (readonly [string, string])[] = [
  ["behind a type", "const x: Record<string, number> = {}; throw new Error§('x')"],
  ["behind a type over lines", "const x: {\n  a: number\n} = { a: 1 }; throw new Error§('x')"],
  ["behind an assertion", "(null as any)§.x"],
  ["behind a generic call", "const f = <T,>(x: T) => x;\nf<string>('😀' as any).x§.y"],
  [
    "in a method with types",
    "class A<T> {\n  private m(x?: T): void { throw new Error§('x') }\n  n() { this.m() }\n}\nnew A<string>().n()",
  ],
  ["behind an interface", "interface A {\n a: '😀' }\n throw new Error§('x')"],
  ["behind a return type that moves a parenthesis", "const f = (a: number): {\n} => { throw new Error§('x') }; f(1)"],
];

async function expectPlace(marked: string, typescript: boolean) {
  const at = marked.indexOf("§");
  const text = marked.replace("§", "");
  const program = programOf(text, typescript);
  const end = await runProgram(program);
  if (end.kind !== "error" || end.error.line === null || end.error.column === null) {
    throw new Error(`no error with a place: ${JSON.stringify(end)}`);
  }
  const bom = text.startsWith("\ufeff") ? 1 : 0;
  const expected = new Lines(text.slice(bom)).at(at - bom);
  expect(originalPosition(program, end.error.line, end.error.column)).toEqual(expected);
}

describe("a run-time error stands where the user wrote it", () => {
  beforeAll(loadTypescript);

  it.each(FAILING)("%s", (_, text) => expectPlace(text, false));
  it.each(TYPED)("%s", (_, text) => expectPlace(text, true));
  it.each(FAILING)("%s, as TypeScript", (_, text) => expectPlace(text, true));
});

describe("positions outside of the user's text", () => {
  const program = programOf("const a = 1;\na");

  it.each([
    [0, 0, { line: 1, column: 1 }],
    [1, -50, { line: 1, column: 1 }],
    [3, 1, { line: 2, column: 2 }],
    [900, 900, { line: 2, column: 2 }],
    [2, 900, { line: 2, column: 2 }],
    // Inside `return (` and `)`, which the user did not write.
    [2, 1, { line: 2, column: 1 }],
    [2, 8, { line: 2, column: 1 }],
    [2, 9, { line: 2, column: 1 }],
    [2, 10, { line: 2, column: 2 }],
  ])("line %d, column %d become the nearest end", (line, column, expected) => {
    expect(originalPosition(program, line, column)).toEqual(expected);
  });
});
