import { createRequire } from "node:module";
import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { programOf, resultOf } from "./engine-run.fixture.ts";
import { loadTypescript } from "./parse.ts";

const FS = { name: "fs", readFileSync: (path: string) => `text of ${path}`, promises: { name: "promises" } };
const modules: Record<string, unknown> = {
  fs: FS,
  "fs/promises": FS.promises,
  path: createRequire(import.meta.url)("path"),
};
const globals = createContext({
  require: (name: string) => modules[name.replace(/^node:/, "")],
  f: (x: unknown) => x ?? "f",
  out: [] as unknown[],
});

/** What the rewritten script gives in another engine, so that only the rewriting is under test. */
const run = (text: string, typescript = false): Promise<unknown> =>
  (runInContext(programOf(text, typescript).code, globals) as () => Promise<unknown>)();

const VALUES: readonly (readonly [string, unknown])[] = [
  // A returned operand.
  ["return 1", 1],
  ["return 1; 2", 1],
  ["if (f(1)) return 'early'; 'late'", "early"],
  ["if (f(0)) return 'early'; 'late'", "late"],
  ["return", undefined],
  ["return; 1", undefined],
  ["return (await f(Promise.resolve(3)))", 3],
  ["return { a: 1 }", { a: 1 }],
  ["function g() { return 1 }", undefined],
  ["for (const x of [1, 2]) if (x === 2) return x", 2],
  ["try { return 1 } finally { f() }", 1],
  // A final expression statement.
  ["1", 1],
  ["1;", 1],
  ["1 // done", 1],
  ["1; // done", 1],
  ["1 /* a */ ; /* b */", 1],
  ["1\n\n\n// done\n", 1],
  ["1;;", 1],
  ["1 // before\n;", 1],
  ["(1)", 1],
  ["((1)) // x", 1],
  ["({ a: 1 })", { a: 1 }],
  ["({ a: 1 }).a;", 1],
  ["[1, 2]", [1, 2]],
  ["1, 2", 2],
  ["let x = 1\nx", 1],
  ["let x = 1\nx\n", 1],
  ["let x = 1; x = 5", 5],
  ["let x = 1\nx++", 1],
  ["let x = 1\n++x", 2],
  ["let x = 1;\n-x", -1],
  ["f();\n(1)", 1],
  [`let x = 'a';\n\`b\${x}\``, "ba"],
  ["const t = f(() => 'tagged')\nt`x`", "tagged"],
  ["`a\n\\`\\`\\`\nb`", "a\n```\nb"],
  ["'x' + // comment\n  'y'", "xy"],
  ["f(\n  1,\n)", 1],
  ["await f(Promise.resolve(2))", 2],
  ["await Promise.all([1, f(Promise.resolve(2))])", [1, 2]],
  ["(async () => 3)()", 3],
  ["(() => 4)()", 4],
  ["(function () { return 5 })()", 5],
  ["async function main() { return 6 }\nmain()", 6],
  ["function g() {} f(7)", 7],
  ["class A {} new A().x ?? 8", 8],
  ["if (f(1)) {} 9", 9],
  ["{ let x; } 10", 10],
  ["do f(); while (0) 11", 11],
  ["a: for (;;) break a\n12", 12],
  ["f(1) ? 'yes' : 'no'", "yes"],
  ["null ?? 'n'", "n"],
  ["typeof x", "undefined"],
  ["void 0", undefined],
  ["/;/.test(';')", true],
  ["/a/g.flags", "g"],
  ["';'", ";"],
  ["f(); ';'", ";"],
  ["let let_ = 1; let_", 1],
  ["var async = 2; async", 2],
  ["var yield_ = 1; 3", 3],
  ["f(1)?.x?.y", undefined],
  ["f(13)", 13],
  ["x => x, 1", 1],
  ["f`x`.length", 1],
  // A text that could be a directive.
  ["'hello'", "hello"],
  ["'use strict'; \"x\"", "x"],
  // Nothing.
  ["", undefined],
  [" \n\t ", undefined],
  ["// only a comment", undefined],
  [";", undefined],
  ["'use strict'", undefined],
  ["let x = 1", undefined],
  ["const { a } = { a: 1 }", undefined],
  ["if (f(1)) { 1 }", undefined],
  ["{ 1 }", undefined],
  ["for (const x of [1]) x", undefined],
  ["while (f(0)) 1", undefined],
  ["try { 1 } catch { 2 }", undefined],
  ["switch (1) { case 1: 2 }", undefined],
  ["a: 1", undefined],
  ["function g() { return 1 }", undefined],
  ["class A {}", undefined],
  ["1\nlet x", undefined],
  ["1; if (f(0)) 2", undefined],
  ["import fs from 'fs'", undefined],
  ["1; import fs from 'fs'", undefined],
];

