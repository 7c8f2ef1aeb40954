/** What is hard about a secret, for the properties of every place. */
import type { Json } from "@agent-run/gate";
import fc from "fast-check";
import type { Plain, PlainOf } from "../../plain.ts";

export const TOKEN = "sealed00123456789abcdef0123456789abcdef";
export const OTHER = "sealed0fedcba9876543210fedcba9876543210";

/** For `TOKEN` one value; `OTHER` is live as well, and a value that spells it must stay text. */
export const values = (value: Plain): PlainOf =>
  new Map<string, Plain>([
    [TOKEN, value],
    [OTHER, "the other value"],
  ]);

const HARD = [
  ...["", " ", '"', "'", "\\", "\\u0041", '","admin":true,"x":"', "a&b=c", "a+b", "100%", "%2e%2e", "../..", "#", "?"],
  ...["\r\n", "\r\nX-Evil: 1", "\0", "\t", "\u2028", "\u007f", "é", "ÿ", "Ā", "😀", "\ufeff", "\n\n--b\n", "<&>"],
  ...[TOKEN, OTHER, `${TOKEN}${OTHER}`, TOKEN.toUpperCase(), "sealed0", "$&", "$1", "{}", "null", "[1]"],
] as const;

const hard = fc.constantFrom(...HARD);
const pieces = fc.array(fc.oneof(hard, fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" })), {
  maxLength: 4,
});

/** Every Unicode text without lone surrogates. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    hard,
    pieces.map((list) => list.join("")),
  )
  .filter(isWhole);

/** Lone surrogates, too. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  text,
  fc.tuple(text, fc.constantFrom("\ud800", "\udc00", "\udbff\ud800"), text).map((list) => list.join("")),
);

/** Latin-1 that a header can hold from end to end. */
export const headerText: fc.Arbitrary<string> = fc.stringMatching(
  /^[!-~\xa0-\xff]([ -~\xa0-\xff]{0,40}[!-~\xa0-\xff])?$/,
);

export const json: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

export const loneSurrogate = "a\ud800b";

function isWhole(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
