import { expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { formatProblems } from "./problem-text.ts";
import { diskWorld } from "./testing/disk-world.ts";

function shown(text: string): string {
  const loaded = loadPolicyText(text, { path: "agent-run.toml", realPath: "/work/p/agent-run.toml" }, diskWorld());
  return loaded.ok ? "loaded" : formatProblems(loaded.problems);
}

test("problems are shown with the line, a caret and the hint", () => {
  expect(
    shown('version = 1\n[filesystem]\n\tdney = ["**/x"]\nread_allow = ["src/**",\n  "a**b"]\n'),
  ).toBe(`agent-run.toml:3:2: unknown key \`dney\` in \`[filesystem]\`
 3 | \tdney = ["**/x"]
   | \t^
   = did you mean \`deny\`?

agent-run.toml:5:3: the pattern has \`**\` glued to other characters; it must stand alone between slashes, as in \`src/**/*.ts\`
 5 |   "a**b"]
   |   ^

2 problems; the policy does not load and nothing runs`);
});

test("a problem without a line has no excerpt", () => {
  expect(
    formatProblems([{ file: "x.toml", line: 1, column: 1, text: "", message: "the policy can not be read: gone" }]),
  ).toBe("x.toml:1:1: the policy can not be read: gone\n\n1 problem; the policy does not load and nothing runs");
});

test("a caret that would lie behind the cut of a long line is left out", () => {
  const text = shown(`version = 1\n[filesystem]\nread_allow = [${'"a",'.repeat(400)}"**b"]\n`);
  expect(text).toContain("…\n\n1 problem");
  expect(text).not.toContain("^");
});

test("a policy can not draw on the terminal of the person who reads its problems", () => {
  const evil = "\u001b]0;x\u0007\u202e\u0085\u2028";
  const text = formatProblems([
    { file: `f${evil}`, line: 1, column: 1, text: `t${evil}`, message: `m${evil}`, hint: `h${evil}` },
  ]);
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
});
