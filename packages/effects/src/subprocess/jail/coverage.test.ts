import { describe, expect, test } from "vitest";
import { coverageOf, isWithin } from "./coverage.ts";

describe("what a pattern covers, as a jail can express it", () => {
  test.each([
    ["/r/src/**", { kind: "tree", path: "/r/src" }],
    ["/r/src/**/**", { kind: "tree", path: "/r/src" }],
    ["/**", { kind: "tree", path: "/" }],
    ["/r/a.txt", { kind: "one", path: "/r/a.txt" }],
    ["/", { kind: "one", path: "/" }],
    ["/r/*.ts", { kind: "some", path: "/r" }],
    ["/r/**/*.ts", { kind: "some", path: "/r" }],
    ["/r/s*/**", { kind: "some", path: "/r" }],
    ["/r/src/*", { kind: "some", path: "/r/src" }],
    ["/r/src/**/x", { kind: "some", path: "/r/src" }],
    ["/r/[ab]/**", { kind: "some", path: "/r" }],
    ["/r/a?/**", { kind: "some", path: "/r" }],
    ["/r/\\[x\\]/**", { kind: "tree", path: "/r/[x]" }],
    ["/r/\\*/b", { kind: "one", path: "/r/*/b" }],
    ["/r/a\\\\*/**", { kind: "some", path: "/r" }],
  ])("%s", (pattern, expected) => {
    expect(coverageOf(pattern, false)).toEqual(expected);
  });
});

test("a rule that also covers what lies below makes one path a tree", () => {
  expect(coverageOf("/r/a", true)).toEqual({ kind: "tree", path: "/r/a" });
});

test("a directory holds itself and what is below, not its neighbours", () => {
  expect([isWithin("/a", "/a"), isWithin("/a/b", "/a"), isWithin("/ab", "/a"), isWithin("/a", "/")]).toEqual([
    true,
    true,
    false,
    true,
  ]);
});
