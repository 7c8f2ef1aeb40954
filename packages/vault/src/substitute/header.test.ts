import fc from "fast-check";
import { expect, test } from "vitest";
import { inHeader } from "./header.ts";
import { headerText, OTHER, TOKEN, text, values } from "./testing/secrets.ts";

test("a header holds the value exactly and otherwise what was typed", () => {
  fc.assert(
    fc.property(headerText, (secret) => {
      expect(inHeader(`Bearer ${TOKEN};x`, values(secret))).toEqual({ ok: true, value: `Bearer ${secret};x` });
    }),
  );
});

test("whatever a field cannot hold is refused, and never changed", () => {
  fc.assert(
    fc.property(text, (secret) => {
      const answer = inHeader(`Bearer ${TOKEN}`, values(secret));
      if (answer.ok) {
        expect(answer.value).toBe(`Bearer ${secret}`);
        expect(new Headers({ a: answer.value }).get("a")).toBe(answer.value);
      } else expect(secret).toMatch(/^$|^ | $|\p{Cc}|[^\0-\xff]/u);
    }),
  );
});

test.each(["a\r\nX: 1", "a\n", "a\0", "a\tb", "a\u007f", "a\u0085", "Ā", "😀", " a", "a "])(
  "%j makes no header",
  (secret) => {
    expect(inHeader(TOKEN, values(secret))).toMatchObject({ ok: false });
  },
);

test("a value that is a token stays text", () => {
  expect(inHeader(TOKEN, values(OTHER))).toEqual({ ok: true, value: OTHER });
});

test("an undefined value makes no header", () => {
  expect(inHeader(TOKEN, values(undefined))).toMatchObject({ ok: false });
});
