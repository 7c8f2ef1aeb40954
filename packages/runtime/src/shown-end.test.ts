import { describe, expect, test } from "vitest";
import type { WorkerEnd } from "./protocol.ts";
import { shownEnd } from "./shown-end.ts";

const error = {
  code: "E_SINK",
  name: "N TOKEN",
  message: "m TOKEN",
  target: "t TOKEN",
  hint: "h TOKEN",
  causes: ["c TOKEN", "d TOKEN"],
  frame: "f TOKEN",
  line: 3,
  capability: "fs.read",
  rule: { id: "rule" },
} as const;

const end: WorkerEnd = {
  value: "TOKEN",
  error,
  exitCode: 2,
  truncated: false,
  calls: [{ seq: 1, capability: "fs.read", target: "TOKEN", decision: "allow", rule: "r", code: null }],
  problems: [error],
  reusable: true,
};

const shown = (given: WorkerEnd) =>
  shownEnd(
    given,
    (text) => text.replaceAll("TOKEN", "[sealed]"),
    () => "[sealed value]",
  );

describe("of a run's end", () => {
  test("every text that a script can put words into is seen through `show`", () => {
    const seen = shown(end);
    expect(JSON.stringify(seen)).not.toContain("TOKEN");
    expect(seen.value).toBe("[sealed value]");
    expect(seen.error).toMatchObject({ message: "m [sealed]", causes: ["c [sealed]", "d [sealed]"] });
  });

  test("codes, rules, numbers and what is not there stay as they are", () => {
    expect(shown(end)).toMatchObject({ exitCode: 2, reusable: true, error: { code: "E_SINK", rule: { id: "rule" } } });
    const plain = { ...end, error: { code: null, message: "x" }, problems: [] };
    expect(shown(plain).error).toEqual({ code: null, message: "x" });
    expect(shown({ ...end, error: null }).error).toBeNull();
  });
});
