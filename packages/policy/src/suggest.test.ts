import { expect, test } from "vitest";
import { didYouMean, nearest } from "./suggest.ts";

test.each([
  ["dney", "deny"],
  ["read_alow", "read_allow"],
  ["READ_ALLOW", "read_allow"],
  ["wirte_allow", "write_allow"],
  ["max_second", "max_seconds"],
])("%s is taken for %s", (word, meant) => {
  expect(nearest(word, ["deny", "read_allow", "write_allow", "max_seconds"])).toBe(meant);
});

test.each(["", "x", "timeout", "deny_everything", "d".repeat(100_000)])("nothing is guessed for a far word", (word) => {
  expect(didYouMean(word, ["deny", "read_allow"])).toBeUndefined();
});
