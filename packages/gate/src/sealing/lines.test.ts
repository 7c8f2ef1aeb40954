import fc from "fast-check";
import { expect, test } from "vitest";
import { Lines } from "./lines.ts";

test("lines come out whole and once, however their bytes were cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\n"))),
      fc.array(fc.integer({ min: 0, max: 400 })),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const read = new Lines();
        const out = at.slice(1).flatMap((end, index) => read.take(bytes.subarray(at[index], end)));
        expect(out).toEqual(lines);
      },
    ),
  );
});

test("what has no line end yet is no line", () => {
  const lines = new Lines();
  expect(lines.take(Buffer.from("a"))).toEqual([]);
  expect(lines.take(Buffer.from("b\n\nc"))).toEqual(["ab", ""]);
});
