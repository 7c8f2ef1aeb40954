/** `policy test` and `--strict`, as a person or a build server uses them; and the example that comes with tests. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

const example = (name: string) => readFileSync(join(ROOT, "examples/policy-tests", name), "utf8");

const WRONG = `version = 1
[filesystem]
read_allow = ["src/**"]
[[test]]
name = "nothing is read"
given = "fs.read src/a"
expect = { effect = "deny", rule = "default" }
`;

let place: Workplace;
beforeAll(() => {
  place = new Workplace({
    "agent-run.toml": example("agent-run.toml"),
    "agent-run.test.toml": example("agent-run.test.toml"),
    "wrong/wrong.toml": WRONG,
    "none/none.toml": "version = 1\n[filesystem]\nread_allow = ['a']\n",
    "broken/broken.toml": "version = 1\n",
    "broken/broken.test.toml": '[[test]]\ngiven = "fs.read a"\nexpect = "denied"\n',
    "nul/nul.toml": "version = 1\n",
    "nul/nul.test.toml": '[[test]]\ngiven = { on = "fs.read", path = "a\\u0000b" }\nexpect = "deny"\n',
    "drawn/drawn.toml": `version = 1\n[[test]]\nname = "\\u001b[2J\\u202egood\\nok"\ngiven = "fs.read a"\nexpect = "allow"\n`,
    "hello.js": "print(1)",
  });
});
afterAll(() => place.remove());

const policyTest = (...words: string[]) => place.run(["policy", "test", ...words]);

test("the example's tests pass, see every rule from both sides, and notice every slip; the docs and its README show so", async () => {
  const { code, stdout, stderr } = await policyTest("--coverage", "--min", "100", "--min-mutation", "100");
  expect(stdout + stderr).toBe(`ok: agent-run.toml: 17 tests, 17 passed, 0 failed
coverage: 100 % (16 of 16 outcomes), 6 of 6 rules seen from both sides
mutation: 100 % (26 of 26 mutants noticed; 0 more change no answer)
`);
  expect(code).toBe(0);
  const shown = `$ agent-run policy test --coverage --mutation\n${stdout}`;
  expect(example("README.md")).toContain(shown);
  expect(readFileSync(join(ROOT, "docs/policy-tools.md"), "utf8")).toContain(shown);
});

test("without one of its tests what it saw and noticed is named, with a test that notices it again", async () => {
  const tests = example("agent-run.test.toml").replace(/\[\[table\]\]\nname = "beyond the bound"[^[]*\[[^[]*/, "");
  place.write("less/agent-run.toml", example("agent-run.toml"));
  place.write("less/agent-run.test.toml", tests);
  const { code, stdout, stderr } = await policyTest("less/agent-run.toml", "--min", "100", "--min-mutation", "100");
  expect(stdout).toContain("  small-reports (less/agent-run.toml:12): no test sees `bytes le 1MB` false\n");
  expect(stdout).toContain(
    `survived small-reports (less/agent-run.toml:12): \`bytes le 1MB\` moved to \`bytes le 1000001\`; a test that notices it:
[[test]]
given = { on = "fs.write", path = "out/x", bytes = 1000001 }
expect = "deny"
`,
  );
  expect(stderr).toBe("coverage is below 100 %\nthe mutation score is below 100 %\n");
  expect(code).toBe(1);
});