describe("the value of a run", () => {
  it.each(VALUES)("of %j", async (text, value) => {
    expect(await run(text)).toEqual(value);
  });

  it("is that of a final expression whose type was erased", async () => {
    await loadTypescript();
    expect(await run("const x = 1\nx as number", true)).toBe(1);
    expect(await run("const x = 1\nx! // done\n", true)).toBe(1);
    expect(await run("f<number>(2)\ntype T = 1", true)).toBe(2);
  });
});

describe("strictness", () => {
  it.each([
    ["undeclared = 1; 0", "undeclared is not defined"],
    ["Object.freeze([1]).push(2)", "Cannot add property 1, object is not extensible"],
    ["arguments.length", "arguments is not defined"],
    ["fs.x; await 1; let fs", "Cannot access 'fs' before initialization"],
  ])("holds in %s", async (text, message) => {
    await expect(run(text)).rejects.toThrow(message);
  });

  it("holds when something is imported, too", async () => {
    await expect(run("import fs from 'fs'; undeclared = 1")).rejects.toThrow("undeclared is not defined");
  });
});

const IMPORTS: readonly (readonly [string, unknown])[] = [
  ["import fs from 'fs'; fs.name", "fs"],
  ["import * as fs from 'node:fs'; fs.name", "fs"],
  ["import { name } from 'fs'; name", "fs"],
  ["import { name as n, readFileSync as r } from 'fs'; r(n)", "text of fs"],
  ["import { default as fs } from 'fs'; fs.name", "fs"],
  ["import fs, { name } from 'fs'; [fs.name, name]", ["fs", "fs"]],
  ["import fs, * as all from 'fs'; fs === all", true],
  ["import { 'name' as n } from 'fs'; n", "fs"],
  ["import {} from 'fs'; 1", 1],
  ["import 'fs'; 1", 1],
  ["import { name } from 'node:fs/promises'; name", "promises"],
  // Hoisting: usable before the line that imports.
  ["const early = name; import { name } from 'fs'; early", "fs"],
  ["g(); function g() { f(name) }\nimport { name } from 'fs'", undefined],
  ["f(1)\nimport fs from 'fs'\n(fs.name)", "fs"],
  ["f(1)\nimport fs from 'fs'\n(fs.name); 5", 5],
  ["import fs from 'fs'\nimport { join } from 'path'\njoin(fs.name, 'x')", "fs/x"],
  // The script's own names are not in the way.
  ["import fs from 'fs'; const require = 1; fs.name", "fs"],
  ["import fs from 'fs'; function require() { return 0 } fs.name", "fs"],
  ["import {\n  name, // the name\n  readFileSync,\n} from 'fs'; name", "fs"],
  // import() of a literal.
  ["(await import('fs')).name", "fs"],
  ["const { name } = await import('node:fs'); name", "fs"],
  ["await import('fs').then((m) => m.name)", "fs"],
  ["const require = 1; (await import('fs')).name", "fs"],
  ["[(await import('fs')).name, (await import(`path`)).sep]", ["fs", "/"]],
  ["import /* a */ (/* b */ 'fs' /* c */); 1", 1],
  ["(await import('fs', {})).name", "fs"],
  ["const s = '$$0000$$0001'; (await import('fs')).name + s", "fs$$0000$$0001"],
  ["const $$0000 = 1; (await import('fs')).name + $$0000", "fs1"],
];

describe("imports of built-in modules", () => {
  it.each(IMPORTS)("%s", async (text, value) => {
    expect(await run(text)).toEqual(value);
  });

  it("are listed by bare name", () => {
    const text = "import a from 'node:fs'; import b from 'fs'; await import('node:path'); require('util')";
    expect(programOf(text).imports).toEqual(["fs", "path"]);
  });

  it("cannot be assigned", async () => {
    await expect(run("import { name } from 'fs'; name = 1")).rejects.toThrow();
  });
});

describe("the text that the engine reads", () => {
  beforeAll(loadTypescript);

  it("means the same as a script as it does as a module", async () => {
    const text =
      "let y = { v: 2 }\nconst a = 1<!--y.v\nconst s = '<!--', t = `<!-- \n-->`, r = /<!--/\nreturn [a, y.v, s, t, r.test(s)]";
    const value = [false, 1, "<!--", "<!-- \n-->", true];
    expect(await run(text)).toEqual(value);
    expect(await resultOf(programOf(text))).toEqual(value);
  });

  it.each([
    ["x\n--> y", "unexpected `>`"],
    ["/* a */ --> x", "unexpected `>`"],
    ["<!-- comment", "unexpected `<`"],
  ])("has no HTML-like comments: %j", (text, message) => {
    expect(() => programOf(text)).toThrow(message);
  });

  it("ends no earlier than the user's text", () => {
    for (const text of ["}); print(1); (async () => {", "}", "})()", "*/", "`", "return 1 }"]) {
      expect(() => programOf(text), text).toThrow("does not parse");
    }
  });

  it("keeps every line of the user's on its line", () => {
    const text = "import fs from 'fs'\n\nfs\n  .name\n";
    expect(programOf(text).code.split("\n")).toHaveLength(text.split("\n").length + 1);
  });
});
