import { expect, it } from "vitest";
import { functionCode } from "./function-text.ts";

it.each([
  "x => x",
  "async (a, { b }) => { await a }",
  "function () {}",
  "async function* f() {}",
  "(x => x)",
  "x => x // to the end of the line",
  "/* before */ x => ({})",
])("%s is one function expression", (text) => {
  expect(functionCode(text)).toBe(`(${text}\n)`);
});

it.each([
  "",
  "f",
  "f(v) { return v }",
  "get a() {}",
  "x => x) ; evil(1",
  "}) ; evil(",
  "x => x), (y => y",
  "x => x, y => y",
  "x => x /*",
  "(x => x)()",
  "x => x; evil()",
  "class {}",
  "`${evil()}`",
  "(".repeat(5000),
])("`%s` is not", (text) => {
  expect(functionCode(text)).toBeNull();
});
