import { Policy, type PolicyData } from "@agent-run/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutantsOf } from "./mutant.ts";
import { fatesOf, type MutantFate, scoreOf } from "./mutation.ts";
import { BASE, tested } from "./policy.fixture.ts";
import { answerTo } from "./ready-test.ts";
import { meets } from "./run-tests.ts";

const fatesIn = (text: string): readonly MutantFate[] => {
  const { data, ready } = tested(text);
  return [...fatesOf(data, ready, BASE)];
};

const saying = (fates: readonly MutantFate[]): readonly string[] =>
  fates.map(({ rule, what, fate }) => `${rule.id}: ${what}: ${fate.is}`);

const POLICY = `
[filesystem]
read_allow = ["src/**"]
deny = ["**/*.pem"]
`;
const ALLOWED = `[[test]]\ngiven = "fs.read src/a"\nexpect = "allow"\n`;
const DENIED = `[[test]]\ngiven = "fs.read src/a.pem"\nexpect = "deny"\n`;
const OUTSIDE = `[[test]]\ngiven = "fs.read a"\nexpect = "deny"\n`;

test("a policy whose tests see everything has a score of 100", () => {
  const fates = fatesIn(POLICY + ALLOWED + DENIED + OUTSIDE);
  expect(saying(fates)).toEqual([
    "filesystem.read_allow[0]: without the rule: killed",
    "filesystem.read_allow[0]: allow turned into deny: killed",
    "filesystem.read_allow[0]: `src/**` widened to `**`: killed",
    "filesystem.deny[0]: without the rule: killed",
    "filesystem.deny[0]: deny turned into allow: killed",
    "filesystem.deny[0]: `/**/*.pem` widened to `/**/*`: killed",
  ]);
  expect(scoreOf(fates)).toMatchObject({ mutants: 6, killed: 6, equivalent: 0, survived: [], percent: 100 });
});

test.each([
  ["outside", ALLOWED + DENIED, ["filesystem.read_allow[0]: `src/**` widened to `**`: survived"], 83],
  [
    "of what is denied",
    ALLOWED + OUTSIDE,
    ["filesystem.deny[0]: without the rule: survived", "filesystem.deny[0]: deny turned into allow: survived"],
    66,
  ],
])("without its test %s the mutants that it noticed survive, and are named", (_title, tests, survived, percent) => {
  const score = scoreOf(fatesIn(POLICY + tests));
  expect(saying(score.survived)).toEqual(survived);
  expect(score.percent).toBe(percent);
});

test("a test that fails on the policy itself notices nothing", () => {
  const wrong = `[[test]]\ngiven = "fs.read src/a"\nexpect = "deny"\n`;
  expect(scoreOf(fatesIn(POLICY + wrong)).killed).toBe(0);
});

test("a slip that changes only the name of the rule counts where a test says the name", () => {
  const policy = `[filesystem]\ndeny = ["keep/**"]\n`;
  const plain = `[[test]]\ngiven = "fs.read keep/a"\nexpect = "deny"\n`;
  const named = `[[test]]\ngiven = "fs.read keep/a"\nexpect = { effect = "deny", rule = "filesystem.deny[0]" }\n`;
  const fateOf = (text: string) => fatesIn(text)[0]?.fate;
  expect(fateOf(policy + plain)).toEqual({ is: "equivalent", why: "no call gets another answer" });
  expect(fateOf(policy + named)?.is).toBe("killed");
});

describe("a mutant that changes no answer does not count:", () => {
  test.each([
    ["a denial of what nothing grants", `[filesystem]\nread_allow = ["a"]\ndeny = ["b/**"]\n`, "without the rule"],
    ["an entry that another one covers", `[filesystem]\nread_allow = ["a/**", "a/b/*"]\n`, "without the rule"],
    ["one of two entries that say the same", `[filesystem]\nread_allow = ["a", "a"]\n`, "without the rule"],
    [
      "a pattern that is there twice",
      `[[rule]]\nid = "r"\neffect = "allow"\non = "fs.read"\npath = ["a/b", "a/{b,c}"]\n`,
      null,
    ],
    [
      "the end of a denial, which stays",
      `[[rule]]\nid = "r"\neffect = "deny"\non = "fs.read"\npath = "a"\nexpires = 2027-03-31\n`,
      "without `expires`",
    ],
  ])("%s", (_title, policy, what) => {
    const equivalent = fatesIn(policy).filter(({ fate }) => fate.is === "equivalent");
    if (what !== null) expect(equivalent.map((one) => one.what)).toContain(what);
    expect(scoreOf(equivalent)).toMatchObject({ killed: 0, percent: 100 });
  });
});

