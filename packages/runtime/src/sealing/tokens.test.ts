import { tokensIn } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { tokenSource } from "./tokens.ts";

const some = (seed: number | null): string[] => {
  const next = tokenSource(seed);
  return Array.from({ length: 200 }, () => next());
};

describe("tokens", () => {
  test.each([null, 0, 7])("have the form of tokens and are never the same (seed %j)", (seed) => {
    const all = some(seed);
    expect(tokensIn(all.join(" "))).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  test("without a seed cannot be had again", () => {
    const seen = new Set(some(null));
    expect(some(null).filter((token) => seen.has(token))).toEqual([]);
  });

  test("of a seed are those of that seed, and of no other", () => {
    expect(some(7)).toEqual(some(7));
    const seen = new Set(some(7));
    expect(some(8).filter((token) => seen.has(token))).toEqual([]);
  });
});
