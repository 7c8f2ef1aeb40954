import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explanationDetails, explanationForModel } from "./explanation-text.ts";
import { Policy } from "./policy.ts";
import { pathRequest, policyOf, ROOT, requestFor } from "./testing/policy-of.ts";

const NOON = { now: Date.parse("2026-12-01T12:00:00Z"), actor: "release-bot" };

const policy = policyOf(`requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**"]
delete_allow = ["out/**"]
deny = ["src/private/**"]
[[rule]]
id = "small-reports"
effect = "allow"
on = ["fs.write"]
path = ["out/**"]
except = ["**/*.sh"]
when = { bytes = { le = "1MB" }, actor = { eq = "release-bot" } }
expires = 2027-03-31
advice = "write below out/ instead"
[[rule]]
id = "night"
effect = "deny"
on = ["fs.*"]
hours = "Mon-Sun 22:00-06:00 UTC"
[[rule]]
id = "api"
effect = "allow"
on = ["net.http_get"]
host = ["api.example.com"]
[[rule]]
id = "inside"
effect = "deny"
on = ["net.*"]
when = { address = { cidr = ["10.0.0.0/8"] } }
`);

const write = (path: string, bytes?: number) => {
  const request = pathRequest("fs.write", path);
  return bytes === undefined ? request : { ...request, attrs: { bytes } };
};

const missesOf = (request: ReturnType<typeof write>, around = NOON) =>
  policy
    .explain(request, around)
    .nearMisses.map(({ rule, effect, failed }) => `${effect} ${rule.id}: ${failed.map(({ says }) => says).join("; ")}`);

