import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines } from "./line-diff.ts";

const linesOf = (before: string, after: string) => {
  const preview = diffLines(before, after);
  if (preview?.kind !== "diff") throw new Error("there is no diff");
  return preview.lines;
};

test("shows what changes with three lines around it, as diff -u does", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((line) => `${line}\n`).join("");
  expect(linesOf(before, before.replace("5", "five"))).toEqual([
    "@@ -2,7 +2,7 @@",
    " 2",
    " 3",
    " 4",
    "-5",
    "+five",
    " 6",
    " 7",
    " 8",
  ]);
});

test.each([
  ["a new file", "", "a\nb\n", ["@@ -0,0 +1,2 @@", "+a", "+b"]],
  ["a file that is emptied", "a\n", "", ["@@ -1,1 +0,0 @@", "-a"]],
  ["a last line without an end", "a\n", "a", ["@@ -1,1 +1,1 @@", "-a", "+a", "\\ no newline at the end"]],
  ["a line that only gets another end", "a\r\n", "a\n", ["@@ -1,1 +1,1 @@", "-a\r", "+a"]],
  ["nothing", "a\n", "a\n", []],
])("shows %s", (_what, before, after, lines) => {
  expect(linesOf(before, after)).toEqual(lines);
});

describe("for any two texts", () => {
  const line = fc.constantFrom("a\n", "b\n", "c\n", "d\n", "\n", "a");
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join(""));

  test("the marked lines of either side are a part of that side, and what is equal shows no change", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const preview = diffLines(before, after);
        if (preview?.kind !== "diff") throw new Error("there is no diff");
        expect(applied(before, preview.lines)).toBe(after);
        expect(preview.added === 0 && preview.removed === 0).toBe(before === after);
      }),
    );
  });
});

/** What `patch` makes of it. */
function applied(before: string, diff: readonly string[]): string {
  const old = before.split(/(?<=\n)/).filter((line) => line !== "");
  const result: string[] = [];
  let at = 0;
  for (const [index, line] of diff.entries()) {
    const header = /^@@ -(\d+),(\d+) /.exec(line);
    if (header !== null) {
      const start = Number(header[2]) === 0 ? Number(header[1]) : Number(header[1]) - 1;
      while (at < start) result.push(old[at++] ?? "");
      continue;
    }
    const end = diff[index + 1]?.startsWith("\\") ? "" : "\n";
    if (line.startsWith("-") || line.startsWith(" ")) {
      expect(old[at++]).toBe(line.slice(1) + end);
    }
    if (line.startsWith("+") || line.startsWith(" ")) result.push(line.slice(1) + end);
  }
  return [...result, ...old.slice(at)].join("");
}

test("loses its middle where it is long, says so, and keeps its end", () => {
  const after = Array.from({ length: 900 }, (_, index) => `${index}\n`).join("");
  const preview = diffLines("", after);
  expect(preview).toMatchObject({ kind: "diff", added: 900, removed: 0, left: 701 });
  expect(preview?.kind === "diff" ? preview.lines : []).toContain("... 701 lines of this diff are left out ...");
  expect(preview?.kind === "diff" ? preview.lines.at(-1) : "").toBe("+899");
});

test("gives up where hardly anything is the same", () => {
  const text = (word: string) => Array.from({ length: 2000 }, (_, index) => `${word}${index}\n`).join("");
  expect(diffLines(text("a"), text("b"))).toBeNull();
});
