import { loadPolicyText, Policy, type PolicyWorld } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { divideEnvironment } from "./divide-environment.ts";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: () => "0".repeat(64),
};

function policyOf(text: string): Policy {
  const place = { path: "/w/p.toml", realPath: "/w/p.toml" };
  const loaded = loadPolicyText(`version = 1\n${text}`, place, world);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return Policy.revive(loaded.data);
}

const ENVIRONMENT = { LANG: "C", URL: "sealed-url", KEY: "sealed-key", DENIED: "sealed-denied", OTHER: "x" };

describe("of the environment", () => {
  test("the values of declared variables, and of variables that secrets come from, go to the vault alone", () => {
    const policy = policyOf(
      '[environment]\nallow_vars = ["LANG"]\nlocal_only_vars = ["URL", "UNSET"]\n[[secret]]\nname = "k"\nenv = "KEY"\n',
    );
    const { open, shut } = divideEnvironment(policy, ENVIRONMENT);
    expect(shut).toEqual({ URL: "sealed-url", KEY: "sealed-key" });
    expect(open).toEqual({ ...ENVIRONMENT, URL: "", KEY: "" });
  });

  test("what a rule seals stays sealed, whatever another rule denies", () => {
    const policy = policyOf('[environment]\nlocal_only_vars = ["DENIED"]\ndeny_vars = ["DENIED"]\n');
    const { open, shut } = divideEnvironment(policy, ENVIRONMENT);
    expect(shut).toEqual({ DENIED: "sealed-denied" });
    expect(open.DENIED).toBe("");
  });

  test("a secret from a field of a variable takes the whole variable", () => {
    const policy = policyOf('[[secret]]\nname = "k"\nenv = "KEY"\nfield = "a"\n');
    expect(divideEnvironment(policy, ENVIRONMENT).shut).toEqual({ KEY: "sealed-key" });
  });

  test("nothing is taken out where nothing is sealed", () => {
    for (const text of [
      '[environment]\nallow_vars = ["LANG"]\n',
      '[local_only]\nmode = "redact"\n[environment]\nlocal_only_vars = ["URL"]\n',
    ])
      expect(divideEnvironment(policyOf(text), ENVIRONMENT)).toEqual({ open: ENVIRONMENT, shut: {} });
  });
});
