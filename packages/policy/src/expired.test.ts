import { expect, test } from "vitest";
import { expiredRules } from "./expired.ts";
import { policyOf } from "./testing/policy-of.ts";

const rule = (id: string, effect: string) =>
  `[[rule]]\nid = "${id}"\neffect = "${effect}"\non = ["fs.read", "env.read"]\nexpires = 2027-03-31\n`;

test("a grant that has ended is told once, a denial and a question are not", () => {
  const { data } = policyOf(`${rule("a", "allow")}${rule("d", "deny")}${rule("q", "ask")}`);
  const end = Date.UTC(2027, 2, 31);
  expect(expiredRules(data, end - 1)).toEqual([]);
  expect(expiredRules(data, end)).toEqual([
    "a (/work/proj/agent-run.toml:2) ended at 2027-03-31T00:00:00Z and grants nothing",
  ]);
});
