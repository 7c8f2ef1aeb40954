import type { Decision } from "@agent-run/policy";
import { expect, test } from "vitest";
import { publicView } from "./public-view.ts";

const decision: Decision = { effect: "allow", code: null, rule: { id: "r" }, matched: ["r"], layer: "policy" };
const sealed = { label: ["local"], accepts: ["local"] };

test("a public walk sees what is local-only as denied, and everything else as it is", () => {
  expect(publicView(decision)).toBe(decision);
  for (const effect of ["allow", "ask"] as const)
    expect(publicView({ ...decision, effect, sealed })).toMatchObject({ effect: "deny", code: "E_POLICY_DENIED" });
});

test("a denial keeps its own words", () => {
  const denied = { ...decision, effect: "deny", code: "E_CAPABILITY", sealed } as const;
  expect(publicView(denied)).toBe(denied);
});
