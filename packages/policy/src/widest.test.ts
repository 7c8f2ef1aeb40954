import { describe, expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import type { PolicyData } from "./policy-data.ts";
import { diskWorld } from "./testing/disk-world.ts";

function load(rules: string): PolicyData {
  const text = `version = 1\n[filesystem]\nread_allow = ["a/**"]\nwrite_allow = ["a/**"]\n${rules}`;
  const loaded = loadPolicyText(text, { path: "p.toml", realPath: "/work/p.toml" }, diskWorld());
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.data;
}

const rule = (effect: string, path: string, more: string): string =>
  `[[rule]]\nid = "r"\neffect = "${effect}"\non = ["fs.write"]\npath = ["${path}"]\n${more}\n`;

const effectOf = (policy: Policy, path = "/work/b/x"): string =>
  policy.decideTarget({ on: "fs.write", role: "write", kind: "path", value: path }).effect;

describe("as wide as it can be, a policy", () => {
  test.each([
    ["its size", "when = { bytes = { le = '1KB' } }"],
    ["who acts", "when = { actor = { eq = 'x' } }"],
    ["the hour", "hours = 'Mon-Fri 08:00-18:00 UTC'"],
    ["the day", "expires = 2001-01-01"],
  ])("grants what it grants by %s", (_title, more) => {
    const policy = Policy.revive(load(rule("allow", "b/**", more)));
    expect([effectOf(policy), effectOf(policy.widest())]).toEqual(["deny", "allow"]);
  });

  test.each([
    ["deny", "when = { bytes = { gt = '1KB' } }"],
    ["deny", "hours = 'Mon-Fri 08:00-18:00 UTC'"],
    ["ask", "when = { actor = { ne = 'x' } }"],
  ])("does not always %s what it does by %s", (effect, more) => {
    const policy = Policy.revive(load(rule(effect, "a/**", more)));
    expect([effectOf(policy, "/work/a/x"), effectOf(policy.widest(), "/work/a/x")]).toEqual([effect, "allow"]);
  });

  test("denies and asks what it always does, and grants nothing else", () => {
    for (const [effect, path] of [
      ["deny", "a/**"],
      ["ask", "a/**"],
    ] as const)
      expect(effectOf(Policy.revive(load(rule(effect, path, ""))).widest(), "/work/a/x")).toBe(effect);
    expect(effectOf(Policy.revive(load("")).widest())).toBe("deny");
  });

  test("keeps what a rule leaves out, and widens its ceilings alike", () => {
    const except = Policy.revive(load(rule("allow", "b/**", "except = ['b/c/**']\nwhen = { bytes = { le = 1 } }")));
    expect([effectOf(except.widest()), effectOf(except.widest(), "/work/b/c/x")]).toEqual(["allow", "deny"]);
    const ceiling = load(rule("allow", "b/**", "when = { bytes = { le = 1 } }"));
    const bounded = Policy.revive({ ...load(""), ceilings: [ceiling] }).widest();
    expect(bounded.data.ceilings[0]?.rules.find(({ ref }) => ref.id === "r")).not.toHaveProperty("when");
  });
});
