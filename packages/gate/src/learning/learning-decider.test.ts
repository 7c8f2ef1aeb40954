/** A learning run wants more than its policy grants, and never more than a ceiling does. */
import { createHash } from "node:crypto";
import { type CanonicalRequest, loadPolicyText, Policy, type PolicyData, type PolicyWorld } from "@agent-run/policy";
import { expect, test } from "vitest";
import { LearningDecider } from "./learning-decider.ts";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

function load(path: string, text: string, options: { as?: "ceiling"; ceilings?: readonly PolicyData[] }): PolicyData {
  const loaded = loadPolicyText(`version = 1\n${text}`, { path, realPath: path }, world, options);
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  return loaded.data;
}

const CEILING = '[filesystem]\nread_allow = ["/work/a/**"]\n[subprocess]\nallow_commands = ["true"]\n';

const deciderUnder = (ceilings: readonly string[]): LearningDecider => {
  const bounds = ceilings.map((text, at) => load(`/etc/bounds/${at}.toml`, text, { as: "ceiling" }));
  const policy = Policy.revive(load("/work/p.toml", "", { ceilings: bounds }));
  return new LearningDecider(policy, { network: false, overlay: "/tmp/copy" });
};

const read = (value: string) => ({ on: "fs.read", role: "read", kind: "path", value }) as const;
const reading = (value: string): CanonicalRequest => ({
  v: 1,
  on: "fs.read",
  targets: [read(value)],
  attrs: {},
  labels: [],
});

test("what nothing grants is learned, but not what a ceiling leaves closed", () => {
  const learns = (decider: LearningDecider, path: string) => [
    decider.decide(reading(path)).effect,
    decider.decideTarget(read(path)).effect,
  ];
  expect(["/work/a/x", "/work/b"].map((path) => learns(deciderUnder([]), path))).toEqual([
    ["allow", "allow"],
    ["allow", "allow"],
  ]);
  expect(["/work/a/x", "/work/b"].map((path) => learns(deciderUnder([CEILING]), path))).toEqual([
    ["allow", "allow"],
    ["deny", "deny"],
  ]);
});

test("what is wanted and not done is the ceiling's denial, where that would not let it be", () => {
  const write = (value: string): CanonicalRequest => ({
    v: 1,
    on: "fs.write",
    targets: [{ on: "fs.write", role: "write", kind: "path", value }],
    attrs: {},
    labels: [],
  });
  expect(deciderUnder([]).decide(write("/elsewhere/x")).rule.id).toBe("builtin.learning");
  expect(deciderUnder([CEILING]).decide(write("/elsewhere/x"))).toMatchObject({
    rule: { id: "default" },
    layer: "ceiling:/etc/bounds/0.toml",
  });
});

test("the verifier is told which ceiling leaves a capability closed", () => {
  const decider = deciderUnder([CEILING]);
  expect([decider.withheldBy("fs.read"), decider.withheldBy("fs.write")]).toEqual([null, "/etc/bounds/0.toml"]);
});
