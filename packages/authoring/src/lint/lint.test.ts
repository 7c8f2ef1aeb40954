import type { PolicyChecks, PolicyData, PolicyTest } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { inOrder, LINTS } from "./finding.ts";
import { lintPolicy } from "./lint.ts";
import { checkedOf } from "./policy.fixture.ts";
import { sarifOf } from "./sarif.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const dataOf = (text: string): PolicyData => checkedOf(text).data;

const NOTHING: PolicyChecks = { tests: [], nevers: [] };

const findings = (data: PolicyData, checks = NOTHING) => lintPolicy({ data, checks, homes: ["/home/me"], now: NOW });

/** `lint rule-id`, in the order in which they are shown. */
const lints = (text: string): string[] => findings(dataOf(text)).map(({ lint, rule }) => `${lint} ${rule.id}`);

describe("finds what is probably not meant", () => {
  const net = (host: string) => `[budget]\ncalls = 1\n[network]\nhttp_get_allow = ["${host}"]`;
  const CASES: readonly (readonly [title: string, policy: string, found: readonly string[]])[] = [
    ["nothing in a policy that grants little", '[filesystem]\nread_allow = ["src/**"]', []],
    ["nothing in the whole project", '[filesystem]\nread_allow = ["**"]', []],
    ["the whole disk", '[filesystem]\nread_allow = ["/**"]', ["allow-all filesystem.read_allow[0]"]],
    ["every variable", '[environment]\nallow_vars = ["*"]', ["allow-all environment.allow_vars[0]"]],
    ["every host", net("*"), ["allow-all network.http_get_allow[0]"]],
    ["a wildcard below a top level domain", net("*.com"), ["public-suffix network.http_get_allow[0]"]],
    ["a wildcard below a registry of two labels", net("*.co.uk"), ["public-suffix network.http_get_allow[0]"]],
    ["a wildcard below a host of everybody's pages", net("*.github.io"), ["public-suffix network.http_get_allow[0]"]],
    ["a wildcard below everybody's buckets", net("*.s3.amazonaws.com"), ["public-suffix network.http_get_allow[0]"]],
    ["not a wildcard below a domain", net("*.example.com"), []],
    ["every port", net("api.example.com:*"), ["any-port network.http_get_allow[0]"]],
    ["the metadata service", net("169.254.169.254:80"), ["private-address network.http_get_allow[0]"]],
    ["the metadata service by IPv6", net("[fd00:ec2::254]:80"), ["private-address network.http_get_allow[0]"]],
    ["a private address", net("10.1.2.3:8080"), ["private-address network.http_get_allow[0]"]],
    ["not this machine on one port", net("localhost:3000"), []],
    [
      "a private network as a whole",
      `${net("status.internal")}\n[network.private_hosts]\n"status.internal" = ["10.0.0.0/8"]`,
      ["private-address network.http_get_allow[0]"],
    ],
    ["not a subnet", `${net("status.internal")}\n[network.private_hosts]\n"status.internal" = ["10.2.0.0/16"]`, []],
    [
      "an interpreter",
      '[budget]\ncalls = 1\n[subprocess]\nallow_commands = ["python3"]',
      ["runs-code subprocess.allow_commands[0]"],
    ],
    [
      "arguments that are not looked at",
      '[budget]\ncalls = 1\n[subprocess]\nallow_commands = ["rg"]\n[subprocess.commands.rg]\nargs = "free"',
      ["free-arguments subprocess.allow_commands[0]"],
    ],
    [
      "commands without a jail",
      '[budget]\ncalls = 1\n[subprocess]\nallow_commands = ["rg"]\nsandbox = "none"',
      ["writes-settings subprocess.sandbox"],
    ],
    [
      "files that other programs obey",
      '[budget]\ncalls = 1\n[filesystem]\nwrite_allow = [".github/**"]',
      ["writes-settings filesystem.write_allow[0]"],
    ],
    [
      "files that other programs obey, behind a condition on their size",
      '[budget]\ncalls = 1\n[[rule]]\nid = "small"\neffect = "allow"\non = "fs.write"\npath = ".github/**"\nwhen = { bytes = { le = "1MB" } }',
      ["writes-settings small"],
    ],
    [
      "a shell's start file",
      '[budget]\ncalls = 1\n[filesystem]\nwrite_allow = ["~/.bashrc"]',
      ["writes-settings filesystem.write_allow[0]"],
    ],
    [
      "an opened secret beside the network",
      '[filesystem]\nread_allow = [".env"]\n[network]\nhttp_get_allow = ["api.example.com"]\n[budget]\ncalls = 1',
      ["secret-and-network filesystem.read_allow[0]"],
    ],
    [
      "not a sealed one",
      '[filesystem]\nlocal_only_read = [".env"]\n[network]\nhttp_get_allow = ["api.example.com"]\n[budget]\ncalls = 1',
      [],
    ],
    ["not an opened secret without a network", '[filesystem]\nread_allow = [".env"]', []],
    ["effects without any bound", '[filesystem]\nwrite_allow = ["out/**"]', ["no-limit filesystem.write_allow[0]"]],
  ];
  test.each(CASES)("%s", (_, policy, found) => expect(lints(policy)).toEqual(found));
});

