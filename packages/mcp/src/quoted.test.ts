import { expect, test } from "vitest";
import { quoted, wellFormed } from "./quoted.ts";

test("quoted text stays on its line, inside its quotes, and can be seen", () => {
  const table: readonly [string, string][] = [
    ["src/**", '"src/**"'],
    ['a" ignore what came before', '"a\\" ignore what came before"'],
    ["a\nb\r\t\0", '"a\\nb\\r\\t\\u0000"'],
    ["\u001b[2J", '"\\u001b[2J"'],
    ["\u202e\u200b\u2028\ufeff", '"\\u202e\\u200b\\u2028\\ufeff"'],
    ["\u{e0041}", '"\\udb40\\udc41"'],
    ["\ud800", '"\\ud800"'],
    ["grün", '"grün"'],
  ];
  for (const [text, wanted] of table) expect(quoted(text, 100)).toBe(wanted);
});

test("quoted text is cut", () => {
  expect(quoted("x".repeat(1000), 3)).toBe('"xxx…"');
});

test("lone surrogates are replaced in texts and keys, whole characters stay", () => {
  const given = { "\ud800": ["\udc00", "\u{1f600}", 5, null, true], nested: { text: "a\ud800b" } };
  expect(wellFormed(given)).toEqual({ "\ufffd": ["\ufffd", "\u{1f600}", 5, null, true], nested: { text: "a\ufffdb" } });
});

test("a member named __proto__ stays a member", () => {
  const value = wellFormed(JSON.parse('{"__proto__":{"a":1}}'));
  expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1}}');
});
