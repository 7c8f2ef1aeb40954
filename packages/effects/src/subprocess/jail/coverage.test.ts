import type { PolicyData } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { coverageOf, granted, isWithin } from "./coverage.ts";

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

const layer = (patterns: readonly string[], ceilings: readonly PolicyData[] = []): PolicyData => {
  const match = { kind: "path", patterns, below: false } as const;
  const rules = [{ ref: { id: "r" }, effect: "allow", on: ["fs.read"], match }];
  return { rules, ceilings } as unknown as PolicyData;
};

/** As `kind path`, of what a policy grants under its ceilings. */
const covered = (patterns: readonly string[], ...ceilings: readonly (readonly string[])[]): readonly string[] => {
  const bounds = ceilings.map((one) => layer(one));
  return granted(layer(patterns, bounds), "fs.read").map(({ kind, path }) => `${kind} ${path}`);
};

test("without a ceiling, what the patterns cover", () => {
  expect(covered(["/a/**", "/b", "/c/*.md", "/a/**"])).toEqual(["tree /a", "one /b", "some /c"]);
});

test.each([
  [["/a/**"], ["/**"], ["tree /a"]],
  [["/a/**"], ["/a/b/**"], ["tree /a/b"]],
  [["/a/b/**"], ["/a/**"], ["tree /a/b"]],
  [["/a/**"], ["/ab/**"], []],
  // Of a directory of which the ceiling grants some files, these only, each decided by itself.
  [["/a/**"], ["/a/*.md"], ["some /a"]],
  [["/a/*.md"], ["/a/**"], ["some /a"]],
  [["/a/*.md"], ["/**"], ["some /a"]],
  [["/a/**"], ["/*/b.md"], ["some /a"]],
  [["/a/*.md"], ["/a/*.txt"], ["some /a"]],
  [["/a/**"], ["/a/x"], ["one /a/x"]],
  [["/a/x"], ["/a/**"], ["one /a/x"]],
  [["/a/x"], ["/a/*"], ["one /a/x"]],
  [["/a/x"], ["/a/x"], ["one /a/x"]],
  // The directory itself, and nothing below.
  [["/a"], ["/a/**"], ["one /a"]],
  [["/a"], ["/a/b/**"], []],
  [["/a/x"], ["/a/y"], []],
  [["/a/**", "/b/**"], ["/b/**", "/c/**"], ["tree /b"]],
  [["/a/**"], [], []],
])("under a ceiling, what both cover: %j under %j", (patterns, ceiling, expected) => {
  expect(covered(patterns, ceiling)).toEqual(expected);
});

test("under several ceilings, what all cover", () => {
  expect(covered(["/a/**"], ["/a/b/**", "/a/c/**"], ["/a/c/d/**"])).toEqual(["tree /a/c/d"]);
});
