import type { Decision, PolicyTest } from "@agent-run/policy";
import { expect, test } from "vitest";
import { junitOf, titleOf } from "./junit.ts";

const decision: Decision = {
  effect: "deny",
  code: "E_POLICY_DENIED",
  rule: { id: "default" },
  matched: [],
  layer: "policy",
};

const testOf = (name: string | null, path = "a"): PolicyTest => ({
  name,
  given: { call: { on: "fs.read", path }, circumstances: { now: null, actor: null } },
  expect: { effect: "allow" },
  at: { file: "a & b.toml", line: 3, column: 1 },
});

const resultOf = (name: string | null, passed: boolean, path?: string) => ({
  test: testOf(name, path),
  passed,
  decision,
  differences: passed ? [] : ["expected allow, got deny"],
  near: passed ? null : "near <cause>",
});

/** A reader of the XML that is written here: elements, attributes, entities; everything else is an error. */
function wellFormed(xml: string): boolean {
  const entity = "&(?:amp|lt|gt|quot|apos|#9|#10);";
  const attribute = `\\s[a-z]+="(?:[^<&"]|${entity})*"`;
  const token = new RegExp(`<(/?)([a-z]+)((?:${attribute})*)(/?)>|((?:[^<>&]|${entity})+)`, "y");
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  if (!xml.startsWith(head) || /(?![\n\t])[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(xml)) return false;
  const open: string[] = [];
  for (let at = head.length; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(xml);
    if (found === null) return false;
    const [, close, name = "", , empty] = found;
    if (name === "") continue;
    if (close === "/") {
      if (open.pop() !== name) return false;
    } else if (empty !== "/") open.push(name);
  }
  return open.length === 0;
}

test("results are suites of cases with places, and failures say what differs, by which rule, and what was near", () => {
  const xml = junitOf([{ policy: "p.toml", results: [resultOf("good", true), resultOf(null, false)] }]);
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="agent-run policy test" tests="2" failures="1" errors="0">
  <testsuite name="p.toml" tests="2" failures="1" errors="0">
    <testcase name="good" classname="p.toml" file="a &amp; b.toml" line="3"/>
    <testcase name="fs.read a" classname="p.toml" file="a &amp; b.toml" line="3">
      <failure message="expected allow, got deny" type="policy">a &amp; b.toml:3&#10;expected allow, got deny&#10;decided by default&#10;near &lt;cause&gt;</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  expect(wellFormed(xml)).toBe(true);
});

test.each([
  ["markup", '"><script>&amp;</testcase>]]>'],
  ["control characters", "a\u0000\u001b[2J\r\n\tb\u0085"],
  ["halves of pairs", "\ud800 \udfff"],
  ["what XML can not hold", "\ufffe\uffff"],
  ["a huge name", "<".repeat(100_000)],
])("a name of %s stays inside its attribute", (_title, name) => {
  const results = [resultOf(name, false), resultOf(null, true, name)];
  const xml = junitOf([{ policy: name, results }]);
  expect(wellFormed(xml)).toBe(true);
  expect(xml.match(/<testcase /g)).toHaveLength(2);
});

test("a test without a name is called by its call", () => {
  const given = {
    call: { on: "subprocess.exec", argv: ["git", "push"], bytes: 3 },
    circumstances: { now: null, actor: null },
  };
  expect(titleOf({ ...testOf(null), given })).toBe("subprocess.exec git push bytes=3");
});
