import { describe, expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";
import { tested } from "./policy.fixture.ts";

const coverage = (text: string) => {
  const { data, ready } = tested(text);
  return coverageOf(
    data,
    ready.map(({ call }) => call),
  );
};

/** What is missing, by rule. */
const missing = (text: string) =>
  Object.fromEntries(coverage(text).rules.map(({ rule, missing: words }) => [rule.id, words]));

const given = (members: string) => `[[test]]\ngiven = { ${members} }\nexpect = "deny"\n`;
const RULE = `[[rule]]
id = "r"
effect = "allow"
on = "fs.write"
path = "out/**"
except = "**/*.sh"
when = { bytes = { le = "1MB" } }
expires = 2027-03-31
hours = "Mon-Fri 08:00-18:00 UTC"
`;
const write = (path: string, more = "") => given(`on = "fs.write", path = "${path}"${more}`);

test("a rule is seen from both sides by a call that it matches, and one of its capability that it does not", () => {
  const policy = `[filesystem]\nread_allow = ["src/**"]\n`;
  const inside = given('on = "fs.read", path = "src/a"');
  const outside = given('on = "fs.read", path = "a"');
  const other = given('on = "fs.write", path = "a"');
  expect(missing(policy)).toEqual({
    "filesystem.read_allow[0]": ["no test is matched by it", "no test of fs.read lies outside of it"],
  });
  expect(missing(policy + inside + other)).toEqual({
    "filesystem.read_allow[0]": ["no test of fs.read lies outside of it"],
  });
  expect(coverage(policy + inside + outside)).toMatchObject({ seen: 2, outcomes: 2, percent: 100 });
});

test("each clause is seen true and false, where the rule's place matches", () => {
  const now = ", now = 2027-03-30T12:00:00Z";
  const all = [
    write("out/a", `, bytes = 10${now}`),
    write("out/a.sh", `, bytes = 10${now}`),
    write("out/a", `, bytes = 1000001${now}`),
    write("out/a", ", bytes = 10, now = 2027-03-31T07:00:00Z"),
    write("a"),
  ];
  expect(missing(RULE + all.join(""))).toEqual({ r: [] });
  expect(missing(RULE)).toEqual({
    r: [
      "no test is matched by it",
      "no test of fs.write lies outside of it",
      ...[
        "`bytes le 1MB`",
        "`except /**/*.sh`",
        "`expires 2027-03-31`",
        "`hours Mon,Tue,Wed,Thu,Fri 08:00-18:00 UTC`",
      ].flatMap((clause) => [`no test sees ${clause} true`, `no test sees ${clause} false`]),
    ],
  });
  // Elsewhere nothing of the bound shows.
  expect(missing(RULE + all.filter((_, at) => at !== 2).join("") + write("a", `, bytes = 1000001${now}`))).toEqual({
    r: ["no test sees `bytes le 1MB` false"],
  });
});

describe("asks for nothing that can not be:", () => {
  test.each([
    [
      "a question about a whole capability",
      `requires_approval = ["fs.delete"]\n`,
      given('on = "fs.delete", path = "a"'),
    ],
    ["a denial of every path", `[filesystem]\ndeny = ["/**"]\n`, given('on = "fs.read", path = "a"')],
    ["a denial of every variable", `[environment]\ndeny_vars = ["*"]\n`, given('on = "env.read", name = "A"')],
  ])("%s has no outside", (_title, policy, matched) => {
    expect(coverage(policy + matched)).toMatchObject({ seen: 1, outcomes: 1, percent: 100 });
  });

  test("built-in rules do not count", () => {
    expect(coverage("")).toEqual({ rules: [], seen: 0, outcomes: 0, percent: 100 });
  });
});

test("a rule that another one always beats counts as seen, since it is judged alone", () => {
  const policy = `[filesystem]\nread_allow = ["a/**"]\ndeny = ["/**"]\n`;
  const tests = given('on = "fs.read", path = "a/b"') + given('on = "fs.read", path = "b"');
  expect(missing(policy + tests)["filesystem.read_allow[0]"]).toEqual([]);
});
