import { expect, test } from "vitest";
import { grantedRegex, loosenedRegex } from "./python-regex.ts";

test.each([
  ["rm\\s", "rm[\\s\\v\\x{1c}-\\x{1f}\\x{85}\\p{Z}]"],
  ["[\\s/]x", "[\\s\\v\\x{1c}-\\x{1f}\\x{85}\\p{Z}/]x"],
  ["[^\\s]x", "[^\\s]x"],
  ["[]\\d]", "[]\\d\\p{Nd}]"],
  ["\\.env$", "\\.env\\n?$"],
  ["[$]", "[$]"],
  ["(?i)drop", "(?i)drop"],
  ["(?:a|b)", "(?:a|b)"],
])("for a denial %s becomes %s, which matches at least as much", (pattern, loosened) => {
  expect(loosenedRegex(pattern)).toBe(loosened);
});

test.each([
  "(?!x)a",
  "(?<=a)b",
  "(?P<n>a)",
  "(a)\\1",
  "\\S+",
  "[\\W]",
  "a{,3}",
  "[[:alpha:]]",
  "a\\Z",
  "x".repeat(501),
])("for a denial %s can not be said", (pattern) => {
  expect(loosenedRegex(pattern)).toBeNull();
});

test.each(["^/work/.*\\.ts$", "src|docs", "(a|b)+x?"])("for a grant %s stays as it is", (pattern) => {
  expect(grantedRegex(pattern)).toBe(pattern);
});

test.each(["\\bx", "[^a]", "\\w+", "(?i)a", "a$|b", "x{2}"])("for a grant %s is left out", (pattern) => {
  expect(grantedRegex(pattern)).toBeNull();
});
