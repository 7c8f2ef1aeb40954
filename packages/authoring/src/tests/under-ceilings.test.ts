/** Tests, coverage and mutants of a policy that ceilings bound: what both answer, of rules of the policy alone. */
import { expect, test } from "vitest";
import { coverageOf } from "./coverage.ts";
import { mutantsOf } from "./mutant.ts";
import { fatesOf, scoreOf } from "./mutation.ts";
import { BASE, tested } from "./policy.fixture.ts";
import { runTests } from "./run-tests.ts";

const RULE = `[[rule]]
id = "reads"
effect = "allow"
on = "fs.read"
path = ["src/**", "docs/**"]
`;
const TESTS = [
  ["src/a", "allow"],
  ["docs/a", "allow"],
  ["x", "deny"],
].map(([path, effect]) => `[[test]]\ngiven = "fs.read ${path}"\nexpect = "${effect}"\n`);
const POLICY = RULE + TESTS.join("");

const under = (...ceilings: string[]) => {
  const { data, ready } = tested(POLICY);
  return { data: { ...data, ceilings: ceilings.map((text) => tested(text).data) }, ready };
};

test("a test is decided by the policy and its ceilings together, and a failure says whose rule it was", () => {
  const told = ({ data, ready }: ReturnType<typeof under>) =>
    runTests(data, ready).map(({ passed, decision, near }) => [passed, decision.layer, near]);
  expect(told(under())).toEqual([
    [true, "policy", null],
    [true, "policy", null],
    [true, "policy", null],
  ]);
  const bound = under('[filesystem]\nread_allow = ["src/**"]');
  expect(told(bound)).toEqual([
    [true, "policy", null],
    [
      false,
      "ceiling:/work/proj/agent-run.toml",
      "`reads` (agent-run.toml:2) matches, and `default` of ceiling:/work/proj/agent-run.toml decides",
    ],
    [true, "policy", null],
  ]);
});

test("mutants are of the policy's rules, not of a ceiling's; one that a ceiling hides changes no answer", () => {
  const free = under();
  const bound = under('[filesystem]\nread_allow = ["src/**", "docs/a"]\ndeny = ["src/secret"]');
  const slips = ({ data }: typeof free) =>
    [...mutantsOf(data, BASE)].map(({ rule, what }) => `${rule.ref.id}: ${what}`);
  expect(slips(bound)).toEqual(slips(free));
  const score = ({ data, ready }: typeof free) => scoreOf([...fatesOf(data, ready, BASE)]);
  expect(score(bound).equivalent).toBeGreaterThan(score(free).equivalent);
  expect(
    coverageOf(
      bound.data,
      bound.ready.map(({ call }) => call),
    ),
  ).toEqual(
    coverageOf(
      free.data,
      free.ready.map(({ call }) => call),
    ),
  );
});

test("a suggested test is one that both together answer so", () => {
  const { data } = under('[filesystem]\nread_allow = ["docs/**"]');
  const survived = [...fatesOf(data, [], BASE)].flatMap(({ fate }) =>
    fate.is === "survived" ? [fate.suggestion] : [],
  );
  expect(survived.length).toBeGreaterThan(0);
  for (const suggestion of survived) {
    const { ready } = tested(`${RULE}${suggestion?.toml ?? expect.unreachable("nothing was suggested")}`);
    expect(runTests(data, ready)).toMatchObject([{ passed: true }]);
  }
  const below = survived
    .map((suggestion) => String(suggestion?.given.call.path))
    .filter((path) => path.startsWith("src"));
  expect(below).toEqual([]);
});
