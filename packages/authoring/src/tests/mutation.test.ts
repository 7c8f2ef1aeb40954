import { Policy, type PolicyData, type PolicyTest } from "@agent-run/policy";
import { expect, test } from "vitest";
import { policyOf } from "../../../policy/src/testing/policy-of.ts";
import { coverageOf } from "./coverage.ts";
import { fatesOf, scoreOf } from "./mutation.ts";
import { readyTests } from "./ready-test.ts";

const base = { home: "/home/me" };
const t = (call: PolicyTest["given"]["call"], effect: "allow" | "ask" | "deny", rule?: string): PolicyTest => ({
  name: null,
  given: { call, circumstances: { now: null, actor: null } },
  expect: rule === undefined ? { effect } : { effect, rule },
  at: { file: "x.toml", line: 1, column: 1 },
});

test("draft", () => {
  const { data } = policyOf(`
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", "CHANGELOG.md", "lib/{a,b}/*.ts"]
write_allow = ["out/**"]
delete_allow = ["out/*"]
deny = ["**/*.pem", "out/keep/**"]
[network]
http_get_allow = ["api.github.com", "https://api.example.com:8443/v1/**"]
deny_hosts = ["*.evil.com"]
deny_ips = ["203.0.113.0/24"]
[environment]
allow_vars = ["PATH", "LC_*"]
deny_vars = ["LC_X*"]
[subprocess]
allow_commands = ["git"]
[subprocess.deny_args]
git = ["push --force"]
[subprocess.ask_args]
git = ["push"]
`);
  const { ready } = readyTests([t({ on: "fs.read", path: "src/a.ts" }, "allow")], data, base);
  const start = performance.now();
  const fates = [...fatesOf(data, ready, base)];
  console.log(performance.now() - start, fates.length);
  for (const { rule, what, fate } of fates)
    console.log(
      rule.id,
      "|",
      what,
      "|",
      fate.is,
      fate.is === "survived" ? fate.suggestion?.toml.split("\n").slice(1, 3).join("; ") : "",
    );
  console.log(
    JSON.stringify(scoreOf(fates).percent),
    JSON.stringify(
      coverageOf(
        data,
        ready.map((r) => r.call),
      ),
      null,
      1,
    ).slice(0, 1500),
  );
});
