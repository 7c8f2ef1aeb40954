/** The branch guard in a run: what decides by a sealed value fails with a hint, everything else goes on as before. */
import { expect, it } from "vitest";
import { sealedError, sealedRun, sealedValue, sealedWorld } from "./sealed-world.fixture.ts";

const guarded = (body: string) => sealedError(body, sealedWorld(), true);

it.each([
  "if (key) print(1)",
  "if (key.ok) print(1)",
  "if (!key) throw new Error('no key')",
  "key && print(key)",
  "key || print(key)",
  "const x = key ? 1 : 2",
  "while (key) break",
  "do { } while (key)",
  "for (; key; ) break",
  "for (const one of key) print(one)",
  "for (const name in key) print(name)",
  "const copy = { ...key }",
  'key === "guess"',
  '"guess" == key',
  "key !== 1",
  "key != key",
  "key < 1",
  "1 >= key",
  '"a" in key',
  "key instanceof Map",
  "switch (key) { case 1: print(1) }",
  "switch (1) { case key: print(1) }",
  'if (`Bearer ${key}` === "Bearer x") print(1)',
  'if (("a", key)) print(1)',
  "if (true && key) print(1)",
  "if (key ?? 1) print(1)",
  "!(await key)",
  "(() => { if (key.a) return 1 })()",
  "function* g() { if (yield key) print(1) } const i = g(); i.next(); i.next(key)",
  "[key].filter((one) => one === 1)",
])("%s is E_SEALED_BRANCH", async (body) => {
  const { code, message } = await guarded(body);
  expect({
    code,
    message: `${message}`.replace(/on (?:\[sealed [^\]]+\]|a text with a sealed value),/, "on THING,"),
  }).toEqual({
    code: "E_SEALED_BRANCH",
    message:
      "line 1: the program cannot branch on THING, loop over it or spread it; put the decision in seal.run([value], (v, io) => {…}), compute with value.map((v) => …), or ask the operator for a release rule",
  });
});

it.each([
  [
    "[key === undefined, undefined !== key, key === null, key == null, void 0 === key]",
    [false, true, false, false, false],
  ],
  ['[typeof key === "object", key ?? 1]', [true, expect.any(String)]],
  ["[1, 2, 3].filter((n) => n > 1 && n !== 3)", [2]],
  ["(() => { let n = 0; for (let i = 0; i < 3; i++) n += i; return n })()", 3],
  ["(() => { let a, b; if ((a = 1, b = 0)) return 1; return !b ? [a] : 2 })()", [1]],
  ['"length" in []', true],
  ["(() => { class A { #x; static has(a) { return #x in a } } return A.has(new A()) })()", true],
  ["[1, 2].map((n) => n === 2 ? 'b' : 'a')", ["a", "b"]],
  ["(() => { switch (2) { case 1: return 'a'; case 2: return 'b' } })()", "b"],
  ["[null || 'x', 0 && 'y', 0 ?? 'z']", ["x", 0, 0]],
  ["(() => { for (const { a, ...rest } of [{ ...{ a: 1 }, b: 2 }]) return [a, rest] })()", [1, { b: 2 }]],
])("%s goes on as before", async (expression, value) => {
  expect(await sealedValue(`return ${expression}`, sealedWorld(), true)).toEqual(value);
});

it("the error's place is the user's own", async () => {
  const { end } = await sealedRun("\n\nif (1 < 2 && 3 > 2 &&\n    key.ok) print(1)", sealedWorld(), true);
  const { originalPosition, parseScript } = await import("../source/index.ts");
  const text = 'const key = env.read("KEY"); \n\nif (1 < 2 && 3 > 2 &&\n    key.ok) print(1)';
  const parsed = parseScript(text, { name: "script.js", typescript: false, guard: true });
  if (!parsed.ok || end.kind !== "error") throw new Error(JSON.stringify({ parsed, end }));
  const { message, line, column } = end.error;
  expect(message).toMatch(/^line 4: /);
  expect(originalPosition(parsed.program, line ?? 0, column ?? 0)).toEqual({ line: 4, column: 5 });
});

it("a final expression is still the run's value", async () => {
  expect(await sealedValue("1 < 2 && [3]", sealedWorld(), true)).toEqual([3]);
});

it("a script that takes the guard away has changed nothing", async () => {
  const body =
    'const name = "$$" + "branch"; globalThis[name] = (x) => x; delete globalThis[name]; print(typeof globalThis[name]); if (key) return 1';
  expect((await sealedRun(body, sealedWorld(), true)).stdout).toBe("undefined\n");
  expect((await guarded(body)).code).toBe("E_SEALED_BRANCH");
});
