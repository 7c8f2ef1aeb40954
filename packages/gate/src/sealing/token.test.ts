import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasBrokenToken, splitAtTokens, TOKEN_LENGTH, textsOf, tokensIn } from "./token.ts";

const hex = (length: number) =>
  fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: length, maxLength: length }).map((all) => all.join(""));
const token = hex(32).map((digits) => `sealed0${digits}`);
/** Text that holds no part of a token's mark. */
const plain = fc.string().filter((text) => !/sealed0/i.test(text) && !/[0-9a-f]$/i.test(text));
const TOKEN = `sealed0${"0123456789abcdef".repeat(2)}`;

describe("a token", () => {
  test("is found wherever it stands, whole and in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, token)), plain, (parts, last) => {
        const text = parts.map(([before, one]) => `${before} ${one} `).join("") + last;
        expect(tokensIn(text)).toEqual(parts.map(([, one]) => one));
        expect(splitAtTokens(text).join("")).toBe(text);
        expect(hasBrokenToken(text)).toBe(false);
      }),
    );
    expect(TOKEN.length).toBe(TOKEN_LENGTH);
  });

  test("that was cut, with eight digits or more left, is broken", () => {
    fc.assert(
      fc.property(token, fc.integer({ min: 15, max: TOKEN_LENGTH - 1 }), (one, end) => {
        expect(hasBrokenToken(`a ${one.slice(0, end)}`)).toBe(true);
        expect(hasBrokenToken(`a ${one.slice(0, end)} ${one}`)).toBe(true);
      }),
    );
  });

  test("in another spelling, or with more digits behind it, is broken", () => {
    for (const text of [TOKEN.toUpperCase(), `${TOKEN.slice(0, 38)}F`, `Sealed0${TOKEN.slice(7)}`, `${TOKEN}0`])
      expect(hasBrokenToken(`x${text}y`), text).toBe(true);
  });

  test("that is live may have digits right behind it, and any other may not", () => {
    const isLive = (text: string) => text === TOKEN;
    expect(hasBrokenToken(`${TOKEN}abc ${TOKEN}0${TOKEN}`, isLive)).toBe(false);
    for (const text of [`${TOKEN}${TOKEN.slice(0, 20)}`, `${TOKEN.slice(0, 20)}${TOKEN.slice(8)}`])
      expect(hasBrokenToken(text, isLive), text).toBe(true);
  });

  test("with fewer than eight digits left is text like any other", () => {
    expect(hasBrokenToken(TOKEN.slice(0, 14))).toBe(false);
    expect(hasBrokenToken("a letter sealed0 by hand, sealed0abc")).toBe(false);
  });
});

test("the texts of a value are its strings and the names of its members", () => {
  expect([...textsOf({ a: ["b", 1, null, { c: "d" }], e: true })]).toEqual(["a", "b", "c", "d", "e"]);
  expect([...textsOf("x")]).toEqual(["x"]);
});
