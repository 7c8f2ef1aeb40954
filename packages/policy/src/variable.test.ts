import { expect, test } from "vitest";
import { canonicalVariable } from "./variable.ts";

test.each(["HOME", "http_proxy", "A B", "\u00e9", "a".repeat(1024)])("%j is the name of a variable", (name) => {
  expect(canonicalVariable(name)).toEqual({ ok: true, value: name });
});

test.each(["", "A=B", "=", "A\0", "A\nB", "A\u2028", "\ud800", "a".repeat(1025)])("%j is none", (name) => {
  expect(canonicalVariable(name)).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
});
