import { readReleasePattern } from "@agent-run/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { linearPattern } from "./linear-pattern.ts";

const atom = fc.constantFrom(
  "a",
  "b",
  ".",
  "\\d",
  "\\W",
  "\\s",
  "[ab]",
  "[^a-c1]",
  "[\\d_-]",
  "[^]",
  "[]",
  "\\.",
  "\\n",
  "😀",
);
const times = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1}?", "{0,2}", "{1,}", "*?", "{0}");
const pattern = fc.letrec<{ all: string; one: string }>((tie) => ({
  all: fc.array(tie("one"), { maxLength: 4 }).map((list) => list.join("")),
  one: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(atom, times).map((list) => list.join("")),
    fc
      .tuple(fc.constantFrom("(", "(?:"), tie("all"), fc.constantFrom("", "|"), tie("all"), times)
      .map(([open, a, or, b, n]) => `${open}${a}${or}${b})${n}`),
  ),
})).all;
const subject = fc
  .array(fc.constantFrom("a", "b", "c", "1", ".", "_", " ", "\n", "😀", "é"), { maxLength: 6 })
  .map((list) => list.join(""));

test("a pattern matches as JavaScript's does, over the whole text", () => {
  fc.assert(
    fc.property(pattern, fc.array(subject, { minLength: 1, maxLength: 8 }), (source, texts) => {
      const ours = linearPattern(source);
      const theirs = new RegExp(`^(?:${source})$`, "u");
      expect(texts.map((text) => ours?.(text))).toEqual(texts.map((text) => theirs.test(text)));
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["v\\d+\\.\\d+\\.\\d+", "v1.20.3", true],
  ["v\\d+\\.\\d+\\.\\d+", "v1.20.3\n", false],
  ["v\\d+\\.\\d+\\.\\d+", "xv1.20.3", false],
  ["[a-z]{2}-[a-z]+-\\d", "eu-central-1", true],
  ["[a-z]{2}-[a-z]+-\\d", "eu-central-12", false],
  ["^ab$", "ab", true],
  ["a\\$", "a$", true],
  ["a\\\\$", "a\\", true],
  ["", "", true],
  ["", "a", false],
])("`%s` on %j: %s", (source, text, expected) => {
  expect(linearPattern(source)?.(text)).toBe(expected);
});

test.each([
  ..."*+?{}[()]\\",
  "a**",
  "a{2",
  "a{,2}",
  "a{3,2}",
  "a{12345}",
  "[b-a]",
  "[a-\\d]",
  "[a",
  "(?=a)",
  "(?!a)",
  "(?<=a)",
  "(?<n>a)",
  "(a)\\1",
  "a\\b",
  "\\p{L}",
  "\\cA",
  "a^b",
  "a$b",
  "(a{99}){99}",
  `${"(".repeat(60)}a${")".repeat(60)}`,
])("`%s` is outside of the language", (source) => {
  expect(linearPattern(source)).toBeNull();
});

test("patterns that hold up a backtracking matcher take their steps and end", () => {
  const text = `${"a".repeat(3000)}!`;
  for (const source of ["(a+)+", "(a|aa)+", "((a*)*)*", "(a|a|a)*b", "(.*)*x"]) {
    expect(linearPattern(source)?.(text)).toBe(false);
  }
});

/* What a policy takes for a pattern, and what this makes of it: two readers of one language. */

const CLASSES = ["[a-z]", "[a-c-e]", "[-a]", "[a-]", "[\\^a]", "[\\d-]", "[-\\d]", "[\\]]", "[{(.|]"];
const RANGES = ["[a-\\d]", "[\\w-z]"];
const PIECES = [..."a-/ |*+?", "\\d", "\\w", "\\.", "{0}", "{2}", "{2,}", "{2,4}", ...CLASSES];
const declared = fc.array(fc.constantFrom(...PIECES, ...RANGES), { minLength: 1, maxLength: 4 });
const said = fc.array(fc.constantFrom(..."abz1_-./ |{(^]"), { maxLength: 6 });

test("every pattern that a policy may have is one that the vault matches as JavaScript does", () => {
  fc.assert(
    fc.property(declared, said, (parts, letters) => {
      const [source, subject] = [parts.join(""), letters.join("")];
      if (!readReleasePattern(source).ok) return;
      const matches = linearPattern(source);
      expect(matches, source).not.toBeNull();
      expect(matches?.(subject), `${source} on ${subject}`).toBe(new RegExp(`^(?:${source})$`).test(subject));
    }),
    { numRuns: 2000 },
  );
});

test.each(CLASSES)("`%s` is a class of a pattern", (source) => {
  expect(readReleasePattern(source)).toMatchObject({ ok: true });
});

test.each(RANGES)("`%s` is none: one end of its range is many characters", (source) => {
  expect(readReleasePattern(source)).toMatchObject({ ok: false, message: expect.stringContaining("a range in") });
});
