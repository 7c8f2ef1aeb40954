/** What a learning run lets through, and that no protection is lifted for it. */
import { type CanonicalRequest, type Capability, Policy, type Target } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { policyOf } from "../sealing/scene.fixture.ts";
import { LearningDecider } from "./learning-decider.ts";

const ROLE: Partial<Record<Capability, Target["role"]>> = {
  "fs.read": "read",
  "fs.write": "write",
  "fs.delete": "delete",
};

const path = (on: Capability, ...values: string[]): CanonicalRequest => ({
  v: 1,
  on,
  targets: values.map((value) => ({ on, role: ROLE[on] ?? "read", kind: "path", value })),
  attrs: {},
  labels: [],
});

function url(value: string, on: Capability = "net.http_get", address?: string): CanonicalRequest {
  const method = on === "net.http_get" ? "GET" : "POST";
  const targets: Target[] = [{ on, role: "connect", kind: "url", value }];
  if (address !== undefined) targets.push({ on, role: "connect", kind: "address", value: address });
  return { v: 1, on, targets, attrs: { method }, labels: [] };
}

const variable = (value: string): CanonicalRequest => ({
  v: 1,
  on: "env.read",
  targets: [{ on: "env.read", role: "read", kind: "variable", value }],
  attrs: { name: value },
  labels: [],
});

const command = (...argv: string[]): CanonicalRequest => ({
  v: 1,
  on: "subprocess.exec",
  targets: [{ on: "subprocess.exec", role: "execute", kind: "command", value: argv[0] ?? "" }],
  attrs: { command: argv[0] ?? "", argv },
  labels: [],
});

const TEXT = `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", "/outside/**"]
write_allow = ["out/**", "/outside/**"]
deny = ["closed/**"]
local_only_read = ["sealed/**"]
[network]
http_get_allow = ["api.example.com"]
http_post_allow = ["api.example.com"]
deny_hosts = ["evil.example.com"]
[environment]
deny_vars = ["CLOSED"]
[subprocess]
deny_commands = ["rm"]
`;

const policy: Policy = policyOf(TEXT);
const { root } = policy.data;
const decider = (network = false) => new LearningDecider(policy, { network, overlay: "/tmp/overlay" });
const told = (request: CanonicalRequest, network?: boolean): string => {
  const { effect, rule, learned } = decider(network).decide(request);
  return `${effect} ${rule.id}${learned ? " learned" : ""}`;
};
const at = (name: string): string => `${root}/${name}`;

describe("let through", () => {
  test.each([
    ["as ever: what the policy grants", path("fs.read", at("src/a")), "allow filesystem.read_allow[0]"],
    ["reading below the root", path("fs.read", at("other")), "allow builtin.learning learned"],
    ["writing below the root", path("fs.write", at("other")), "allow builtin.learning learned"],
    ["a call of which only a part is granted", path("fs.read", at("src/a"), at("b")), "allow builtin.learning learned"],
    ["a variable", variable("LANG"), "allow builtin.learning learned"],
    ["a question stays one", path("fs.delete", at("other")), "ask requires_approval[0] learned"],
  ])("%s", (_, request, expected) => expect(told(request)).toBe(expected));

  test("and GET, if the network may be learned", () => {
    expect(told(url("https://www.example.com/x"), true)).toBe("allow builtin.learning learned");
    expect(told(url("https://api.example.com/x"), true)).toBe("allow network.http_get_allow[0]");
  });
});

describe("refused as ever", () => {
  test.each([
    ["what the policy denies", path("fs.read", at("closed/x")), "deny filesystem.deny[0]"],
    [
      "what it denies beside what it only does not grant",
      path("fs.read", at("other"), at("closed/x")),
      "deny filesystem.deny[0]",
    ],
    ["what always stays closed", path("fs.read", at(".env")), "deny builtin.env_files"],
    ["what nobody may write", path("fs.write", at(".git/config")), "deny builtin.git"],
    ["reading outside of the root", path("fs.read", "/opt/x"), "deny default"],
    ["the copy", path("fs.read", "/tmp/overlay/root/a"), "deny builtin.protected.the_copy_of_this_learning_run"],
    ["a denied variable", variable("CLOSED"), "deny environment.deny_vars[0]"],
    ["a variable that looks like a secret", variable("API_TOKEN"), "deny builtin.variables"],
    ["a denied command", command("rm"), "deny subprocess.deny_commands[0]"],
    ["a denied host", url("https://evil.example.com/", "net.http_post"), "deny network.deny_hosts[0]"],
  ])("%s", (_, request, expected) => expect(told(request)).toBe(expected));

  test.each([
    ["http://127.0.0.1/", undefined],
    ["http://169.254.169.254/latest", undefined],
    ["https://inside.example.com/", "10.0.0.1"],
  ])("%s, in the network, too", (value, address) =>
    expect(told(url(value, "net.http_get", address), true)).toBe("deny builtin.special_address"),
  );
});

test("a ceiling is not lifted: what it denies, or does not grant, is refused", () => {
  const ceiling = policyOf('version = 1\n[filesystem]\nread_allow = ["src/**", "other"]\ndeny = ["other/closed"]').data;
  const bounded = new LearningDecider(Policy.revive({ ...policy.data, ceilings: [ceiling] }), {
    network: true,
    overlay: "/tmp/overlay",
  });
  const answers = [
    path("fs.read", at("other")),
    path("fs.read", at("another")),
    path("fs.write", at("out/a")),
    url("https://www.example.com/"),
  ].map((request) => bounded.decide(request).effect);
  expect(answers).toEqual(["allow", "deny", "deny", "deny"]);
  expect(bounded.decide(path("fs.read", at("another"))).layer).toMatch(/^ceiling:/);
  expect(bounded.grants("net.http_post")).toBe(false);
});

describe("wanted, and not done", () => {
  const WANTED = "deny builtin.learning";

  test.each([
    ["a request, granted or not", url("https://api.example.com/", "net.http_post"), WANTED],
    ["a GET", url("https://www.example.com/"), WANTED],
    ["a command", command("git", "status"), WANTED],
    ["writing outside of the root, though it is granted", path("fs.write", "/outside/a"), WANTED],
    ["a call of which a part lies outside of it", path("fs.write", at("a"), "/outside/a"), WANTED],
    [
      "what is local-only beside what nothing grants",
      path("fs.read", at("sealed/a"), at("other")),
      "deny builtin.learning.local_only",
    ],
    ["what is local-only", path("fs.read", at("sealed/a")), "deny builtin.learning.local_only"],
  ])("%s", (_, request, expected) => {
    expect(told(request)).toBe(expected);
    expect(decider().decide(request)).not.toHaveProperty("sealed");
  });

  test("a POST, though the network may be learned", () => {
    expect(told(url("https://api.example.com/", "net.http_post"), true)).toBe(WANTED);
  });

  test("no script is refused for it before it runs", () => {
    for (const capability of ["fs.delete", "net.http_put", "subprocess.exec", "env.read"] as const)
      expect(decider().grants(capability)).toBe(true);
  });
});
