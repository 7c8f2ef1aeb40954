import { NoStateDirectory } from "@agent-run/runtime";
import { beforeEach, expect, test, vi } from "vitest";
import { UnwritableOutput } from "./exit.ts";
import { reportFailure } from "./report-failure.ts";

const said = vi.hoisted(() => ({ out: "", error: "", full: false }));
vi.mock("./terminal.ts", () => ({
  isTerminal: () => false,
  writeOut: (text: string) => {
    if (said.full) throw new UnwritableOutput("it is full");
    said.out += text;
  },
  writeError: (text: string) => {
    said.error += text;
  },
}));

beforeEach(() => {
  Object.assign(said, { out: "", error: "", full: false });
});

test("a machine without a home is a matter of configuration, with what to do", () => {
  expect(reportFailure(new NoStateDirectory(), true)).toBe(5);
  expect(said.error).toMatch(/^error\[E_CONFIG\]: there is no directory for agent-run's state.*\n {2}hint: set HOME/);
  expect(JSON.parse(said.out)).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_CONFIG" } });
});

test("a report that cannot be written is a second failure, told beside the first", () => {
  said.full = true;
  expect(reportFailure(new NoStateDirectory(), true)).toBe(5);
  expect(said.error).toContain("no directory for agent-run's state");
  expect(said.error).toContain("standard output cannot be written: it is full");
});

test("output that cannot be written is not tried again", () => {
  expect(reportFailure(new UnwritableOutput("it is full"), true)).toBe(5);
  expect(said.out).toBe("");
});

test("what nobody expected is a bug of ours and says so", () => {
  expect(reportFailure(new RangeError("oops"), false)).toBe(5);
  expect(said.error).toMatch(/agent-run failed: RangeError: oops/);
  expect(said.error).toContain("this is a bug");
});
