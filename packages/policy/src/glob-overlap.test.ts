import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePathGlob } from "./glob.ts";
import { parentOf, patternsOverlap, treeOf } from "./glob-overlap.ts";
import { pathText } from "./path.ts";

test.each([
  ["/a/b", "/a/b", true],
  ["/a/b", "/A/B", true],
  ["/a/b", "/a/c", false],
  ["/a/*", "/a/b", true],
  ["/a/*.md", "/a/b.txt", false],
  ["/a/**", "/a", true],
  ["/a/**", "/b/**", false],
  ["/**/x", "/a/b/x", true],
  ["/**/x", "/a/**", true],
  ["/a/**/b", "/a/b", true],
  ["/a/*", "/a/b/c", false],
  ["/**", "/", true],
  ["/a/\\*", "/a/b", false],
])("`%s` and `%s` meet: %s", (one, other, meets) => {
  expect(patternsOverlap(one, other)).toBe(meets);
  expect(patternsOverlap(other, one)).toBe(meets);
});

const segment = fc.constantFrom("a", "b", "ab", "*", "a*", "?", "**", "[ab]");
const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const path = fc.array(fc.constantFrom("a", "b", "ab", "A"), { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);

test("patterns that match one path overlap", () => {
  fc.assert(
    fc.property(pattern, pattern, path, (one, other, value) => {
      const text = pathText(value);
      if (text === null) return;
      const matches = [one, other].every((each) => compilePathGlob(each).matchesFolded(text, false));
      if (matches) expect(patternsOverlap(one, other)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("two long patterns are compared without trying every way", () => {
  const long = `/${Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? "**" : "a*")).join("/")}`;
  expect(patternsOverlap(`${long}/x`, `${long}/y`)).toBe(false);
});

test.each([
  ["/a/b/**", "/a/b", null],
  ["/a/*/**", null, "/a"],
  ["/a/b.md", null, "/a"],
  ["/a/*.md", null, "/a"],
  ["/**/c.md", null, "/**"],
  ["/a\\*/**", "/a\\*", null],
  ["/a", null, "/"],
])("`%s` is the tree %s, or lies in %s", (text, tree, parent) => {
  expect(treeOf(text)).toBe(tree);
  expect(parentOf(text)).toBe(parent);
});
