import { describe, expect, it } from "vitest";
import { codeFrame } from "./frame.ts";

const FIVE = "one\ntwo\nthree\nfour\nfive";

describe("a code frame", () => {
  it("shows the line, the place and two lines around", () => {
    expect(codeFrame(FIVE, 3, 4)).toBe(
      ["  1 | one", "  2 | two", "> 3 | three", "    |    ^", "  4 | four", "  5 | five"].join("\n"),
    );
  });

  it("shows as many lines around as asked for", () => {
    expect(codeFrame(FIVE, 3, 1, { context: 0 })).toBe("> 3 | three\n    | ^");
    expect(codeFrame(FIVE, 1, 1, { context: 1 })).toBe("> 1 | one\n    | ^\n  2 | two");
  });

  it("lines up numbers of different length", () => {
    const text = Array.from({ length: 12 }, (_, at) => `l${at + 1}`).join("\n");
    expect(codeFrame(text, 10, 2, { context: 1 })).toBe("   9 | l9\n> 10 | l10\n     |  ^\n  11 | l11");
  });

  it("leaves no trailing space on empty lines", () => {
    expect(codeFrame("\na\n", 2, 1)).toBe("  1 |\n> 2 | a\n    | ^\n  3 |");
  });

  it.each([
    ["the end of the text", "ab", 1, 3, "> 1 | ab\n    |   ^"],
    ["a line before the first", "ab", 0, 1, "> 1 | ab\n    | ^"],
    ["a line behind the last", "ab", 99, 1, "> 1 | ab\n    | ^"],
    ["a column before the first", "ab", 1, -5, "> 1 | ab\n    | ^"],
    ["a column behind the last", "ab", 1, 99, "> 1 | ab\n    |   ^"],
    ["no number", "ab", Number.NaN, Number.NaN, "> 1 | ab\n    | ^"],
    ["infinity", "ab", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, "> 1 | ab\n    | ^"],
    ["a fraction", "ab", 1.9, 2.9, "> 1 | ab\n    |  ^"],
    ["no source", "", 1, 1, ""],
  ])("holds at %s", (_, source, line, column, expected) => {
    expect(codeFrame(source, line, column)).toBe(expected);
  });

  it.each([
    ["CR LF", "a\r\nbc\r\nd"],
    ["CR", "a\rbc\rd"],
    ["U+2028", "a\u2028bc\u2028d"],
  ])("breaks lines at %s", (_, source) => {
    expect(codeFrame(source, 2, 2)).toBe("  1 | a\n> 2 | bc\n    |  ^\n  3 | d");
  });

  it("is plain without color, and colored with it", () => {
    expect(codeFrame("ab", 1, 2)).not.toContain("\u001b");
    expect(codeFrame("ab", 1, 2, { color: true })).toBe(
      "\u001b[31m> 1 |\u001b[0m ab\n\u001b[2m    |\u001b[0m  \u001b[31m^\u001b[0m",
    );
  });
});

/** A line, the column of the place, how the line is shown and how many columns stand before the caret. */
const STRANGE: readonly (readonly [string, string, number, string, number])[] = [
  ["a tab", "\t\tx", 3, "    x", 4],
  ["an escape sequence", "a\u001b[2Jb", 3, "a\\u{1b}[2Jb", 7],
  ["a bell and a backspace", "\u0007\bx", 3, "\\u{7}\\u{8}x", 10],
  ["a bidirectional override", "a\u202eb", 3, "a\\u{202e}b", 9],
  ["bidirectional isolates", "\u2066\u2069", 1, "\\u{2066}\\u{2069}", 0],
  ["a zero width space", "a\u200bb", 3, "a\\u{200b}b", 9],
  ["a soft hyphen", "a\u00adb", 3, "a\\u{ad}b", 7],
  ["a no-break space", "a\u00a0b", 3, "a\\u{a0}b", 7],
  ["a combining mark", "e\u0301x", 3, "e\\u{301}x", 8],
  ["a C1 control", "a\u009bb", 3, "a\\u{9b}b", 7],
  ["half a character", "a\ud800b", 3, "a\\u{d800}b", 9],
  ["an invisible tag character", "a\u{e0041}b", 4, "a\\u{e0041}b", 10],
  ["wide characters", "日本x", 3, "日本x", 4],
  ["an emoji", "😀x", 3, "😀x", 2],
  ["accents and other narrow letters", "éßπж", 4, "éßπж", 3],
];

describe("text that a terminal would not show as it stands", () => {
  it.each(STRANGE)("%s is shown safely, with the caret below its place", (_, line, column, shown, before) => {
    expect(codeFrame(line, 1, column)).toBe(`> 1 | ${shown}\n    | ${" ".repeat(before)}^`);
  });

  it("lets no control through, wherever it stands", () => {
    const every = Array.from({ length: 0x3000 }, (_, at) => String.fromCharCode(at)).join("");
    for (let line = 1; line < 6; line++) {
      expect(codeFrame(every, line, 50, { context: 9 })).not.toMatch(/[^\P{C}\n]|\p{Bidi_Control}/u);
    }
  });
});

describe("a long line", () => {
  const long = `${"a".repeat(500)}X${"b".repeat(500)}`;

  it("is cut around the place", () => {
    const [line, caret] = codeFrame(long, 1, 501).split("\n");
    expect(line?.length).toBeLessThanOrEqual("> 1 | ".length + 120);
    expect(line?.startsWith("> 1 | …a")).toBe(true);
    expect(line?.endsWith("b…")).toBe(true);
    expect(line?.[caret?.indexOf("^") ?? -1]).toBe("X");
  });

  it("is cut at its end alone, when the place is near its start", () => {
    const [line, caret] = codeFrame(long, 1, 3).split("\n");
    expect(line).toMatch(/^> 1 \| a{119}…$/);
    expect(caret).toBe("    |   ^");
  });

  it("is cut at its start alone, when the place is at its end", () => {
    const [line, caret] = codeFrame(long, 1, 1002).split("\n");
    expect(line).toMatch(/^> 1 \| …b+$/);
    expect(caret?.length).toBe((line?.length ?? 0) + 1);
  });

  it("is not cut when it fits", () => {
    const fits = "c".repeat(119);
    expect(codeFrame(fits, 1, 119)).toContain(fits);
  });

  it("keeps whole characters at the cut", () => {
    const frame = codeFrame("😀".repeat(300), 1, 301);
    expect(frame).not.toContain("\\u{d");
    const [line, caret] = frame.split("\n");
    expect([...(line ?? "")].length).toBeLessThanOrEqual(6 + 62);
    expect(caret).toContain("^");
  });

  it("stays within the width when every character is escaped", () => {
    const [line] = codeFrame("\u202e".repeat(1000), 1, 500).split("\n");
    expect(line?.length).toBeLessThanOrEqual("> 1 | ".length + 121);
  });

  it("costs no more than its window, in ten million characters", () => {
    expect(codeFrame("x".repeat(10_000_000), 1, 5_000_000).length).toBeLessThan(300);
  });

  it("cuts the lines around it at the same place", () => {
    const frame = codeFrame(`${"a".repeat(300)}\n${"b".repeat(300)}\nc`, 2, 200);
    const [above, line, , below] = frame.split("\n");
    expect(above?.length).toBe(line?.length);
    expect(below).toBe("  3 | …");
  });
});
