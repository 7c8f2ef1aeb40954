import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ORDINARY, programOf, resultOf } from "./engine-run.fixture.ts";
import { BRANCH_GUARD } from "./guard.ts";
import { originalPosition, parseScript } from "./index.ts";
import type { ScriptProgram } from "./parse.ts";

function guarded(text: string): ScriptProgram {
  const parsed = parseScript(text, { name: "script.js", typescript: false, guard: true });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.program;
}

/** The code between the function's head and end. */
const inside = (text: string): string => {
  const { code, firstLineOffset } = guarded(text);
  return code.slice(firstLineOffset, code.lastIndexOf("\n"));
};

it.each([
  ["if (a) b;", "if ($$branch(a, 1)) b;"],
  ["while (a, b);", "while (a, $$branch(b, 1));"],
  ["do ; while (a)", "do ; while ($$branch(a, 1))"],
  ["for (;a;);", "for (;$$branch(a, 1););"],
  ["for (;;) ;", "for (;;) ;"],
  ["for (const b of a);", "for (const b of $$branch(a, 1));"],
  ["for (const b in a);", "for (const b in $$branch(a, 1));"],
  ["b = a ? c : d;;", "return (b = $$branch(a, 1) ? c : d);;"],
  ["!a", "return (!$$branch(a, 1))"],
  ["!!a", "return (!!$$branch(a, 1))"],
  ["a && b && c", "return ($$branch(a, 1) && $$branch(b, 1) && c)"],
  ["a ?? b", "return (a ?? b)"],
  ["if (a ?? b);", "if ($$branch(a, 1) ?? $$branch(b, 1));"],
  ["if (a ? b : c);", "if ($$branch(a, 1) ? $$branch(b, 1) : $$branch(c, 1));"],
  ["if (!(a == 1));", "if (!($$branch(a, 1) == 1));"],
  ["(a) === (b, c)", "return (($$branch(a, 1)) === (b, $$branch(c, 1)))"],
  ["a === undefined || null != b || typeof a === 'x'", "return (a === undefined || null != b || typeof a === 'x')"],
  ["a.b(c)[d] < 1 + e", "return ($$branch(a.b(c)[d], 1) < $$branch(1 + e, 1))"],
  ["if (a * 2 > b - 1);", "if (a * 2 > b - 1);"],
  ["if (`a` == `${b}`);", "if (`a` == $$branch(`${b}`, 1));"],
  ["switch (a) { case b: case 1: default: }", "switch ($$branch(a, 1)) { case $$branch(b, 1): case 1: default: }"],
  ["x = { ...a };", "return (x = { ...$$branch(a, 1) });"],
  ["if (a)\n  if (b);", "if ($$branch(a, 1))\n  if ($$branch(b, 2));"],
  ["x = (a +\n!b) == c;;", "x = ($$branch(a +\n!$$branch(b, 2), 1)) == $$branch(c, 2)"],
  ["a<!--b", "return ($$branch(a, 1)< !--b)"],
  ['if (await import("fs"));', 'if ($$branch(await $$0000("fs"), 1));'],
  ["class A { #a; b(c) { return #a in c } }", "class A { #a; b(c) { return #a in $$branch(c, 1) } }"],
])("%s becomes %s", (text, code) => {
  expect(inside(text)).toContain(code);
});

it("without the option nothing is guarded", () => {
  expect(programOf("if (a) b").code).not.toContain(BRANCH_GUARD);
});

it.each(["$$branch(1)", "const $$branch = 1", "\\u0024$branch", "function f($$branch) {}", "x = { $$branch }"])(
  "%s is refused: the name is the runtime's",
  (text) => {
    const { violations, code } = guarded(`\n ${text}`);
    expect(violations[0]).toMatchObject({ code: "E_SUBSET", line: 2, message: expect.stringContaining("$$branch") });
    expect(code).toContain("refused");
  },
);

it.each(readdirSync(ORDINARY).filter((name) => name.endsWith(".js")))("%s gives the same, guarded", async (name) => {
  const text = readFileSync(ORDINARY + name, "utf8");
  const defined = `globalThis.${BRANCH_GUARD} = (x) => x; `;
  const plain = await resultOf(programOf(text));
  const program = guarded(text);
  expect(await resultOf({ ...program, code: `${defined}${program.code}` })).toEqual(plain);
});

it("every offset of the user's text is found again behind the guards", () => {
  const text = 'if (a && b) c;\nconst d = !e || f === g;\nfor (const h of i) { j?.k; }\n("last" + l) === m';
  const program = guarded(text);
  for (const word of ["a", "b", "c", "e", "f", "g", "i", "j", "k", "m"]) {
    const at = new RegExp(`(?<![\\w$"])${word}\\b(?!")`).exec(program.code.slice(program.firstLineOffset))?.index ?? -1;
    const before = program.code.slice(0, program.firstLineOffset + at).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1 - (before.length === 1 ? program.firstLineOffset : 0);
    const { line, column: found } = originalPosition(program, before.length, column);
    expect(text.split("\n")[line - 1]?.slice(found - 1, found)).toBe(word);
  }
});

it("long chains stay flat, so the engine's parser has room", async () => {
  const chain = Array.from({ length: 5000 }, (_, n) => `x${n % 2} === ${n}`).join(" || ");
  const program = guarded(`const x0 = 1, x1 = 4999; return !(${chain}) ? "no" : "yes"`);
  expect(await resultOf({ ...program, code: `globalThis.${BRANCH_GUARD} = (x) => x; ${program.code}` })).toBe("yes");
});

const operand = fc.constantFrom("a", "b", "2", "(a, b)", "f(a)", "`${b}`", "null", "{ ...a }.x", "[a]");
const expression = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    operand.map((text) => (text.startsWith("{") ? `(${text})` : text)),
    fc
      .tuple(tie("node"), fc.constantFrom("&&", "||", "===", "<", "in", "+", ","), tie("node"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie("node").map((inner) => `!${inner}`),
    fc.tuple(tie("node"), tie("node"), tie("node")).map(([test, one, other]) => `(${test} ? ${one} : ${other})`),
  ),
})).node;

it("the guarded code is that of the user but for the guards", () => {
  fc.assert(
    fc.property(expression, (text) => {
      const { code, firstLineOffset } = guarded(`x = ${text};y;`);
      // Every `$$branch(` closes with `, 1)`, and nothing else of the runtime's is in between.
      let body = code.slice(firstLineOffset, code.lastIndexOf("\n"));
      for (let before = ""; before !== body; ) {
        before = body;
        body = body.replace(/\$\$branch\(((?:(?!\$\$branch\().)*?), 1\)/, "$1");
      }
      expect(body).toBe(`x = ${text};return (y);`);
    }),
    { numRuns: 300 },
  );
});
