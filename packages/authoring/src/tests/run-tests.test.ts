import { expect, test } from "vitest";
import { BASE, tested } from "./policy.fixture.ts";
import { readyTests } from "./ready-test.ts";
import { runTests } from "./run-tests.ts";

const POLICY = `
[filesystem]
read_allow = ["src/**"]
[[rule]]
id = "small"
effect = "allow"
on = "fs.write"
path = "out/**"
when = { bytes = { le = 10 } }
expires = 2027-03-31
[[rule]]
id = "no-keys"
effect = "deny"
on = "fs.*"
path = "**/*.pem"
`;

const results = (given: string, expectation: string) => {
  const { data, ready } = tested(`${POLICY}[[test]]\ngiven = ${given}\nexpect = ${expectation}\n`);
  return runTests(data, ready);
};

test.each([
  ['"fs.read src/a"', '"allow"'],
  ['"fs.read src/a"', '{ effect = "allow", rule = "filesystem.read_allow[0]" }'],
  ['"fs.read src/a.pem"', '{ effect = "deny", rule = "no-keys", code = "E_POLICY_DENIED" }'],
  ['{ on = "fs.write", path = "out/a", bytes = 10, now = 2027-03-30 }', '"allow"'],
  ['{ on = "fs.write", path = "out/a", bytes = 10, now = 2027-03-31 }', '"deny"'],
  ['{ on = "fs.write", path = "out/a", bytes = 10 }', '"deny"'],
])("%s is answered as %s says", (given, expectation) => {
  expect(results(given, expectation)).toMatchObject([{ passed: true, differences: [], near: null }]);
});

test.each([
  [
    "a rule that matches but for a clause",
    '{ on = "fs.write", path = "out/a", bytes = 11, now = 2027-03-30 }',
    '"allow"',
    ["expected allow, got deny"],
    "`small` (agent-run.toml:5) matches but for `bytes le 10`",
  ],
  [
    "several clauses",
    '{ on = "fs.write", path = "out/a", bytes = 11 }',
    '"allow"',
    ["expected allow, got deny"],
    "`small` (agent-run.toml:5) matches but for `bytes le 10` and `expires 2027-03-31`, and the test names no time: give it a `now`",
  ],
  [
    "an end that has come",
    '{ on = "fs.write", path = "out/a", bytes = 10, now = 2027-04-01 }',
    '"allow"',
    ["expected allow, got deny"],
    "`small` (agent-run.toml:5) matches but for `expires 2027-03-31`",
  ],
  [
    "a rule that is beaten",
    '"fs.read src/a.pem"',
    '"allow"',
    ["expected allow, got deny"],
    "`filesystem.read_allow[0]` (agent-run.toml:4) matches, and `no-keys` (agent-run.toml:12) decides",
  ],
  [
    "no rule of that effect",
    '"fs.read src/a"',
    '"ask"',
    ["expected ask, got allow"],
    "no rule of this policy says ask here",
  ],
  [
    "a rule that is elsewhere",
    '"fs.read src/a"',
    '{ effect = "allow", rule = "small" }',
    ["expected rule `small`, got `filesystem.read_allow[0]`"],
    "`small` does not name this place",
  ],
  [
    "a rule that does not exist",
    '"fs.read src/a"',
    '{ effect = "allow", rule = "smal" }',
    ["expected rule `smal`, got `filesystem.read_allow[0]`"],
    "this policy has no rule `smal`",
  ],
])("a failing test tells what was near: %s", (_title, given, expectation, differences, near) => {
  expect(results(given, expectation)).toMatchObject([{ passed: false, differences, near }]);
});

test("near causes are looked for as often as somebody reads them, and every test is asked", () => {
  const { data, tests } = tested(`${POLICY}[[test]]\ngiven = "fs.read src/a"\nexpect = "ask"\n`);
  const [one] = tests;
  const many = Array.from({ length: 10_000 }, () => one).flatMap((test) => test ?? []);
  const found = runTests(data, readyTests(many, data, BASE).ready);
  expect(found.filter(({ passed }) => !passed)).toHaveLength(10_000);
  expect(found.filter(({ near }) => near !== null)).toHaveLength(50);
});
