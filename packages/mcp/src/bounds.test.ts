import type { RunReport } from "@agent-run/runtime";
import { describe, expect, test } from "vitest";
import { bounded, MOST_BYTES } from "./bounds.ts";

const report = (more: Partial<RunReport>): RunReport => ({
  ok: true,
  exitCode: 0,
  value: null,
  stdout: "",
  truncated: false,
  error: null,
  problems: [],
  calls: [],
  run: "R",
  record: "/state/R.jsonl",
  durationMs: 1,
  ...more,
});

const call = { seq: 1, capability: "fs.read", target: "t", decision: "allow", rule: "r", code: null } as const;

describe("a bounded report", () => {
  test("is the report without the file of the record", () => {
    const { record: _record, ...rest } = report({ value: { a: 1 }, stdout: "x\n", calls: [call] });
    expect(bounded(report({ value: { a: 1 }, stdout: "x\n", calls: [call] }))).toEqual(rest);
  });

  test("says how much sealed work was ordered, and not where the operator's log of it is", () => {
    const shown = bounded(report({ sealed: 2, sealedLog: "/state/sealed/R.jsonl" }));
    expect(shown.sealed).toBe(2);
    expect(JSON.stringify(shown)).not.toContain("/state");
  });

  test.each([
    ["plain text", "a"],
    ["control characters", "\u0001"],
    ["two-byte characters", "ü"],
    ["characters in two halves", "\u{1f600}"],
    ["quotes", '"'],
  ])("has as much output as fits: %s", (_title, character) => {
    const stdout = character.repeat(MOST_BYTES);
    const cut = bounded(report({ stdout }));
    const bytes = Buffer.byteLength(JSON.stringify(cut.stdout));
    expect(cut.truncated).toBe(true);
    expect(stdout.startsWith(cut.stdout)).toBe(true);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytes).toBeGreaterThan(MOST_BYTES * 0.9);
  });

  test("fails if the value does not fit, since nobody should go on without it", () => {
    expect(bounded(report({ value: "x".repeat(MOST_BYTES - 2) }))).toMatchObject({ ok: true, error: null });
    expect(bounded(report({ value: "x".repeat(MOST_BYTES - 1) }))).toMatchObject({
      ok: false,
      exitCode: 1,
      value: null,
      error: { code: "E_TOO_LARGE" },
    });
  });

  test("cuts texts of errors, and lists of problems and calls", () => {
    const problem = { code: null, message: "m".repeat(1e6), hint: "h".repeat(1e6), frame: "f".repeat(1e6) };
    const small = bounded(
      report({
        error: problem,
        problems: Array(1000).fill(problem),
        calls: Array(1000).fill({ ...call, target: "t".repeat(1e4) }),
      }),
    );
    expect(small.calls).toHaveLength(200);
    expect(small.moreCalls).toBe(800);
    expect(small.problems).toHaveLength(50);
    expect(JSON.stringify(small).length).toBeLessThan(2_000_000);
  });
});
