/** `policy can`, `policy diff` and `[[never]]` as a person runs them. */
import { afterAll, describe, expect, test } from "vitest";
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

  test("a diff names the rule, the call and the bound, and fails on what is wider", async () => {
    const diff = await place.run(["policy", "diff", "old.toml", "new.toml", "--fail-on", "widen"]);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(
      /^newly allowed\n {2}filesystem\.write_allow\[1\] \(new\.toml:3:\d+\)\n {4}wider: fs\.write \/.*\/x \(was deny, by default\)\nbounds\n {2}narrower: budget\.calls, not bounded -> 5\n$/,
    );
    const same = await place.run(["policy", "diff", "old.toml", "old.toml", "--fail-on", "any"]);
    expect(same).toMatchObject({ code: 0, stdout: "no difference, proved: every call gets the same answer\n" });
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