describe("an explanation", () => {
  test("has the very answer that a run gets", () => {
    for (const request of [write("out/a", 1), write("out/a", 2_000_000), pathRequest("fs.read", "src/a")])
      expect(policy.explain(request, NOON).decision).toEqual(policy.decide(request, request, NOON));
  });

  test("names all that matched, with place and layer", () => {
    const { targets } = policy.explain(pathRequest("fs.delete", "out/x"), NOON);
    expect(targets).toMatchObject([
      {
        effect: "ask",
        rule: { id: "requires_approval[0]" },
        matched: [
          { rule: { id: "requires_approval[0]", line: 2, column: 22 }, effect: "ask", layer: "policy" },
          { rule: { id: "filesystem.delete_allow[0]", line: 5, column: 17 }, effect: "allow", layer: "policy" },
        ],
      },
    ]);
  });

  test("names the condition that failed, and what the call has instead", () => {
    expect(missesOf(write("out/a", 1_400_000))).toEqual([
      "allow small-reports: `bytes` was 1400000, and the rule takes at most 1000000",
    ]);
    expect(missesOf(write("out/a"))).toEqual([
      "allow small-reports: `bytes` is not known, and the rule takes at most 1000000",
    ]);
    expect(missesOf(write("out/a.sh", 1))).toEqual(["allow small-reports: the rule leaves out /**/*.sh"]);
    expect(missesOf(write("out/a", 1), { ...NOON, actor: "somebody" })).toEqual([
      "allow small-reports: `actor` was somebody, and the rule takes release-bot",
    ]);
  });

  test("names several that failed, and puts the rule with the fewest first", () => {
    const [first = ""] = missesOf(write("out/a.sh", 2_000_000), { now: Date.parse("2027-04-01T12:00Z"), actor: "x" });
    expect(first.split("; ")).toHaveLength(4);
  });

  test("names grants of other places where nothing speaks of this one, those that are nearest", () => {
    expect(missesOf(pathRequest("fs.read", "lib/a"))).toEqual([
      `allow filesystem.read_allow[0]: \`path\` was ${ROOT}/lib/a, and the rule is about ${ROOT}/src/**`,
    ]);
  });

  test("of an allowed call names the denials that could have spoken", () => {
    expect(missesOf(pathRequest("fs.read", "src/a"))).toEqual([
      "deny night: the time was 2026-12-01T12:00:00Z, and the rule speaks at 22:00-06:00 UTC",
    ]);
  });

  test("of a call that a rule denies has no near misses, as nothing beats a denial", () => {
    const { decision, nearMisses, remedy } = policy.explain(pathRequest("fs.read", "src/private/x"), NOON);
    expect(decision.rule.id).toBe("filesystem.deny[0]");
    expect(nearMisses).toEqual([]);
    expect(remedy).toContain("no grant opens a denial");
  });

  test("says what would allow it: the conditions of the grant that nearly matched, before anything else", () => {
    expect(policy.explain(write("out/a", 1_400_000), NOON).remedy).toBe(
      "a call with `bytes` le 1000000, by rule `small-reports`; or write below out/ instead",
    );
    expect(policy.explain(pathRequest("fs.delete", "out/x"), NOON).remedy).toMatch(/^a person's yes, each time/);
    expect(policy.explain(pathRequest("fs.read", "src/a"), NOON).remedy).toBe("it is allowed");
  });

  test("says when it would be allowed, where it is the time that is not right", () => {
    const rule = (more: string) =>
      policyOf(`[[rule]]\nid = "r"\neffect = "allow"\non = "fs.read"\npath = "a"\n${more}\n`);
    const remedy = (more: string) => rule(more).explain(pathRequest("fs.read", "a"), NOON).remedy;
    expect(remedy("expires = 2020-01-01")).toMatch(/^a call with `now` before 2020-01-01T00:00:00Z, by rule `r`/);
    expect(remedy('hours = "22:00-06:00 UTC"')).toMatch(/^a call with `now` within 22:00-06:00 UTC, by rule `r`/);
  });

  test("of an address speaks of the URL that it belongs to", () => {
    const on = "net.http_get" as const;
    const url = { on, role: "connect", kind: "url", value: "https://api.example.com/x" } as const;
    const address = { on, role: "connect", kind: "address", value: "10.1.2.3" } as const;
    const { targets } = policy.explain(requestFor(on, [url, address], { method: "GET" }), NOON);
    expect(targets.map(({ effect, matched }) => [effect, matched.map(({ rule }) => rule.id)])).toEqual([
      ["allow", ["api"]],
      ["deny", ["api", "inside"]],
    ]);
  });

  test("says of whom: ceilings have their own rules", () => {
    const ceiling = policyOf('[filesystem]\nread_allow = ["docs/**"]').data;
    const under = Policy.revive({ ...policy.data, ceilings: [ceiling] });
    const { targets, nearMisses } = under.explain(pathRequest("fs.read", "src/a"), NOON);
    expect(targets).toMatchObject([{ effect: "deny", matched: [{ layer: "policy" }] }]);
    expect(nearMisses).toMatchObject([
      { rule: { id: "filesystem.read_allow[0]" }, layer: expect.stringMatching(/^ceiling:/) },
    ]);
  });

  test("is there for every call, also one that nobody could read", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("path", "url", "variable", "command", "address"), (value, kind) => {
        const request = requestFor("fs.read", [{ on: "fs.read", role: "read", kind, value }]);
        const { decision, targets } = policy.explain(request, NOON);
        expect(targets).toHaveLength(1);
        expect(decision).toEqual(policy.decide(request, request, NOON));
      }),
      { numRuns: 200 },
    );
  });
});

describe("in words", () => {
  test("for people: who had a say, who nearly had, what would allow it, the canonical form", () => {
    const lines = explanationDetails(policy.explain(write("out/a", 1_400_000), NOON));
    expect(lines).toEqual([
      `fs.write write ${ROOT}/out/a: deny, by default`,
      "near misses",
      `  would allow  small-reports (${ROOT}/agent-run.toml:7:3): \`bytes\` was 1400000, and the rule takes at most 1000000`,
      "to allow it: a call with `bytes` le 1000000, by rule `small-reports`; or write below out/ instead",
      `canonical form: {"attrs":{"bytes":1400000},"labels":[],"on":"fs.write","targets":[{"kind":"path","on":"fs.write","role":"write","value":"${ROOT}/out/a"}],"v":1}`,
    ]);
  });

  test("for a model: that it is a decision, and what to do instead", () => {
    const text = explanationForModel(policy.explain(write("lib/a", 1), NOON));
    expect(text).toContain("This is a decision of the policy, not an error");
    expect(text.trim().split("\n")).toHaveLength(2);
    expect(explanationForModel(policy.explain(pathRequest("fs.read", "src/a"), NOON))).toBe(
      "allowed by rule filesystem.read_allow[0]\n",
    );
    expect(explanationForModel(policy.explain(pathRequest("fs.delete", "out/x"), NOON))).toContain(
      "a person has to approve this call",
    );
  });
});
