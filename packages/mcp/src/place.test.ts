import { describe, expect, test } from "vitest";
import { shownPath, shownPattern } from "./place.ts";

const places = { root: "/home/op/[work]", home: "/home/op" };

describe("a path", () => {
  const table: readonly [string, string][] = [
    ["/home/op/[work]/src/a.ts", "src/a.ts"],
    ["/home/op/[work]", "."],
    ["/home/op/[work]2/a", "~/[work]2/a"],
    ["/home/op/notes", "~/notes"],
    ["/home/op", "~"],
    ["/home/operator/x", "/home/operator/x"],
    ["/etc/passwd", "/etc/passwd"],
  ];
  test.each(table)("%s is told as %s", (path, shown) => expect(shownPath(path, places)).toBe(shown));

  test("below a root of / stays absolute", () => {
    expect(shownPath("/etc/x", { root: "/", home: "/" })).toBe("/etc/x");
  });
});

test("a pattern is told without the root that it holds as a literal", () => {
  expect(shownPattern("/home/op/\\[work\\]/src/**", places)).toBe("src/**");
  expect(shownPattern("/home/op/notes/**", places)).toBe("~/notes/**");
  expect(shownPattern("/opt/**", places)).toBe("/opt/**");
});
