import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Policy } from "@agent-run/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { divideEnvironment } from "./divide-environment.ts";
import { openPolicy } from "./open-policy.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-divide-")));
});
afterEach(() => rmSync(folder, { recursive: true }));

function policyOf(text: string): Policy {
  const path = join(folder, "agent-run.toml");
  writeFileSync(path, `version = 1\n${text}`);
  const opened = openPolicy({ path, cwd: folder });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  return Policy.revive(opened.data);
}

const environment = { LANG: "C", INTERNAL_URL: "http://wiki.internal", INTERNAL_OLD: "old", STRIPE_KEY: "sk" };
const declared = `[environment]
allow_vars = ["LANG"]
local_only_vars = ["INTERNAL_*"]
deny_vars = ["INTERNAL_OLD"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
data = true
`;

test("the public side keeps the name of what is local-only, and the vault alone its value", () => {
  const { open, shut } = divideEnvironment(policyOf(declared), environment);
  expect(open).toMatchObject({ LANG: "C", INTERNAL_URL: "", STRIPE_KEY: "" });
  expect(shut).toMatchObject({ INTERNAL_URL: "http://wiki.internal", STRIPE_KEY: "sk" });
});

test("what is denied besides is shut, too", () => {
  const { open, shut } = divideEnvironment(policyOf(declared), environment);
  expect(open.INTERNAL_OLD).toBe("");
  expect(shut.INTERNAL_OLD).toBe("old");
});

test("a policy without local-only values changes nothing", () => {
  const { open, shut } = divideEnvironment(policyOf('[environment]\nallow_vars = ["LANG"]\n'), environment);
  expect(open).toBe(environment);
  expect(shut).toEqual({});
});
