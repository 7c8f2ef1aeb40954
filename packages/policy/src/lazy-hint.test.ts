import { expect, test } from "vitest";
import type { Decision } from "./decision.ts";
import { changed, plainDecision, withHint, withoutHint } from "./lazy-hint.ts";

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
  ["by its members", ({ effect, code, rule, matched, layer, hint }) => [effect, code, rule, matched, layer, hint]],
  ["by asking for the hint", (decision) => "hint" in decision],
  ["frozen", (decision) => Object.freeze(decision).hint],
  ["as plain data", (decision) => plainDecision(decision)],
  ["without its hint", (decision) => withoutHint(decision)],
  ["changed", (decision) => changed(decision, { code: null })],
  ["with another hint", (decision) => changed(decision, { hint: "no" })],
])("a decision with a hint that waits is the same %s", (_title, look) => {
  expect(look(lazy())).toStrictEqual(look(PLAIN));
});

test("what few decisions have stays", () => {
  const rare = { ...base(), target: TARGET, limited: ["a"], sealed: { label: ["l"], accepts: [] } };
  expect(plainDecision(withHint(rare, () => "because"))).toStrictEqual({ ...rare, hint: "because" });
});

const TARGET = { on: "fs.read", role: "read", kind: "path", value: "/w/a" } as const;

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
