import { expect, test } from "vitest";
import { sampleNames, samplePaths } from "./sample-path.ts";

test.each([
  ["/r/out/*.md", "/r/out/x.md"],
  ["/r/**", "/r/x"],
  ["/r/a\\*b/[^x]?", "/r/a*b/Qx"],
  ["/r/**/k", "/r/k"],
])("a path of %s", (pattern, path) => expect(samplePaths(pattern)).toContain(path));

test.each([
  ["/r/src/**", "/**/*.pem", "/r/src/x.pem"],
  ["/r/*.md", "/r/rep*", "/r/rep.md"],
  ["/r/**/a", "/r/b/**", "/r/b/a"],
])("a path of both %s and %s", (one, other, path) => expect(samplePaths(one, other)).toContain(path));

test("what no path can match gives none, and dot segments are no names", () => {
  expect(samplePaths("/a/b", "/a/c")).toEqual([]);
  expect(sampleNames(".")).toEqual([]);
});

test("patterns with more ways through each other than anybody can wait for are given up", () => {
  const many = `/${"**/a/".repeat(200)}b`;
  expect(samplePaths(many, `/${"**/a/".repeat(200)}c`)).toEqual([]);
});
