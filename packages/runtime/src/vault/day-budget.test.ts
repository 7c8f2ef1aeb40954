import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReleaseData } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DayBudget } from "./day-budget.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "agent-run-budget-"));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const rule = (name: string, perDay: number | null): ReleaseData => ({
  name,
  ref: { id: `release.${name}` },
  from: { kind: "file", path: "/w/a" },
  select: [],
  type: { kind: "bool" },
  otherwise: "withheld",
  perRun: 1,
  perDay,
  bits: 1,
});

describe("the budget of a day", () => {
  test("is counted over all runs of a user, each rule of each policy by itself", () => {
    expect(new DayBudget(state, "p").spend(rule("a", 2))).toBeNull();
    expect(new DayBudget(state, "p").spend(rule("a", 2))).toBeNull();
    expect(new DayBudget(state, "p").spend(rule("a", 2))).toMatchObject({
      code: "E_RELEASE",
      message: "the budget of rule `a` is used up (2 per day)",
    });
    expect(new DayBudget(state, "p").spend(rule("b", 1))).toBeNull();
    expect(new DayBudget(state, "q").spend(rule("a", 2))).toBeNull();
    expect(readFileSync(join(state, "releases.json"), "utf8")).not.toContain("/w/a");
  });

  test("that is not declared needs no count", () => {
    expect(new DayBudget(null, "p").spend(rule("a", null))).toBeNull();
  });

  test("that cannot be counted releases nothing", () => {
    mkdirSync(join(state, "releases.json"));
    for (const budget of [new DayBudget(null, "p"), new DayBudget(state, "p")])
      expect(budget.spend(rule("a", 5))).toMatchObject({
        code: "E_RELEASE",
        message: "the budget of rule `a` cannot be counted, so nothing is released",
      });
  });
});
