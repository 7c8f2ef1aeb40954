/** What is settled without a search is what a search would say. More of it: `LINT_RUNS=2000 npx vitest run settled --test-timeout=0`. */
import type { Policy, RuleData } from "@agent-run/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calls, policyOf, policyTexts, without } from "../analysis/generated.fixture.ts";
import { needs } from "../analysis/regions.ts";
import { Covers } from "./covers.ts";
import { NearRules } from "./near-rules.ts";
import { checkedOf } from "./policy.fixture.ts";
import { idleRules } from "./reach.ts";
import { TellingCalls } from "./telling-calls.ts";
import { isWiderName, isWiderPath } from "./wider-pattern.ts";

const runs = (numRuns: number) => ({ numRuns: Number(process.env.LINT_RUNS ?? numRuns) });

const loadedOrNull = (text: string): Policy | null => {
  try {
    return policyOf(text);
  } catch {
    return null;
  }
};

function byId(rules: readonly RuleData[]): readonly (readonly RuleData[])[] {
  const own = rules.filter(({ ref, use }) => ref.file !== undefined && use === undefined);
  const ids = new Set(own.map(({ ref }) => ref.id));
  return [...ids].map((id) => own.filter(({ ref }) => ref.id === id));
}

const isNeeded = (data: Policy["data"], id: string): boolean =>
  needs(data, ({ ref }) => ref.id === id).some(({ changes, unknown }) => changes.length + unknown.length > 0);

describe("on generated policies", () => {
  test("a rule that a call shows to be needed, or near rules say to be so, is needed among all rules", () => {
    fc.assert(
      fc.property(policyTexts, (text) => {
        const policy = loadedOrNull(text);
        fc.pre(policy !== null);
        const { data } = policy;
        const [telling, near] = [new TellingCalls(data, "/home/me"), new NearRules(data)];
        for (const parts of byId(data.rules).slice(0, 4)) {
          const id = parts[0]?.ref.id ?? "";
          const is = isNeeded(data, id);
          if (telling.isFound(parts)) expect(is, `${id} in\n${text}`).toBe(true);
          expect(isNeeded(near.of(parts), id), `${id} in\n${text}`).toBe(is);
        }
      }),
      runs(8),
    );
  });

  test("a rule that others plainly cover changes the answer to no call", () => {
    fc.assert(
      fc.property(policyTexts, calls, (text, some) => {
        const policy = loadedOrNull(text);
        fc.pre(policy !== null);
        const covers = new Covers(policy.data.rules);
        for (const parts of byId(policy.data.rules).filter((one) => covers.isCovered(one, true))) {
          const other = without(policy.data, parts[0]?.ref.id ?? "");
          for (const { request, circumstances } of some) {
            const answers = [policy, other].map((one) => one.decide(request, request, circumstances).effect);
            expect(answers[1], `${JSON.stringify(request)} in\n${text}`).toBe(answers[0]);
          }
        }
      }),
      runs(60),
    );
  });
});

describe("patterns are wider as they can be read", () => {
  test.each([
    ["/a/**", "/a"],
    ["/a/**", "/a/b/*.ts"],
    ["/**/*.ts", "/a/**/x*.ts"],
    ["/a/*", "/a/x?"],
    ["/a/x*y", "/a/xy"],
    ["/**/b/**", "/a/**/b/c"],
    ["/\u00e9*", "/\u00e9*"],
  ])("%s takes all of %s", (wider, pattern) => expect(isWiderPath(wider, pattern)).toBe(true));
  test.each([
    ["/a/*", "/a/**"],
    ["/a/*", "/a"],
    ["/a/x*xy", "/a/xy"],
    ["/a/*.ts", "/a/*"],
    ["/**/*.ts", "/a/**"],
    ["/a/?", "/a/b"],
    ["/*a", "/*e\u0301a"],
    ["/a/[xy]", "/a/x"],
  ])("%s is not known to take all of %s", (wider, pattern) => expect(isWiderPath(wider, pattern)).toBe(false));
  test("names of variables have no segments", () => {
    expect(isWiderName("A*", "A_*_B")).toBe(true);
    expect(isWiderName("A*A", "A")).toBe(false);
  });
});

const rule = (id: string, effect: string, more: string): string =>
  `[[rule]]\nid = "${id}"\neffect = "${effect}"\n${more}\n`;

