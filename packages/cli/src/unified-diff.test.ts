import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

/** As `patch` does it: what the hunks say of the old text must be so. */
function patched(text: string, diff: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let done = 0;
  for (const [, start = "", count = "", body = ""] of diff.matchAll(
    /^@@ -(\d+),(\d+) \+\d+,\d+ @@\n((?:[ +-].*\n(?:\\ .*\n)?)*)/gm,
  )) {
    const first = Number(start) - (count === "0" ? 0 : 1);
    out.push(...lines.slice(done, first));
    done = first;
    for (const [, sign, rest = "", end] of body.matchAll(/^([ +-])(.*)\n(\\ .*\n)?/gm)) {
      const line = end === undefined ? `${rest}\n` : rest;
      if (sign !== "+") expect(lines[done++]).toBe(line);
      if (sign !== "-") out.push(line);
    }
  }
  return [...out, ...lines.slice(done)].join("");
}

const texts = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "-", "@@ -1,1 +1,1 @@"), { maxLength: 30 }), fc.boolean())
  .map(([lines, ends]) => `${lines.join("\n")}${ends ? "\n" : ""}`);

test("who applies the changes to the old text has the new one", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      expect(patched(before, unifiedDiff("f", before, after))).toBe(after);
    }),
    { numRuns: 1000 },
  );
});

test("a change is told with three lines around it, and the shortest way", () => {
  const lines = Array.from({ length: 20 }, (_, at) => `${at}\n`);
  const after = [...lines.slice(0, 9), "new\n", ...lines.slice(10)].join("");
  expect(unifiedDiff("p.toml", lines.join(""), after)).toBe(
    "--- p.toml\n+++ p.toml\n@@ -7,7 +7,7 @@\n 6\n 7\n 8\n-9\n+new\n 10\n 11\n 12\n",
  );
  expect(unifiedDiff("f", "a\nb\nc\nd\n", "a\nc\nb\nd\n").match(/^[-+][^-+]/gm)).toHaveLength(2);
});

test.each([
  ["", "a\n", "@@ -0,0 +1,1 @@\n+a\n"],
  ["a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"],
])("ends of files: %j to %j", (before, after, hunks) => {
  expect(unifiedDiff("f", before, after)).toBe(`--- f\n+++ f\n${hunks}`);
});

test("texts that have nothing in common are told whole", () => {
  const text = (name: string) => Array.from({ length: 5000 }, (_, at) => `${name}${at}\n`).join("");
  expect(patched(text("a"), unifiedDiff("f", text("a"), text("b")))).toBe(text("b"));
});
