import { describe, expect, test } from "vitest";
import { TABLES } from "./table-keys.ts";
import { readTestFile } from "./test-file.ts";

const read = (text: string) => readTestFile({ file: "a.test.toml", text });
const problemsOf = (text: string) => {
  const found = read(text);
  return found.ok ? [] : found.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

test("a file says which policy it is about, and holds tests as a policy does", () => {
  const text = `policy = "p.toml"\n[[test]]\nname = "n"\ngiven = "fs.read a"\nexpect = { effect = "deny", rule = "default" }\n`;
  expect(read(text)).toEqual({
    ok: true,
    policy: "p.toml",
    tests: [
      {
        name: "n",
        given: { call: { on: "fs.read", path: "a" }, circumstances: { now: null, actor: null } },
        expect: { effect: "deny", rule: "default" },
        at: { file: "a.test.toml", line: 2, column: 3 },
      },
    ],
  });
});

test("an entry of a table is a test at its own place, with what all of the table have", () => {
  const text = `[[table]]
on = "fs.write"
allow = ["out/a",
         "out/b"]
deny = [".env"]
with = { bytes = 10, now = 2027-03-31, actor = "ci" }
`;
  const found = read(text);
  const circumstances = { now: Date.UTC(2027, 2, 31), actor: "ci" };
  const of = (path: string, effect: string, line: number, column: number) => ({
    name: null,
    given: { call: { bytes: 10, on: "fs.write", path }, circumstances },
    expect: { effect },
    at: { file: "a.test.toml", line, column },
  });
  expect(found).toEqual({
    ok: true,
    policy: null,
    tests: [of("out/a", "allow", 3, 10), of("out/b", "allow", 4, 10), of(".env", "deny", 5, 9)],
  });
});

test.each([
  ["env.read", "HOME", { on: "env.read", name: "HOME" }],
  ["net.http_get", "https://a.example/", { on: "net.http_get", url: "https://a.example/" }],
  ["subprocess.exec", "git log 'a b'", { on: "subprocess.exec", argv: ["git", "log", "a b"] }],
])("an entry of %s is what its calls are about", (on, entry, call) => {
  const found = read(`[[table]]\non = "${on}"\nallow = ["${entry}"]\n`);
  expect(found.ok && found.tests.map(({ given }) => given.call)).toEqual([call]);
});

test("a family has the entries for each of its capabilities", () => {
  const found = read('[[table]]\nname = "all"\non = "fs.*"\ndeny = ["a"]\n');
  expect(found.ok && found.tests.map(({ name }) => name)).toEqual([
    "all: fs.read a",
    "all: fs.write a",
    "all: fs.delete a",
  ]);
});

describe("does not load", () => {
  test.each([
    ["an unknown key", 'polcy = "a"\n', ["1:1 unknown key `polcy` in a file of tests"]],
    ["a policy that is no name", "policy = 1\n", ["1:10 `policy` takes the name of a policy, relative to this file"]],
    ["a rule", '[[rule]]\nid = "a"\n', ["1:3 unknown key `rule` in a file of tests"]],
    ["a version", "version = 1\n", ["1:1 unknown key `version` in a file of tests"]],
    ["broken TOML", "[[test]\n", ["1:8 not valid TOML: expected end of table array declaration"]],
    ["NUL", 'policy = "a\0"\n', ["1:12 not valid TOML: control characters are not allowed in strings"]],
    ["a table without a capability", '[[table]]\nallow = ["a"]\n', ["1:3 `[[table]]` lacks `on`"]],
    [
      "a table without entries",
      '[[table]]\non = "fs.read"\ndeny = []\n',
      ["1:3 `[[table]]` has no entry, so it tests nothing"],
    ],
    ["an unknown capability", '[[table]]\non = "fs.raed"\nallow = ["a"]\n', ["2:6 `fs.raed` is not a capability"]],
    [
      "a command line that is none",
      `[[table]]\non = "subprocess.exec"\nallow = ["git 'a"]\n`,
      ["3:10 the quote that begins at `'a` does not end as one word"],
    ],
    [
      "an answer that is none",
      '[[test]]\ngiven = "fs.read a"\nexpect = "alow"\n',
      ["3:10 `alow` is no answer; there are: allow, ask, deny"],
    ],
  ])("%s", (_title, text, problems) => expect(problemsOf(text)).toEqual(problems));

  test("more than two million characters", () => {
    expect(problemsOf(`# ${"x".repeat(2 * 1024 * 1024)}`)).toEqual(["1:1 the file is larger than 2048 KiB"]);
  });

  test("lists that multiply to more than 50,000 tests", () => {
    const entries = Array.from({ length: 6000 }, (_, at) => `"p${at}"`).join(",");
    const on = `["fs.*", "env.read"]`;
    expect(
      problemsOf(`[[table]]\non = ${on}\nallow = [${entries}]\ndeny = [${entries}]\nask = [${entries}]\n`),
    ).toEqual(["1:3 a file holds at most 50000 tests"]);
  });
});

test.each(Object.keys(TABLES.table))("a time of day is no value of `%s` in a table", (key) => {
  expect(problemsOf(`[[table]]\n${key} = 07:32:00\n`).some((text) => text.includes(`\`${key}\` takes `))).toBe(true);
});

test("no value in any place of a table makes the reader throw", () => {
  const values = [
    "1",
    "1.5",
    "true",
    "[]",
    "{}",
    "[[]]",
    "[{ a = 1 }]",
    '["\\u0000"]',
    "{ __proto__ = 1 }",
    '["__proto__"]',
  ];
  for (const key of Object.keys(TABLES.table)) {
    for (const value of values) expect(read(`[[table]]\n${key} = ${value}\n`).ok).toBe(false);
  }
});

test("a file of 10,000 tests with huge names loads", () => {
  const one = (at: number) => `[[test]]\nname = "${at}"\ngiven = { on = "fs.read", path = "a" }\nexpect = "deny"\n`;
  const many = Array.from({ length: 10_000 }, (_, at) => one(at)).join("");
  const found = read(`${many}[[test]]\nname = "${"n".repeat(100_000)}"\ngiven = "fs.read a"\nexpect = "deny"\n`);
  expect(found.ok && found.tests.length).toBe(10_001);
});
