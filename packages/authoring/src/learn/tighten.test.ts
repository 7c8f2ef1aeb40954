/** What records say that a policy need not grant, and how its text looks without that. */
import { type JsonObject, toolRequest } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { readRecordedRun } from "./recorded-run.ts";
import {
  commandRequest,
  type Entry,
  load,
  pathRequest,
  policyOf,
  ROOT,
  recordsOf,
  urlRequest,
} from "./records.fixture.ts";
import { type Proposal, tighten } from "./tighten.ts";
import { tightenedText } from "./tightened-text.ts";

function proposals(text: string, runs: readonly (readonly Entry[])[]): readonly Proposal[] {
  const { data } = policyOf(text).withCommands([{ name: "git", path: "/usr/bin/git", dev: 0, ino: 0 }]);
  const read = runs.map((entries, at) => readRecordedRun(recordsOf(`run${at}`, entries)));
  return tighten({ policy: data, bare: policyOf("version = 1").data, homes: ["/home/me"], runs: read });
}

const read = (path: string, more: Partial<Entry> = {}): Entry => ({
  request: pathRequest("fs.read", `${ROOT}/${path}`),
  ...more,
});

const POLICY = `version = 1
[filesystem]
read_allow = ["src/**", "old/**"]  # what we read
deny = ["src/private"]
[network]
http_get_allow = ["api.example.com", "old.example.com"]
[subprocess]
allow_commands = ["git"]
[environment]
allow_vars = ["LANG"]

# reports
[[rule]]
id = "reports"
effect = "allow"
on = ["fs.write"]
path = ["out/**"]
expires = 2020-01-01

# never
[[rule]]
id = "never"
effect = "deny"
on = ["fs.read"]
path = ["x"]
`;

describe("a grant of tools", () => {
  const tools = (on: string) => `version = 1\n[[rule]]\nid = "tools"\neffect = "allow"\non = ["${on}"]\n`;
  const called: Entry = {
    request: JSON.parse(JSON.stringify(toolRequest("payments.refund", { amount: 5 }, null))) as JsonObject,
  };

  test("stays while any of them was called, and can go once none was", () => {
    expect(proposals(tools("tool.payments.*"), [[called]])).toEqual([]);
    expect(proposals(tools("tool.billing.*"), [[called]])).toMatchObject([{ kind: "remove", rule: "tools" }]);
  });
});

describe("a grant", () => {
  test("that nothing used can go; denials and questions about everything stay", () => {
    const found = proposals(`${POLICY.replace("version = 1", 'version = 1\nrequires_approval = ["fs.delete"]')}`, [[]]);
    expect(found.map(({ kind, rule }) => `${kind} ${rule}`)).toEqual([
      "remove filesystem.read_allow[0]",
      "remove filesystem.read_allow[1]",
      "remove network.http_get_allow[0]",
      "remove network.http_get_allow[1]",
      "remove subprocess.allow_commands[0]",
      "remove environment.allow_vars[0]",
      "remove reports",
    ]);
    expect(found.every(({ calls, last }) => calls === 0 && last === null)).toBe(true);
  });

  test("that was used stays, at whatever time; how often and when it was last is told", () => {
    const write = { request: pathRequest("fs.write", `${ROOT}/out/a`) };
    const found = proposals(POLICY, [
      [read("old/x"), write],
      [write, { request: commandRequest("git", "log") }],
    ]);
    const rules = found.filter(({ kind }) => kind === "remove").map(({ rule }) => rule);
    expect(rules).not.toContain("reports");
    expect(rules).not.toContain("subprocess.allow_commands[0]");
    expect(found.find(({ rule }) => rule === "reports")).toMatchObject({
      kind: "narrow",
      calls: 2,
      runs: 2,
      instead: ["out/a"],
    });
  });

  test("is not used by what was denied, nor by the question that nobody answered", () => {
    const found = proposals(POLICY, [[read("src/a", { decision: "deny" }), read("src/b", { decision: "ask" })]]);
    expect(found.map(({ rule }) => rule)).toContain("filesystem.read_allow[0]");
  });

  test("of an origin is used by what was asked of it", () => {
    const found = proposals(POLICY, [[{ request: urlRequest("https://api.example.com/v1") }]]);
    const gone = found.filter(({ kind }) => kind === "remove").map(({ rule }) => rule);
    expect(gone.filter((rule) => rule.startsWith("network"))).toEqual(["network.http_get_allow[1]"]);
  });

  test("that is wide is proposed as wide as its use, and not where that is no shorter to say", () => {
    const narrowed = (...paths: string[]) =>
      proposals(POLICY, [paths.map((path) => read(path))]).find(({ rule }) => rule === "filesystem.read_allow[0]");
    expect(narrowed("src/a.ts", "src/b.ts", "src/c.ts")?.instead).toEqual(["src/*.ts"]);
    expect(narrowed("src/a.ts", "src/lib/b.ts")?.instead).toEqual(["src/a.ts", "src/lib/b.ts"]);
    expect(narrowed(...Array.from({ length: 11 }, (_, n) => `src/${n}/x`))).toBe(undefined);
    expect(narrowed("src/a*")?.instead).toEqual(["src/a\\*"]);
  });
});

describe("the text", () => {
  const without = (text: string, runs: readonly (readonly Entry[])[]): string | null => {
    const known = policyOf(text).data.rules.flatMap(({ ref }) => (ref.file === undefined ? [] : [ref]));
    return tightenedText(text, proposals(text, runs), known);
  };

  test("loses what goes, with what is said above it, and nothing else", () => {
    expect(without(POLICY, [[read("src/a.ts")]])).toBe(`version = 1
[filesystem]
read_allow = ["src/a.ts"]  # what we read
deny = ["src/private"]
[network]
http_get_allow = []
[subprocess]
allow_commands = []
[environment]
allow_vars = []


# never
[[rule]]
id = "never"
effect = "deny"
on = ["fs.read"]
path = ["x"]
`);
  });

  test.each([
    ["a list on many lines", 'read_allow = [\n  "a",\n  "b", # b\n  "c"\n]', 'read_allow = [\n  "b", # b\n  ]'],
    ["the last of a list", 'read_allow = ["b", "a"]', 'read_allow = ["b"]'],
    ["the first of a list", "read_allow = ['a', 'b']", "read_allow = ['b']"],
    ["a name with quotes and commas", 'read_allow = ["a\\",\\"", "b"]', 'read_allow = ["b"]'],
  ])("of %s loads without what goes", (_, before, after) => {
    const text = without(`version = 1\n[filesystem]\n${before}\n`, [[read("b")]]);
    expect(text?.replace(/\n {2}"c"\n\]|\n\]/, "\n  ]")).toBe(`version = 1\n[filesystem]\n${after}\n`);
    expect(load(text ?? "").ok).toBe(true);
  });

  test("that is not one string at its place is not edited", () => {
    expect(without('version = 1\n[filesystem]\nread_allow = ["""a"""]\n', [[]])).toBe(null);
    expect(tightenedText("", [{ ...(proposals(POLICY, [[]])[0] as Proposal), line: 9 }], [])).toBe(null);
  });
});
