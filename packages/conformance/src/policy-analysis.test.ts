/** `policy can`, `policy diff` and `[[never]]` as a person runs them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const NEVER = '[[never]]\nid = "writes stay below out"\non = ["fs.write"]\npath_not = ["out/**"]\n';
const place = new Workplace({
  "old.toml": `version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n${NEVER}`,
  "new.toml": `version = 1\n[filesystem]\nwrite_allow = ["out/**", "x"]\n[budget]\ncalls = 5\n${NEVER}`,
});
afterAll(() => place.remove());

describe("analysis of policies", () => {
  test("what no call can do is a no, and what one can do is a yes with the call and the rule", async () => {
    const no = await place.run([
      "policy",
      "can",
      "--policy",
      "old.toml",
      "--on",
      "fs.*",
      "--path",
      "src/**",
      "--fail-on",
      "ask",
    ]);
    expect(no).toMatchObject({ code: 0, stdout: "no, proved: no call of this kind is allowed or asked about\n" });
    const yes = await place.run([
      "policy",
      "can",
      "--policy",
      "old.toml",
      "--on",
      "fs.write",
      "--fail-on",
      "allow",
      "--json",
    ]);
    expect(yes.code).toBe(1);
    const { answer, proved, found } = JSON.parse(yes.stdout);
    expect({ answer, proved, rule: found[0].rule.id }).toEqual({
      answer: "yes",
      proved: true,
      rule: "filesystem.write_allow[0]",
    });
    expect(found[0].call).toMatch(/^fs\.write \/.*\/out$/);
  });

  test("what can be at one moment is answered for it, and a time that is none is refused", async () => {
    const ends = '[[rule]]\nid = "soon"\neffect = "allow"\non = "fs.write"\npath = "tmp"\nexpires = 2027-01-01\n';
    place.write("ends.toml", `version = 1\n${ends}`);
    const can = (...more: string[]) =>
      place.run(["policy", "can", "--policy", "ends.toml", "--on", "fs.write", ...more]);
    expect((await can()).stdout).toMatch(/^yes, allowed: fs\.write \/.*\/tmp now=/);
    expect((await can("--now", "2026-12-31T23:59")).stdout).toMatch(/\/tmp now=2026-12-31T23:59:00\.000Z\n/);
    const over = await can("--now", "2027-01-01", "--fail-on", "allow");
    expect(over).toMatchObject({ code: 0, stdout: "no, proved: no call of this kind is allowed or asked about\n" });
    expect(await can("--now", "noon")).toMatchObject({ code: 5, stdout: "" });
  });

  test("a diff names the rule, the call and the bound, and fails on what is wider", async () => {
    const diff = await place.run(["policy", "diff", "old.toml", "new.toml", "--fail-on", "widen"]);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(
      /^newly allowed\n {2}filesystem\.write_allow\[1\] \(new\.toml:3:\d+\)\n {4}wider: fs\.write \/.*\/x \(was deny, by default\)\nbounds\n {2}narrower: budget\.calls, not bounded -> 5\n$/,
    );
    const same = await place.run(["policy", "diff", "old.toml", "old.toml", "--fail-on", "any"]);
    expect(same).toMatchObject({ code: 0, stdout: "no difference, proved: every call gets the same answer\n" });
  });

  test("a diff is of what both answer under ceilings: what these close is not wider, in rules and bounds", async () => {
    const bounds = (more: string) => `version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n${more}`;
    place.write("tight.toml", bounds("[budget]\ncalls = 3\n"));
    place.write("loose.toml", 'version = 1\n[filesystem]\nwrite_allow = ["**"]\n[budget]\ncalls = 10\n');
    const diff = (...more: string[]) =>
      place.run(["policy", "diff", "old.toml", "new.toml", "--fail-on", "widen", ...more]);
    const none = await diff("--ceiling", "tight.toml");
    expect(none).toMatchObject({ code: 0, stdout: "no difference, proved: every call gets the same answer\n" });
    const wide = await diff("--ceiling", "loose.toml");
    expect(wide.code).toBe(1);
    expect(wide.stdout).toMatch(
      /wider: fs\.write \/.*\/x \(was deny, by default\)\nbounds\n {2}narrower: budget\.calls, 10 -> 5\n$/,
    );
    expect((await diff("--ceiling", "loose.toml", "--ceiling", "tight.toml")).code).toBe(0);
    const gone = await diff("--ceiling", "gone.toml");
    expect([gone.code, gone.stderr]).toEqual([5, expect.stringContaining("`gone.toml` does not load")]);
  });

  test("a [[never]] that does not hold is a problem at its line, with a call", async () => {
    expect((await place.run(["policy", "validate", "old.toml"])).code).toBe(0);
    const { code, stderr } = await place.run(["policy", "validate", "new.toml"]);
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^new\.toml:6:\d+: the `\[\[never\]\]` `writes stay below out` does not hold: `fs\.write \/.*\/x` is allowed/m,
    );
    const tested = await place.run(["policy", "test", "new.toml"]);
    expect(tested.code).toBe(1);
    expect(tested.stdout).toContain("1 [[never]], not all proved");
  });
});

describe("--strict holds a policy to its [[never]]s before anything runs", () => {
  const MARK = 'fs.write("out/ran", ""); print(1)';
  const under = (policy: string, ...more: string[]) => [
    ["run", "--policy", policy, ...more, "--strict", "mark.js"],
    ["check", "--policy", policy, ...more, "--strict", "mark.js"],
    ["mcp", "--policy", policy, ...more, "--strict"],
  ];
  const names = [..."ABCDEFGHI"];
  const tangle = names.map(
    (name) =>
      `[[rule]]\nid = "no-${name}"\neffect = "deny"\non = "subprocess.exec"\nwhen = { env = { contains = "${name}" } }\n`,
  );
  beforeAll(() => {
    place.write("mark.js", MARK);
    place.write("out/there", "");
    place.write(
      "open.toml",
      `version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n${tangle.join("")}[[never]]\non = "subprocess.exec"\n`,
    );
    place.write("inherits.toml", 'version = 1\ninherits = ["./old.toml"]\n[filesystem]\nwrite_allow = ["x"]\n');
    place.write("bounds.toml", 'version = 1\n[filesystem]\nread_allow = ["**"]\nwrite_allow = ["out/**"]\n');
    place.write("strict-bounds.toml", 'version = 1\n[filesystem]\nwrite_allow = ["**"]\n[[never]]\non = "fs.write"\n');
  });

  test.each([
    [
      "is broken",
      ["new.toml"],
      /^new\.toml:6:3: the `\[\[never\]\]` `writes stay below out` does not hold: `fs\.write \/.*\/x` is allowed, by filesystem\.write_allow\[1\] \(new\.toml:3\)/m,
    ],
    [
      "is inherited and broken",
      ["inherits.toml"],
      /^.*old\.toml:4:3: the `\[\[never\]\]` .* does not hold: `fs\.write \/.*\/x` is allowed/m,
    ],
    [
      "of a ceiling is broken",
      ["old.toml", "--ceiling", "strict-bounds.toml"],
      /^strict-bounds\.toml:4:3: a `\[\[never\]\]` does not hold: `fs\.write \/.*` is allowed/m,
    ],
    [
      "could not be proved",
      ["open.toml"],
      /^open\.toml:\d+:3: a `\[\[never\]\]` is not proved for subprocess\.exec: conditions on 9 names/m,
    ],
  ] as const)("and refuses one of which one %s", async (_, [policy, ...more], told) => {
    for (const words of under(policy, ...more)) {
      const { code, stdout, stderr } = await place.run(words);
      expect({ code, stdout }, stderr).toEqual({ code: 5, stdout: "" });
      expect(stderr).toMatch(told);
    }
    expect(place.has("out/ran")).toBe(false);
  });

  test("says so in the report, too", async () => {
    const { code, stdout } = await place.run(["--policy", "new.toml", "--strict", "--json", "mark.js"]);
    expect(code).toBe(5);
    const { error, problems } = JSON.parse(stdout);
    expect([error.code, problems]).toMatchObject(["E_POLICY_INVALID", [{ file: "new.toml", line: 6, column: 3 }]]);
  });

  test("and runs where each is proved, by the policy alone or since a ceiling closes what it leaves open", async () => {
    for (const words of [["old.toml"], ["new.toml", "--ceiling", "bounds.toml"]]) {
      const run = ["run", "--policy", ...words, "--strict", "mark.js"];
      expect(await place.run(run)).toMatchObject({ code: 0, stdout: "1\n" });
    }
    expect(await place.run(["run", "--policy", "new.toml", "mark.js"])).toMatchObject({ code: 0, stdout: "1\n" });
  });
});
