import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText, json, loneSurrogate, OTHER, TOKEN, text, values } from "./testing/secrets.ts";
import { inEnvironment, inText } from "./text.ts";

test("a file holds the value exactly and otherwise what was typed", () => {
  fc.assert(
    fc.property(text, (secret) => {
      expect(inText(`KEY='${TOKEN}'\n${TOKEN}`, values(secret))).toEqual({
        ok: true,
        value: `KEY='${secret}'\n${secret}`,
      });
    }),
  );
});

test("a file that is a JSON object or array stays one, with the value in it", () => {
  fc.assert(
    fc.property(anyText, json, (secret, value) => {
      const answer = inText(`{"a": "<${TOKEN}>"}`, values(secret));
      expect(answer.ok && JSON.parse(answer.value)).toEqual({ a: `<${secret}>` });
      const whole = inText(`["${TOKEN}"]`, values(value));
      expect(whole.ok && JSON.parse(whole.value)).toEqual([value]);
    }),
  );
});

test("a text in quotes alone is no JSON, but text", () => {
  expect(inText(`"${TOKEN}"`, values('a"b'))).toEqual({ ok: true, value: '"a"b"' });
});

test.each([
  ["text", "text"],
  [5, "5"],
  [false, "false"],
  [null, "null"],
  [{ a: [1] }, '{"a":[1]}'],
] as const)("%j as a whole file is %s", (value, expected) => {
  expect(inText(TOKEN, values(value))).toEqual({ ok: true, value: expected });
});

test("what has no text goes into none", () => {
  expect(inText(TOKEN, values(undefined))).toMatchObject({ ok: false });
  expect(inText(TOKEN, values(loneSurrogate))).toMatchObject({ ok: false });
});

test("a value that is a live token stays text, beside one that is put in", () => {
  expect(inText(`${TOKEN} ${OTHER}`, values(OTHER))).toEqual({ ok: true, value: `${OTHER} the other value` });
});

test("a token that no handle has is text", () => {
  const unknown = "sealed0ffffffffffffffffffffffffffffffff";
  expect(inText(`${unknown} ${TOKEN}`, values("s"))).toEqual({ ok: true, value: `${unknown} s` });
});

test("an environment variable holds no NUL", () => {
  expect(inEnvironment(`a${TOKEN}`, values("b\0c"))).toMatchObject({ ok: false });
  expect(inEnvironment(`a${TOKEN}`, values("b\nc"))).toEqual({ ok: true, value: "ab\nc" });
});
