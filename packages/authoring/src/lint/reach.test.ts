import { describe, expect, test } from "vitest";
import { lintPolicy } from "./lint.ts";
import { checkedOf } from "./policy.fixture.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const REACH = new Set(["unreachable", "shadowed", "redundant", "violated-never"]);

const idle = (text: string): string[] =>
  lintPolicy({ ...checkedOf(text), homes: ["/home/me"], now: NOW })
    .filter(({ lint }) => REACH.has(lint))
    .map(({ lint, rule }) => `${lint} ${rule.id}`);

const rule = (id: string, effect: string, more: string): string =>
  `[[rule]]\nid = "${id}"\neffect = "${effect}"\n${more}\n`;

describe("rules that do nothing are found, exactly", () => {
  const CASES: readonly (readonly [title: string, policy: string, found: readonly string[]])[] = [
    ["not those that do something", '[filesystem]\nread_allow = ["src/**"]\ndeny = ["src/private/**"]', []],
    [
      "a grant within another",
      '[filesystem]\nread_allow = ["src/**", "src/lib/*.ts"]',
      ["redundant filesystem.read_allow[1]"],
    ],
    [
      "both of two that say the same, as each can go",
      `[filesystem]\nread_allow = ["src/**"]\n${rule("r", "allow", 'on = ["fs.read"]\npath = ["src/**"]')}`,
      ["redundant filesystem.read_allow[0]", "redundant r"],
    ],
    ["not two that overlap", '[filesystem]\nread_allow = ["src/a*", "src/*b"]', []],
    [
      "a grant that several others cover together",
      `[environment]\nallow_vars = ["A*", "B*"]\n${rule("r", "allow", 'on = ["env.read"]\nname = ["AB", "BA"]')}`,
      ["redundant r"],
    ],
    [
      "a grant that a denial covers",
      '[filesystem]\nread_allow = ["src/private/a", "lib/**"]\ndeny = ["src/private/**"]',
      ["shadowed filesystem.read_allow[0]"],
    ],
    [
      "a grant that what is always denied covers",
      '[filesystem]\nwrite_allow = [".git/**"]',
      ["shadowed filesystem.write_allow[0]"],
    ],
    [
      "a grant that a question covers",
      'requires_approval = ["fs.delete"]\n[filesystem]\ndelete_allow = ["out/**"]',
      [],
    ],
    [
      "a rule that leaves out all that it names",
      rule("r", "allow", 'on = ["fs.read"]\npath = ["src/**"]\nexcept = ["**"]'),
      ["unreachable r"],
    ],
    [
      "a rule whose conditions can not both hold",
      rule("r", "allow", 'on = ["fs.write"]\npath = ["out/**"]\nwhen = { bytes = { ge = 10, lt = 5 } }'),
      ["unreachable r"],
    ],
    [
      "a denial whose conditions can not both hold",
      rule("r", "deny", 'on = ["net.*"]\nwhen = { port = { gt = 10, lt = 11 } }'),
      ["unreachable r"],
    ],
    ["not a denial of addresses that are denied anyway", '[network]\ndeny_ips = ["169.254.0.0/16", "10.0.0.0/8"]', []],
    ["not a denial of this machine", '[network]\ndeny_hosts = ["localhost", "127.0.0.1"]', []],
    ["not a denial of what nothing grants, which stands guard", '[filesystem]\ndeny = ["private/**"]', []],
    [
      "a denial within another",
      '[filesystem]\ndeny = ["private/**", "private/keys/*"]',
      ["redundant filesystem.deny[1]"],
    ],
    [
      "a host within a wildcard",
      '[network]\nhttp_get_allow = ["*.example.com", "api.example.com"]',
      ["redundant network.http_get_allow[1]"],
    ],
    ["not a host on another port", '[network]\nhttp_get_allow = ["*.example.com", "api.example.com:8443"]', []],
  ];
  test.each(CASES)("%s", (_, policy, found) => expect(idle(policy)).toEqual(found));
});

test("a never that does not hold is found at its line, with a call", () => {
  const text =
    '[filesystem]\nwrite_allow = ["out/**", "lib/x"]\n[[never]]\nid = "inside"\non = ["fs.write"]\npath_not = ["out/**"]\n';
  const found = lintPolicy({ ...checkedOf(text), homes: [], now: NOW }).filter(({ lint }) => lint === "violated-never");
  expect(found).toMatchObject([
    { level: "error", rule: { id: "inside", line: 4 }, message: expect.stringContaining("lib/x") },
  ]);
  expect(idle(text.replace(', "lib/x"', ""))).toEqual([]);
});
