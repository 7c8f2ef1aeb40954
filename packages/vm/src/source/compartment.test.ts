import fc from "fast-check";
import { expect, it } from "vitest";
import { type CompartmentCall, readCompartment } from "./compartment.ts";
import { loadTypescript, parseScript, type ScriptProgram } from "./parse.ts";

function programOf(text: string, typescript = false, guard = true): ScriptProgram {
  const parsed = parseScript(text, { name: "s", typescript, guard });
  if (!parsed.ok || parsed.program.violations.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.program;
}

const failureOf = (source: string, program?: ScriptProgram, call?: CompartmentCall) => {
  const read = readCompartment(source, program, call);
  return read.ok ? null : `${read.failure.code} ${read.failure.message}`;
};

it.each([
  "k => k",
  "(k) => ({ a: k })",
  "async k => await k",
  "async (k, io) => { for (const line of k) await io.fs.write(line, 'x') }",
  "function (k) { return k }",
  "function fact(n) { return n < 2 ? 1 : n * fact(n - 1) }",
  "async function f(k) { return k }",
  "(k, ...rest) => [k, rest]",
  "({ a, b: [c] }, d = a) => a + c + d",
  "k => k.map(function () { return this.x + arguments.length })",
  "k => { class A { b = 1; c() { return this.b } } return new A().c() }",
  "k => { label: for (const a in k) { if (a) continue label } try { throw k } catch (e) { return e } }",
  "k => new Date(k.time).toISOString()",
  "k => Math.max(parseInt(k), undefined ?? NaN, JSON.parse('1'))",
  "k => k.print.console.fs({ fetch: 1 }).Math.random()",
  "k => { const Math = { random: () => 4 }; return Math.random() }",
  "k => { var { a } = k; { function b() { return a } } return `${a}` }",
  "k => /* what */ k // no",
  "k => '<!-- html -->' + k",
  "(eval_, Function_) => eval_",
])("%s is a compartment's function", (source) => {
  expect(readCompartment(source.replace(/ \/\/ no$/, ""))).toEqual({
    ok: true,
    value: { source: source.replace(/ \/\/ no$/, ""), line: null },
  });
});

it.each([
  "function () { [native code] }",
  "function print() {\n    [native code]\n}",
  "map(k) { return k }",
  "async map(k) { return k }",
  "get a() { return 1 }",
  "class A { constructor(k) {} }",
  "function* (k) { yield k }",
  "async function* (k) { yield k }",
  "k => k) + (() => 1",
  "k => k // after",
  "/* before */ k => k",
  " k => k",
  "k => k, k => k",
  "k => k; k",
  "(k => k)",
  "1",
  "",
  "k => { return k",
  "k => this.#a",
  "k => super.a",
  "k => k<!--k",
  "k => await k",
])("%s is no plain function", (source) => {
  expect(failureOf(source)).toMatch(/^E_FN pass a plain function; bound, native and proxied functions/);
});

it.each([
  ["k => prefix + k", "uses `prefix` from outside; pass it: key.map((k, prefix) => …, prefix)"],
  ["() => prefix", "uses `prefix` from outside; pass it: key.map((k, prefix) => …, prefix)"],
  ["(k, n) => k + b + n + a + b", "uses `b`, `a` from outside; pass them: key.map((k, n, b, a) => …, b, a)"],
  ["k => { count += k }", "uses `count` from outside"],
  ["k => typeof later", "uses `later` from outside"],
  ["k => ({ shown })", "uses `shown` from outside"],
  ["(k, a = outer) => a", "uses `outer` from outside; pass it: key.map((k, a = outer, outer) => …, outer)"],
  ["k => helper(k)", "uses `helper` from outside"],
  ["k => input[k]", "uses `input` from outside; pass it"],
  ["k => print(k)", "uses `print`, which is not there; what it would print is sealed: return it"],
  ["k => console.log(k)", "uses `console`, which is not there"],
  ["k => fs.write(k, '')", "uses `fs`, which is not there; use seal.run([key], async (k, io) => { … io.fs … })"],
  ["k => fetch(k)", "io.net"],
  ["k => setTimeout(k)", "uses `setTimeout`, which is not there; a compartment computes"],
  ["k => btoa(k)", "uses `btoa`; a compartment has only what ECMAScript has"],
  ["k => Date.now()", "uses `Date.now`, which is not there; pass the time as an argument"],
  ["k => +new Date()", "uses `new Date()`"],
  ["k => +new Date", "uses `new Date()`"],
  ["k => Date()", "uses `Date()`"],
  ["k => Math.random()", "uses `Math.random`, which is not there; pass a number as an argument"],
  ["k => Math['random']()", "uses `Math.random`"],
  ["k => this.a", "uses `this`, which is not there; pass what it needs as an argument"],
  ["function (k) { return this.a }", "uses `this`"],
  ["function (k) { return (() => arguments)() }", "uses `arguments`, which is not there; name the parameters"],
])("%s %s", (source, says) => {
  expect(failureOf(source)).toContain(`E_CAPTURE compartment function ${says.startsWith("uses") ? says : ""}`);
  expect(failureOf(source)).toContain(says);
});

it.each([
  ["k => eval('1')", "`eval` is not part of the language"],
  ["k => new Function('1')", "`Function` is not part of the language"],
  ["async k => (await import('fs')).read(k)", "import"],
  ["k => new WeakRef(k)", "`WeakRef` is not part of the language"],
  ["k => import.meta.url", "`import.meta` is not part of the language"],
])("%s is refused by the rules for scripts", (source, says) => {
  const failure = failureOf(source);
  expect(failure).toMatch(/^E_(?:SUBSET|CAPTURE) compartment function/);
  expect(failure).toContain(says);
});

it("each call has its own form of the fix", () => {
  expect(failureOf("(a, b) => a + c", undefined, "compute")).toContain("seal.compute([…], (a, b, c) => …, c)");
  expect(failureOf("async (v, io) => fs.read(v)", undefined, "run")).toContain("use `io.fs`");
  expect(failureOf("async (v, io) => io.fs.read(c)", undefined, "run")).toContain(
    "seal.run([…], async (v, io, c) => …, c)",
  );
});

it("a token in the text is refused", () => {
  expect(failureOf(`k => "sealed0${"a".repeat(32)}"`)).toMatch(/^E_ARGUMENT the function's text holds the token/);
});

const SCRIPT = `// top
const prefix = "a";
if (prefix && !prefix.b) prefix;
key.map((k, n) => {
  if (k.a && !k.b) return k.c ? 1 : n;
  for (const x of k.d) if (x === 1) return { ...x };
  return k.e<!--n.f;
});
key.map(k => prefix + k);
async () => { await import("fs") };
key.map(async k => import("fs"))`;

/** What the engine says of the function that starts with a text: its slice of the code. */
function inCode(program: ScriptProgram, start: string, end: string): string {
  const from = program.code.indexOf(start);
  return program.code.slice(from, program.code.indexOf(end, from) + end.length);
}

it("a guarded function is read as its user wrote it, and its line is the user's", () => {
  const program = programOf(SCRIPT);
  const given = inCode(program, "(k, n) => {", "\n}");
  expect(given).toContain("$$branch(");
  const written = SCRIPT.slice(SCRIPT.indexOf("(k, n)"), SCRIPT.indexOf("\n});") + 2).replace("<!--", "< !--");
  expect(readCompartment(given, program)).toEqual({ ok: true, value: { source: written, line: 4 } });
});

it("lines in errors are the user's", () => {
  const program = programOf(SCRIPT);
  expect(failureOf("k => prefix + k", program)).toBe(
    "E_CAPTURE compartment function at line 9 uses `prefix` from outside; pass it: key.map((k, prefix) => …, prefix)",
  );
  const late = programOf("\nkey.map(k => {\n\n  return Math.random() })");
  expect(failureOf(inCode(late, "k => {", "}"), late)).toContain("at line 4 uses `Math.random`");
});

it("a dynamic import is called one, not by the name that stands for it", () => {
  const program = programOf(SCRIPT);
  const given = inCode(program, "async k =>", '("fs")');
  expect(given).not.toContain("import");
  expect(failureOf(given, program)).toContain("at line 11 uses `import`, which is not there");
});

it("types are gone, and lines stay", async () => {
  await loadTypescript();
  const program = programOf("type A = string;\nkey.map((k: A): number =>\n  k.length === 1 ? 1 : (2 as number))", true);
  const read = readCompartment(inCode(program, "(k ", `(2${" ".repeat(" as number".length)})`), program);
  expect(read).toMatchObject({
    ok: true,
    value: { line: 2, source: expect.stringContaining("k.length === 1 ? 1 : (2") },
  });
});

it("the whole function comes back, whatever stands in it", () => {
  const part = fc.constantFrom(
    "if (k && n) return !k;",
    "k === n ? k : n;",
    "switch (k) { case n: }",
    "({ ...k });",
    "'$$b'+k;",
    "for (const x of k) x || n;",
    "\n",
    "a: for (;k;) break a;",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 3 }), (body, around) => {
      const written = `(k, n) => { /*1*/ ${body.join(" ")} /*2*/ }`;
      const before = `let k = 1, n = [2]; (() => { ${around.join(" ").replaceAll("return", "void")} })();\n`;
      const program = programOf(
        `${before}const f = !n || (${written});\n${around.join(" ").replaceAll("return", "void")}`,
      );
      const given = inCode(program, "(k, n) => { /*1*/", "/*2*/ }");
      expect(readCompartment(given, program)).toEqual({
        ok: true,
        value: { source: written, line: before.split("\n").length },
      });
    }),
    { numRuns: 100 },
  );
});
