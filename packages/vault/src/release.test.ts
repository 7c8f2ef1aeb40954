import type { ReleaseData, ReleaseType } from "@agent-run/gate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plain } from "./plain.ts";
import { selectAndCheck } from "./release.ts";
import { json } from "./substitute/testing/secrets.ts";

const released = (value: Plain, type: ReleaseType, select: ReleaseData["select"] = []) =>
  selectAndCheck(value, { select, type, otherwise: "withheld" });

const any: ReleaseType = { kind: "text", max: 1000 };
const bool: ReleaseType = { kind: "bool" };
const state: ReleaseType = { kind: "enum", values: ["green", "red"] };
const percent: ReleaseType = { kind: "int", min: 0, max: 100 };
const version: ReleaseType = { kind: "pattern", pattern: "v\\d+", max: 4 };

describe("a value of the declared type is released", () => {
  test.each<[Plain, ReleaseType]>([
    [true, bool],
    [false, bool],
    ["green", state],
    [0, percent],
    [100, percent],
    ["v123", version],
    ["", any],
    ["a é😀 b", any],
  ])("%j", (value, type) => {
    expect(released(value, type)).toBe(value);
  });
});

describe("any other value is withheld", () => {
  test.each<[Plain, ReleaseType]>([
    ["true", bool],
    [1, bool],
    [null, bool],
    ["GREEN", state],
    ["green ", state],
    [["green"], state],
    ["constructor", state],
    [101, percent],
    [-1, percent],
    [1.5, percent],
    ["5", percent],
    [true, percent],
    [1e300, { kind: "int", min: 0, max: Number.MAX_VALUE }],
    ["v1234", version],
    ["v12\n", version],
    ["xv1", version],
    [1, { kind: "pattern", pattern: ".*", max: 9 }],
    ["a", { kind: "pattern", pattern: "(?=a)a", max: 9 }],
    ["a\nb", any],
    ["a\u009bb", any],
    ["a\u2028b", any],
    ["\ud800", any],
    ["a".repeat(1001), any],
    ["ab", { kind: "text", max: 1 }],
    [5, any],
    [undefined, any],
    [{}, any],
  ])("%j", (value, type) => {
    expect(released(value, type)).toBe("withheld");
  });
});

test("minus zero is zero", () => {
  expect(Object.is(released(-0, { kind: "int", min: -1, max: 1 }), 0)).toBe(true);
});

describe("a part is selected", () => {
  const value = { a: { b: ["x", { c: "y" }] }, "0": "zero", length: "own" };

  test.each<[ReleaseData["select"], string]>([
    [["a", "b", 0], "x"],
    [["a", "b", 1, "c"], "y"],
    [["length"], "own"],
    [["0"], "zero"],
  ])("at %j", (path, expected) => {
    expect(released(value, any, path)).toBe(expected);
    expect(released(JSON.stringify(value), any, path)).toBe(expected);
  });

  test.each<[ReleaseData["select"]]>([
    [["a", "b", 2]],
    [["a", "b", -1]],
    [["a", "b", 0.5]],
    [["a", "b", "0"]],
    [["a", "b", 0, 0]],
    [["a", "b", "length"]],
    [[0]],
    [["toString", "name"]],
    [["constructor", "name"]],
    [["__proto__", "x"]],
    [["missing", "x"]],
  ])("by own members alone, not at %j", (path) => {
    expect(released(value, any, path)).toBe("withheld");
  });

  test("and what is inherited is none", () => {
    expect(released(Object.create({ x: "inherited" }) as Plain, any, ["x"])).toBe("withheld");
    expect(released(Object.setPrototypeOf([], ["inherited"]) as Plain, any, [0])).toBe("withheld");
  });

  test("of a text that is no JSON there is no part", () => {
    expect(released("{", any, ["a"])).toBe("withheld");
    expect(released(undefined, any, ["a"])).toBe("withheld");
    expect(released(null, any, ["a"])).toBe("withheld");
  });

  test("whatever the value, what leaves is of the type or `otherwise`", () => {
    fc.assert(
      fc.property(json, (whole) => {
        for (const out of [released(whole, percent), released({ a: whole }, percent, ["a"])]) {
          expect(out === "withheld" || (Number.isInteger(out) && Number(out) >= 0 && Number(out) <= 100)).toBe(true);
        }
        expect(["withheld", "green", "red"]).toContain(released([whole], state, [0]));
      }),
    );
  });
});