describe("a failing test", () => {
  const LINE =
    "wrong/wrong.toml:4: nothing is read: expected deny, got allow, expected rule `default`, got `filesystem.read_allow[0]`" +
    " by `filesystem.read_allow[0]` (wrong/wrong.toml:3)";

  test("is a line with its place, what was expected, what came, by which rule", async () => {
    const { code, stdout } = await policyTest("wrong/wrong.toml");
    expect(stdout).toContain(`FAIL ${LINE}`);
    expect(stdout).toContain("failed: wrong/wrong.toml: 1 test, 0 passed, 1 failed\n");
    expect(code).toBe(1);
  });

  test("is in the report of --json, and in JUnit's XML, which replaces such a report and nothing else", async () => {
    const { stdout } = await policyTest("wrong/wrong.toml", "--json", "--junit", "report.xml");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitCode: 1,
      policies: [{ tests: [{ name: "nothing is read", passed: false, got: { effect: "allow" } }], coverage: null }],
    });
    expect(place.read("report.xml")).toContain('<testsuite name="wrong/wrong.toml" tests="1" failures="1" errors="0">');
    expect((await policyTest("wrong/wrong.toml", "--junit", "report.xml")).code).toBe(1);
    const before = place.read("agent-run.toml");
    const refused = await policyTest("--junit", "agent-run.toml");
    expect(refused.code).toBe(5);
    expect(place.read("agent-run.toml")).toBe(before);
    // A checkout may hold any link.
    symlinkSync("elsewhere.xml", join(place.directory, "link.xml"));
    expect((await policyTest("--junit", "link.xml")).code).toBe(5);
    expect(place.has("elsewhere.xml")).toBe(false);
  });

  test("is decided under ceilings, and a failing one names whose rule decided", async () => {
    place.write("under/p.toml", WRONG.replace('effect = "deny", rule = "default"', 'effect = "allow"'));
    place.write("under/wide.toml", 'version = 1\n[filesystem]\nread_allow = ["src/**", "docs/**"]\n');
    place.write("under/narrow.toml", 'version = 1\n[filesystem]\nread_allow = ["docs/**"]\n');
    const ceilings = (...names: string[]) => names.flatMap((name) => ["--ceiling", `under/${name}.toml`]);
    const layer = `ceiling:${place.directory}/under/narrow.toml`;
    expect((await policyTest("under/p.toml", ...ceilings("wide"))).code).toBe(0);
    const { code, stdout } = await policyTest("under/p.toml", ...ceilings("wide", "narrow"));
    expect(code).toBe(1);
    expect(stdout).toContain(`expected allow, got deny by \`default\` of ${layer}`);
    const report = await policyTest("under/p.toml", ...ceilings("narrow"), "--json");
    expect(JSON.parse(report.stdout).policies[0].tests[0].got.layer).toBe(layer);
    const strict = (...more: string[]) =>
      place.run(["run", "--policy", "under/p.toml", "--strict", ...more, "hello.js"]);
    expect((await strict(...ceilings("wide"))).code).toBe(0);
    expect(await strict(...ceilings("narrow"))).toMatchObject({ code: 5, stdout: "" });
    expect(await policyTest("under/p.toml", ...ceilings("gone"))).toMatchObject({ code: 5, stdout: "" });
  });

  test("of a ceiling are no tests of a policy that has none; its [[never]]s are held against what both answer", async () => {
    const never = '[[never]]\non = "fs.write"\n';
    place.write("above/none.toml", 'version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n');
    place.write(
      "above/one.toml",
      `version = 1\n[[test]]\ngiven = "fs.read a"\nexpect = "deny"\n[filesystem]\nwrite_allow = ["out/**"]\n`,
    );
    place.write(
      "above/ceiling.toml",
      `version = 1\n${WRONG.slice(WRONG.indexOf("[[test]]"))}${never}[filesystem]\nwrite_allow = ["out/**"]\n`,
    );
    const none = await policyTest("above/none.toml", "--ceiling", "above/ceiling.toml");
    expect([none.code, none.stderr]).toEqual([5, expect.stringContaining("there are no tests")]);
    const one = await policyTest("above/one.toml", "--ceiling", "above/ceiling.toml");
    expect(one.code).toBe(1);
    expect(one.stdout).toContain("1 test, 1 passed, 0 failed; 1 [[never]], not all proved");
  });

  test("refuses the load with --strict, of a run, a check, a server and a validation; without it nothing of it is said", async () => {
    const policy = ["--policy", "wrong/wrong.toml"];
    const all = [
      ["run", ...policy, "--strict", "hello.js"],
      ["check", ...policy, "--strict", "hello.js"],
      ["mcp", ...policy, "--strict"],
      ["policy", "validate", "--strict", "wrong/wrong.toml"],
    ];
    for (const words of all) {
      const { code, stdout, stderr } = await place.run(words);
      expect({ code, stdout }, stderr).toEqual({ code: 5, stdout: "" });
      expect(stderr).toContain("wrong/wrong.toml:4:3: nothing is read: expected deny, got allow");
    }
    expect(await place.run(["run", ...policy, "hello.js"])).toMatchObject({ code: 0, stdout: "1\n" });
    expect((await place.run(["run", "--policy", "agent-run.toml", "--strict", "hello.js"])).code).toBe(0);
  });
});

test.each([
  ["a file of tests that does not load", ["broken/broken.toml"], "broken/broken.test.toml:3:10: `denied` is no answer"],
  ["a test whose call is none", ["nul/nul.toml"], "nul/nul.test.toml:1:3: no call: "],
  ["a policy that is not there", ["gone.toml"], "it does not exist"],
  ["no test at all", ["none/none.toml"], "there are no tests"],
  ["a filter that nothing passes", ["--filter", "zzz"], "no test has `zzz` in its name or call"],
  ["a threshold that is no number", ["--min", "much"], "must be a number from 0 to 100"],
  ["two reports on standard output", ["--json", "--junit", "-"], "both want standard output"],
])("%s ends with 5, and says what is wrong", async (_title, words, says) => {
  const { code, stderr } = await policyTest(...words);
  expect(code, stderr).toBe(5);
  expect(stderr).toContain(says);
});

test("a filter takes some of the tests, and JUnit's XML can be all of the output", async () => {
  const { code, stdout } = await policyTest("--filter", "at the bound", "--junit", "-");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<\?xml .*tests="1" failures="0".*<\/testsuites>\n$/s);
});

test("the name of a test can not draw on the terminal", async () => {
  const { stdout } = await policyTest("drawn/drawn.toml");
  expect(stdout).toContain("drawn/drawn.toml:2: \\u001b[2J\\u202egood\\nok: expected allow, got deny by `default`");
});

test("a policy without tests is told which ones to write", async () => {
  const { code, stdout } = await policyTest("none/none.toml", "--mutation");
  expect(code).toBe(0);
  expect(stdout).toContain('[[test]]\ngiven = { on = "fs.read", path = "a" }\nexpect = "allow"\n');
});
