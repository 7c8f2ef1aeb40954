import { expect, test } from "vitest";
import { folded } from "./fold.ts";

test.each([
  ["a short line stays", "  one two", 20, "  one two"],
  ["a long one breaks between words, deeper", "  one two three four", 12, "  one two\n    three\n    four"],
  ["a word that is too long stays whole", "aaaaaaaaaaaa b", 5, "aaaaaaaaaaaa\n  b"],
  ["colours take no room", "\u001b[31mred\u001b[0m and blue", 12, "\u001b[31mred\u001b[0m and blue"],
  ["an exact fit is no break", "ab cd", 5, "ab cd"],
  ["columns stay apart", "allow  a.md  by x", 40, "allow  a.md  by x"],
  ["an empty line", "", 10, ""],
])("%s", (_title, line, columns, wanted) => {
  expect(folded(line, columns)).toBe(wanted);
});
