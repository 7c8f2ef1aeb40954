import { expect, test } from "vitest";
import type { Decision } from "./decision.ts";
import { withHint, withoutHint } from "./lazy-hint.ts";

const base = () => ({
  effect: "deny" as const,
  code: "E_POLICY_DENIED" as const,
  rule: { id: "default" },
  matched: [],
  layer: "policy",
});
const PLAIN: Decision = { ...base(), hint: "because" };
const lazy = () => withHint(base(), () => "because");

test.each<[string, (decision: Decision) => unknown]>([
  ["as JSON", (decision) => JSON.stringify(decision)],
  ["spread", (decision) => ({ ...decision })],
  ["cloned", (decision) => structuredClone(decision)],
  ["by its keys", (decision) => Object.keys(decision)],
  ["by its members", (decision) => Object.entries(decision)],
  ["taken apart", ({ hint, ...rest }) => [hint, rest]],
  ["frozen", (decision) => Object.freeze(decision).hint],
  ["by its prototype", (decision) => Object.getPrototypeOf(decision)],
])("a decision with a hint that waits is the same %s", (_title, look) => {
  expect(look(lazy())).toStrictEqual(look(PLAIN));
});

test("compares as one whose hint is there", () => expect(lazy()).toEqual(PLAIN));

test("the hint is made when it is read, and once", () => {
  let made = 0;
  const decision = withHint(base(), () => {
    made++;
    return "x";
  });
  const copy = withoutHint(decision);
  expect([made, "hint" in copy, decision.hint, decision.hint, made]).toEqual([0, false, "x", "x", 1]);
});

test("a hint that can not be made is no exception for who reads it", () => {
  const broken = withHint(base(), () => {
    throw new TypeError("oops");
  });
  expect(broken.hint).toMatch(/nothing can be said/);
});