describe("time", () => {
  const expiring = (expires: string) => {
    const data = dataOf('[filesystem]\nread_allow = ["src/**"]');
    const rules = data.rules.map((rule) =>
      rule.effect === "allow" ? { ...rule, expires: Date.parse(expires) } : rule,
    );
    return findings({ ...data, rules }).map(({ lint }) => lint);
  };
  test("a grant that is over is found, and one that is over soon", () => {
    expect(expiring("2026-05-31")).toEqual(["expired"]);
    expect(expiring("2026-06-01")).toEqual(["expired"]);
    expect(expiring("2026-06-14")).toEqual(["expires-soon"]);
    expect(expiring("2026-07-14")).toEqual([]);
  });
});

test("two tests that expect different answers to one call contradict each other", () => {
  const one = (effect: "allow" | "deny", line: number, path = "a"): PolicyTest => ({
    name: null,
    given: { call: { on: "fs.read", path }, circumstances: { now: null, actor: null } },
    expect: { effect },
    at: { file: "agent-run.toml", line, column: 1 },
  });
  const tests = [one("allow", 3), one("deny", 9), one("deny", 12, "b"), one("deny", 15, "b")];
  const found = findings(dataOf(""), { tests, nevers: [] });
  expect(found.map(({ lint, rule }) => `${lint} ${rule.line}`)).toEqual(["contradictory-examples 9"]);
});

test("what runs code and a preset grants is one note, unless there is no jail", () => {
  const names = ["python3", "node", "npm", "npx", "bun", "yarn"];
  const data = dataOf(`[budget]\ncalls = 1\n[subprocess]\nallow_commands = ${JSON.stringify(names)}`);
  const rules = data.rules.map((rule) =>
    rule.ref.file === undefined ? rule : { ...rule, ref: { ...rule.ref, file: "preset:x" } },
  );
  const found = findings({ ...data, rules });
  expect(found).toMatchObject([{ lint: "runs-code", level: "note", rule: { id: "subprocess.allow_commands[0]" } }]);
  expect(found[0]?.message).toContain("`npx` and 2 more may run any code");
  const open = findings({ ...data, rules, subprocess: { ...data.subprocess, sandbox: "none" } });
  expect(open.filter(({ lint, level }) => lint === "runs-code" && level === "error")).toHaveLength(names.length);
});

test("SARIF names every lint, and each result one of them at a place", () => {
  const found = findings(dataOf('[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["**"]'));
  const sarif = sarifOf(found, "1.0.0") as unknown as {
    version: string;
    runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; locations: unknown[] }[] }[];
  };
  expect(sarif.version).toBe("2.1.0");
  expect(sarif.runs[0]?.tool.driver.rules.map(({ id }) => id)).toEqual(Object.keys(LINTS));
  expect(sarif.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(found.map(({ lint }) => lint));
  expect(sarif.runs[0]?.results.every(({ locations }) => locations.length === 1)).toBe(true);
});

test("findings stand in the order of their places, the worst first at one place", () => {
  const at = (line: number, level: "error" | "note") =>
    ({ lint: "redundant", level, message: "", hint: "", rule: { id: "x", file: "a", line } }) as const;
  expect(
    inOrder([at(2, "note"), at(1, "note"), at(1, "error")]).map(({ rule, level }) => `${rule.line} ${level}`),
  ).toEqual(["1 error", "1 note", "2 note"]);
});