describe("what looks covered and is not", () => {
  const CASES: readonly (readonly [title: string, policy: string])[] = [
    [
      "a denial keeps the directories above it, which a wider one with a wildcard does not",
      rule("grant", "allow", 'on = ["fs.delete"]\npath = ["a/**"]') +
        rule("wide", "deny", 'on = ["fs.delete"]\npath = ["a/*/x"]') +
        rule("r", "deny", 'on = ["fs.delete"]\npath = ["a/b/x"]'),
    ],
    [
      "a wider denial with the same condition on the path does not keep the directories between",
      rule("grant", "allow", 'on = ["fs.delete"]\npath = ["a/**"]') +
        rule("wide", "deny", 'on = ["fs.delete"]\npath = ["a/**"]\nwhen = { path = { ends_with = ".key" } }') +
        rule("r", "deny", 'on = ["fs.delete"]\npath = ["a/b/x.key"]\nwhen = { path = { ends_with = ".key" } }'),
    ],
    [
      "a wider grant has a condition",
      rule("wide", "allow", 'on = ["fs.write"]\npath = ["a/**"]\nwhen = { bytes = { le = 5 } }') +
        rule("r", "allow", 'on = ["fs.write"]\npath = ["a/b/x"]'),
    ],
    [
      "a wider denial has a condition",
      rule("wide", "deny", 'on = ["fs.write"]\npath = ["a/**"]\nwhen = { bytes = { gt = 5 } }') +
        rule("r", "allow", 'on = ["fs.write"]\npath = ["a/b/x"]'),
    ],
    [
      "a wider host is granted on another port",
      rule("wide", "allow", 'on = ["net.http_get"]\nhost = ["*.example.com:8443"]') +
        rule("r", "allow", 'on = ["net.http_get"]\nhost = ["a.example.com"]'),
    ],
    [
      "a wider grant is about less",
      rule("wide", "allow", 'on = ["fs.read"]\npath = ["a/**"]') +
        rule("r", "allow", 'on = ["fs.read", "fs.write"]\npath = ["a/b/x"]'),
    ],
    [
      "a local-only entry that a denial covers keeps others from deleting it",
      `[filesystem]\nlocal_only_read = ["a/x*.ts"]\ndelete_allow = ["a/*.ts"]\n${rule("wide", "deny", 'on = ["fs.read"]\npath = ["a/**"]')}`,
    ],
  ];
  test.each(CASES)("%s", (_, text) => {
    const { data } = checkedOf(text);
    const found = idleRules(data, { home: "/home/me" }).map(({ rule: { id } }) => id);
    expect(found).not.toContain("r");
    expect(found).not.toContain("filesystem.local_only_read[0]");
  });

  test("two denials that keep the same directory are near each other", () => {
    const { data } = checkedOf(
      rule("one", "deny", 'on = ["fs.delete"]\npath = ["a/b"]') +
        rule("other", "deny", 'on = ["fs.delete"]\npath = ["a/c"]'),
    );
    const near = new NearRules(data).of(data.rules.filter(({ ref }) => ref.id === "one"));
    expect(near.rules.map(({ ref }) => ref.id)).toContain("other");
  });

  test("a question that is no deeper than the pattern it has in common", () => {
    const [wide, deep] = [false, true].map(
      (below, at): RuleData => ({
        ref: { id: `r${at}` },
        effect: "ask",
        on: ["fs.read"],
        match: { kind: "path", patterns: ["/a"], below },
      }),
    ) as [RuleData, RuleData];
    expect(new Covers([wide, deep]).isCovered([deep], true)).toBe(false);
    expect(new Covers([wide, deep]).isCovered([wide], true)).toBe(true);
  });
});

test("where the effort does not suffice, that is told and nothing else", () => {
  const { data } = checkedOf('[filesystem]\nread_allow = ["a/[xy]", "a/?"]');
  const idOf = (steps?: number) =>
    idleRules(data, { home: "/home/me", ...(steps === undefined ? {} : { steps }) }).map(
      ({ lint, rule: { id } }) => `${lint} ${id}`,
    );
  expect(idOf()).toEqual(["redundant filesystem.read_allow[0]"]);
  expect(idOf(1)).toEqual(["unexamined filesystem.read_allow[0]"]);
});