test("every slip in a rule with all clauses is tried", () => {
  const policy = `
[[rule]]
id = "r"
effect = "ask"
on = "fs.write"
path = ["out/**", "log/*.txt"]
except = ["**/*.sh", "out/x/**"]
when = { bytes = { le = 10 }, actor = { in = ["ci", "me"] } }
hours = "Mon-Fri 08:00-18:00 UTC"
expires = 2027-03-31
`;
  const mutants = [...mutantsOf(tested(policy).data, BASE)];
  expect(mutants.map(({ rule, what }) => `${rule.ref.id}: ${what}`)).toEqual([
    "r: without the rule",
    "r: ask turned into allow",
    "r: ask turned into deny",
    "r: without `out/**`",
    "r: without `log/*.txt`",
    "r: `out/**` widened to `**`",
    "r: `log/*.txt` widened to `log/*`",
    "r: without `except`",
    "r: except without `out/x/**`",
    "r: except without `/**/*.sh`",
    "r: except `out/x/**` widened to `out/**`",
    "r: except `/**/*.sh` widened to `/**/*`",
    "r: without `bytes le 10`",
    "r: `bytes le 10` moved to `bytes le 11`",
    "r: `bytes le 10` moved to `bytes le 9`",
    "r: without `actor in ci, me`",
    "r: `actor in ci, me` without `ci`",
    "r: `actor in ci, me` without `me`",
    "r: without `expires`",
    "r: expires a millisecond later",
    "r: expires a millisecond earlier",
    "r: without `hours`",
    "r: hours from minute 480 moved to 481",
    "r: hours from minute 480 moved to 479",
    "r: hours to minute 1080 moved to 1081",
    "r: hours to minute 1080 moved to 1079",
  ]);
});

const some = (list: readonly string[]) => fc.uniqueArray(fc.constantFrom(...list), { maxLength: 3 });
const PATHS = ["src/**", "*.md", "out/*", "lib/{a,b}/**", "a?b/[xy]*", "~/n/**", "/opt/x", "**/*.txt"];
const HOSTS = ["api.x.com", "*.y.com", "https://z.com:8443/v1/**", "http://z.com:*"];
const NAMES = ["PATH", "LC_*", "A?B"];

/** Sections and rules of every kind, in few words so that they meet. */
const policies = fc
  .record({
    read: some(PATHS),
    write: some(PATHS),
    deny: some(["**/*.pem", "src/x/**", "*.md", "~/n/k"]),
    get: some(HOSTS),
    denyHosts: some(["*.x.com", "z.com"]),
    vars: some(NAMES),
    denyVars: some(["LC_X*", "PATH"]),
    rules: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom("r1", "r2", "r3"),
        effect: fc.constantFrom("allow", "ask", "deny"),
        on: fc.constantFrom("fs.write", "fs.*"),
        path: some(PATHS).filter((list) => list.length > 0),
        except: fc.constantFrom("", 'except = ["**/*.sh"]'),
        when: fc.constantFrom(
          "",
          "when = { bytes = { le = 10 } }",
          'when = { bytes = { gt = 3 }, actor = { eq = "ci" } }',
        ),
        more: fc.constantFrom("", "expires = 2027-03-31", 'hours = "Mon-Fri 08:00-18:00 Europe/Berlin"'),
      }),
      { selector: ({ id }) => id, maxLength: 2 },
    ),
  })
  .map(({ read, write, deny, get, denyHosts, vars, denyVars, rules }) => {
    const list = (key: string, entries: readonly string[]) => `${key} = ${JSON.stringify(entries)}`;
    return [
      ...["[filesystem]", list("read_allow", read), list("write_allow", write), list("deny", deny)],
      ...["[network]", list("http_get_allow", get), list("deny_hosts", denyHosts)],
      ...["[environment]", list("allow_vars", vars), list("deny_vars", denyVars)],
      ...rules.flatMap(({ id, effect, on, path, except, when, more }) => [
        ...["[[rule]]", `id = "${id}"`, `effect = "${effect}"`, `on = "${on}"`, list("path", path)],
        ...[except, when.includes("bytes") && on !== "fs.write" ? "" : when, more],
      ]),
      "",
    ].join("\n");
  });

test("each suggested test loads, passes on the policy, and kills its mutant", () => {
  let suggested = 0;
  let survived = 0;
  const check = (policy: string) => {
    const { data } = tested(policy);
    const named = new Map([...mutantsOf(data, BASE)].map((one) => [`${one.rule.ref.id} ${one.what}`, one]));
    for (const { rule, what, fate } of fatesIn(policy)) {
      if (fate.is !== "survived") continue;
      survived++;
      if (fate.suggestion === null) continue;
      suggested++;
      const [ready] = tested(policy + fate.suggestion.toml).ready;
      const answer = (one: PolicyData | undefined) =>
        one !== undefined && ready !== undefined && meets(ready.test.expect, answerTo(Policy.revive(one), ready.call));
      expect(answer(data), fate.suggestion.toml).toBe(true);
      expect(answer(named.get(`${rule.id} ${what}`)?.data), fate.suggestion.toml).toBe(false);
    }
  };
  fc.assert(fc.property(policies, check), { numRuns: 6, seed: 7 });
  expect(suggested / survived).toBeGreaterThan(0.9);
});
