/** What an analysis must not overlook: each case is a call that the engine lets through, or answers otherwise. */
import { type CanonicalRequest, type Circumstances, loadPolicyText, Policy } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { diffPolicies } from "./diff.ts";
import { policyOf, pureWorld, ROOT } from "./generated.fixture.ts";
import { proveNevers } from "./never.ts";
import { readQuestion, type TypedQuestion } from "./places.ts";
import { differences, needs, possible } from "./regions.ts";
import { boundedWork, Effort, spend, TooComplex } from "./work.ts";

const rule = (id: string, effect: string, on: string, lines: string) =>
  `[[rule]]\nid = "${id}"\neffect = "${effect}"\non = "${on}"\n${lines}\n`;

function decided(policy: Policy, request: CanonicalRequest, around: Partial<Circumstances> = {}): string {
  return policy.decide(request, request, { now: null, actor: null, ...around }).effect;
}

const url = (value: string): CanonicalRequest => ({
  v: 1,
  on: "net.http_get",
  targets: [{ on: "net.http_get", role: "connect", kind: "url", value }],
  attrs: { method: "GET" },
  labels: [],
});
const line = (...argv: readonly string[]): CanonicalRequest => ({
  v: 1,
  on: "subprocess.exec",
  targets: [{ on: "subprocess.exec", role: "execute", kind: "command", value: argv[0] ?? "" }],
  attrs: { command: argv[0] ?? "", argv },
  labels: [],
});
const file = (value: string): CanonicalRequest => ({
  v: 1,
  on: "fs.read",
  targets: [{ on: "fs.read", role: "read", kind: "path", value }],
  attrs: {},
  labels: [],
});

function asked(text: string, typed: TypedQuestion) {
  const policy = policyOf(text);
  const read = readQuestion(typed, policy.data, ["/home/me"]);
  if (!read.ok) throw new Error(read.message);
  return possible(policy, read.question);
}

describe("a call that is allowed is never proved impossible", () => {
  const hosts = (when: string) => rule("r", "allow", "net.http_get", `host = "*"\n${when}`);
  test.each<[string, string, TypedQuestion, CanonicalRequest, Partial<Circumstances>?]>([
    [
      "on a port that only the question names",
      '[network]\nhttp_get_allow = ["a.example:*"]',
      { on: ["net.http_get"], host: ["a.example:8443"] },
      url("https://a.example:8443/"),
    ],
    [
      "at an address that only the question names",
      '[network]\nhttp_get_allow = ["*"]',
      { on: ["net.http_get"], host: ["9.9.9.9"] },
      url("https://9.9.9.9/"),
    ],
    [
      "at an address that only a condition names",
      hosts('when = { host = { eq = "9.9.9.9" } }'),
      { on: ["net.http_get"] },
      url("https://9.9.9.9/"),
    ],
    [
      "at addresses that a pattern in a condition takes",
      hosts('when = { host = { glob = "9.9.9.*" } }'),
      { on: ["net.http_get"] },
      url("https://9.9.9.9/"),
    ],
    [
      "of which the whole line is asked for",
      rule(
        "r",
        "allow",
        "subprocess.exec",
        'command = "git"\nwhen = { command_line = { regex = "^git log -[0-9]$" } }',
      ),
      { on: ["subprocess.exec"] },
      line("git", "log", "-1"),
    ],
    [
      "though a condition on the whole line denies what is tried",
      rule("r", "allow", "subprocess.exec", 'command = "git"\nargv = "log *"') +
        rule("s", "deny", "subprocess.exec", 'command = "git"\nwhen = { command_line = { contains = "x" } }'),
      { on: ["subprocess.exec"] },
      line("git", "log", "y"),
    ],
    [
      "at an hour of the day on which clocks change",
      rule(
        "r",
        "allow",
        "fs.read",
        'path = "a"\nhours = "Sun 08:00-09:00 Europe/Berlin"\nwhen = { now = { ge = 2027-03-28T00:00:00Z, lt = 2027-03-28T12:00:00Z } }',
      ),
      { on: ["fs.read"] },
      file("/w/a"),
      { now: Date.UTC(2027, 2, 28, 6, 30) },
    ],
    [
      "at an hour that begins when clocks jump into it",
      rule(
        "r",
        "allow",
        "fs.read",
        'path = "a"\nhours = "Sun 02:30-03:30 Europe/Berlin"\nwhen = { now = { ge = 2027-03-28T00:00:00Z, lt = 2027-03-28T12:00:00Z } }',
      ),
      { on: ["fs.read"] },
      file("/w/a"),
      { now: Date.UTC(2027, 2, 28, 1, 10) },
    ],
    [
      "at an hour of a second week, where the first one lacks it",
      rule(
        "r",
        "allow",
        "fs.read",
        'path = "a"\nhours = "Sun 02:30-03:00 Europe/Berlin"\nwhen = { now = { ge = 2027-03-22T00:00:00Z, lt = 2027-04-04T12:00:00Z } }',
      ),
      { on: ["fs.read"] },
      file("/w/a"),
      { now: Date.UTC(2027, 3, 4, 0, 40) },
    ],
    [
      "by an actor without a name",
      rule("r", "allow", "fs.read", 'path = "a"\nwhen = { actor = { glob = "*", eq = "" } }'),
      { on: ["fs.read"] },
      file("/w/a"),
      { actor: "" },
    ],
    [
      "by a letter with a third case",
      rule("r", "allow", "env.read", String.raw`when = { name = { regex = '^(?i)\x{3c3}$', ne = "\u03c3" } }`) +
        rule("s", "deny", "env.read", 'when = { name = { eq = "\\u03a3" } }'),
      { on: ["env.read"] },
      {
        v: 1,
        on: "env.read",
        targets: [{ on: "env.read", role: "read", kind: "variable", value: "\u03c2" }],
        attrs: { name: "\u03c2" },
        labels: [],
      },
    ],
  ])("%s", (_title, text, typed, call, around = {}) => {
    expect(decided(policyOf(text), call, around)).toBe("allow");
    const { found, unknown } = asked(text, typed);
    expect(found.length + unknown.length).toBeGreaterThan(0);
  });
});

describe("a [[never]] that a call violates is never proved", () => {
  test.each<[string, string, string, CanonicalRequest]>([
    [
      "at a port",
      '[network]\nhttp_get_allow = ["a.example:*"]',
      'host = "https://a.example:8443"',
      url("https://a.example:8443/"),
    ],
    ["at an address", '[network]\nhttp_get_allow = ["*"]', 'host = "9.9.9.9"', url("https://9.9.9.9/")],
    [
      "behind a command that runs it",
      '[subprocess]\nallow_commands = ["npx"]',
      'command = "git"',
      line("npx", "git", "push"),
    ],
  ])("%s", (_title, text, place, call) => {
    const path = `${ROOT}/agent-run.toml`;
    const never = `${text}\n[[never]]\non = "${call.on}"\n${place}\n`;
    const loaded = loadPolicyText(`version = 1\n${never}`, { path, realPath: path }, pureWorld);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
    const policy = Policy.revive(loaded.data);
    expect(decided(policy, call)).toBe("allow");
    const [proof] = proveNevers(policy, loaded.checks.nevers);
    expect((proof?.violations.length ?? 0) + (proof?.unknown.length ?? 0)).toBeGreaterThan(0);
  });
});

describe("a [[never]] is violated", () => {
  const grant = '[filesystem]\nwrite_allow = ["a/**"]\n';
  test.each<[string, string, string, string | null]>([
    ["by a question", `requires_approval = ["fs.write"]\n${grant}`, 'path = "a"', "fs.write /w/a"],
    ["by what is granted sealed", '[filesystem]\nlocal_only_write = ["a/**"]\n', 'path = "a"', "fs.write /w/a"],
    ["only where both of its places are", grant, 'path = "a/**"\npath_not = ["a/b", "a/b/**"]', "fs.write /w/a"],
    ["nowhere, if one place leaves nothing of the other", grant, 'path = "a/b"\npath_not = "a/**"', null],
    ["by what lies below a place", grant, 'path = "a/b"', "fs.write /w/a/b"],
    ["by what lies below one that is left out by name", grant, 'path_not = ["a", "a/*"]', "fs.write /w/a/_/x"],
    ["in another case than what is left out", '[filesystem]\nwrite_allow = ["A"]\n', 'path_not = "a"', "fs.write /w/A"],
    ["anywhere, without a place", grant, "", "fs.write /w/a"],
    ["by nothing, under no grant", "", "", null],
  ])("%s", (_title, text, place, expected) => {
    const path = `${ROOT}/agent-run.toml`;
    const never = `version = 1\n${text}\n[[never]]\non = "fs.write"\n${place}\n`;
    const loaded = loadPolicyText(never, { path, realPath: path }, pureWorld);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
    const [proof] = proveNevers(Policy.revive(loaded.data), loaded.checks.nevers);
    expect(proof?.unknown).toEqual([]);
    expect(proof?.violations[0]?.witness?.call ?? null).toBe(expected);
  });
});

describe("two policies that answer a call otherwise are never said to be alike", () => {
  const npx = '[subprocess]\nallow_commands = ["npx"]\n';
  const git = '[subprocess]\nallow_commands = ["git"]\n';
  const about = (text: string) =>
    rule("r", "deny", "subprocess.exec", `when = { command_line = { contains = "${text}" } }`);
  test.each<[string, string, string, CanonicalRequest]>([
    ["a denied command behind one that runs it", npx, `${npx}deny_commands = ["git"]\n`, line("npx", "git", "log")],
    ["a denied line", git, git + about("push"), line("git", "push")],
    [
      "a line that no pattern has, which a wider pattern denies",
      `${git}[subprocess.deny_args]\ngit = ["push --force"]\n`,
      `${git}[subprocess.deny_args]\ngit = ["push --force", "tag -d"]\n`,
      line("git", "tag", "x", "--delete", "y"),
    ],
    [
      "an address that only one of them names in a condition",
      '[network]\nhttp_get_allow = ["*"]',
      `[network]\nhttp_get_allow = ["*"]\n${rule("r", "deny", "net.http_get", 'when = { host = { eq = "9.9.9.9" } }')}`,
      url("https://9.9.9.9/"),
    ],
  ])("%s", (_title, old, now, call) => {
    const [a, b] = [policyOf(old), policyOf(now)];
    expect(decided(a, call)).not.toBe(decided(b, call));
    const { changes, unknown } = diffPolicies(a.data, b.data);
    expect(changes.length + unknown.length).toBeGreaterThan(0);
  });

  test("a limit that moved is told where the rule has another name, too", () => {
    const text = (id: string, calls: number) =>
      rule(id, "allow", "fs.read", `path = "a"\nlimit = { calls = ${calls} }`);
    const { scalars } = diffPolicies(policyOf(text("r", 5)).data, policyOf(text("s", 50)).data);
    expect(scalars).toEqual([{ key: "limit of s", old: "5", new: "50", way: "wider" }]);
  });

  test("and who answers questions, for how long and how often, with which way it goes", () => {
    const text = (lines: string) => `[approvals]\n${lines}`;
    const before = text('channels = ["key", "terminal"]\nquorum = 2\nremember = "never"\nmax_prompts = 5\n');
    const after = text('channels = ["key", "elicitation"]\nquorum = 1\nremember = "save"\nmax_prompts = 4\n');
    const { scalars } = diffPolicies(policyOf(before).data, policyOf(after).data);
    expect(scalars).toEqual([
      { key: "approvals.max_prompts", old: "5", new: "4", way: "narrower" },
      { key: "approvals.remember", old: "never", new: "save", way: "wider" },
      { key: "approvals.quorum", old: "2", new: "1", way: "wider" },
      { key: "approvals.channels", old: "-", new: "elicitation", way: "wider" },
      { key: "approvals.channels", old: "terminal", new: "-", way: "narrower" },
    ]);
  });

  test("where sealed data may go is told", () => {
    const label = (sinks: string) =>
      `[filesystem]\nlocal_only_read = ["p/**"]\nlocal_only_write = ["q/**"]\n[[label]]\nname = "l"\nsources = ["file:p/**", "file:q/**"]\nsinks = ${sinks}\n`;
    const { changes, scalars, unknown } = diffPolicies(
      policyOf(label('["file:q/**"]')).data,
      policyOf(label('["file:q/a/**"]')).data,
    );
    expect(changes.length + scalars.length + unknown.length).toBeGreaterThan(0);
  });
});

describe("what would take too long is given up, and is neither a proof nor a no", () => {
  test("steps of questions inside of one another count together", () => {
    const all = () => boundedWork(() => Array.from({ length: 10 }, () => boundedWork(() => spend(10_000_000))));
    expect(all).toThrow(TooComplex);
    // What was spent within a bound is over with it.
    expect(boundedWork(() => spend(10_000_000))).toBeUndefined();
  });

  test("steps of questions that share an effort count for it, and for what it is within", () => {
    const shared = new Effort(25);
    const ask = () => shared.within(() => spend(10));
    boundedWork(() => [ask(), ask()]);
    expect(shared.isSpent).toBe(false);
    expect(ask).toThrow(TooComplex);
    expect(shared.isSpent).toBe(true);
    expect(() => shared.within(() => spend(1))).toThrow(TooComplex);
    const outer = new Effort(15);
    expect(() => outer.within(() => [new Effort(10).within(() => spend(10)), spend(10)])).toThrow(TooComplex);
    expect(boundedWork(() => spend(10))).toBeUndefined();
  });

  test("by can, never and diff", () => {
    const names = Array.from({ length: 9 }, (_, at) => `contains = "V${at}"`);
    const rules = names.map((one, at) => rule(`r${at}`, "deny", "subprocess.exec", `when = { env = { ${one} } }`));
    const text = `[subprocess]\nallow_commands = ["a"]\n${rules.join("")}`;
    const { data } = policyOf(text);
    const on = ["subprocess.exec"] as const;
    const never = { name: null, on, where: [], at: { file: "", line: 1, column: 1 } };
    expect(possible(data, { on })).toMatchObject({ found: [], unknown: [{ on: "subprocess.exec" }] });
    expect(proveNevers(data, [never])).toMatchObject([{ violations: [], unknown: [{ on: "subprocess.exec" }] }]);
    const more = policyOf(text.replace('["a"]', '["a", "b"]')).data;
    expect(differences(data, more, on)).toMatchObject({ found: [], unknown: [{ on: "subprocess.exec" }] });
  });
});

describe("of more ceilings than are looked at nothing is claimed", () => {
  const main = policyOf('[filesystem]\nread_allow = ["a"]').data;
  const under = (count: number) => {
    const open = Array.from({ length: count - 1 }, () => policyOf('[filesystem]\nread_allow = ["**"]').data);
    return { ...main, ceilings: [...open, policyOf("").data] };
  };
  const on = ["fs.read"] as const;
  const unknown = [{ on: "fs.read", reason: "there are 16 layers, and at most 15 are looked at together" }];

  test("by can and never", () => {
    expect(decided(Policy.revive(under(15)), file("/w/a"))).toBe("deny");
    expect(possible(under(14), { on })).toEqual({ found: [], unknown: [] });
    expect(possible(under(15), { on })).toEqual({ found: [], unknown });
    const never = { name: null, on, where: [], at: { file: "", line: 1, column: 1 } };
    expect(proveNevers(under(15), [never])).toEqual([{ never, violations: [], unknown }]);
  });

  test("by diff, and of what a rule is there for", () => {
    const other = { ...under(15), rules: [] };
    expect(differences(under(15), other, on)).toEqual({ found: [], unknown });
    const [need] = needs(under(15), ({ ref }) => ref.id === "filesystem.read_allow[0]");
    expect(need).toMatchObject({ changes: [], unknown });
  });
});

test("too many names in a condition are told, and break nothing", () => {
  const names = Array.from({ length: 9 }, (_, at) => `contains = "V${at}"`);
  const rules = names
    .map((one, at) => rule(`r${at}`, "deny", "subprocess.exec", `when = { env = { ${one} } }`))
    .join("");
  const git = '[subprocess]\nallow_commands = ["git"]\n';
  const { unknown } = diffPolicies(policyOf(git).data, policyOf(git + rules).data);
  expect(unknown.map(({ on }) => on)).toContain("subprocess.exec");
});

test("a letter that no path has, as NFC makes another of it, is a no", () => {
  const kelvin = rule("r", "allow", "fs.write", 'when = { path = { contains = "\\u212a" } }');
  expect(asked(kelvin, { on: ["fs.write"] })).toEqual({ found: [], unknown: [] });
});

describe("a question that can not be meant so is refused", () => {
  test.each<[string, TypedQuestion]>([
    ["a port of a file", { on: ["fs.read"], port: 80 }],
    ["a method of a file", { on: ["fs.read"], method: "GET" }],
    ["a method that is none", { on: ["net.*"], method: "FETCH" }],
    ["a port that is none", { on: ["net.*"], port: 70_000 }],
    ["a pattern of commands", { on: ["subprocess.exec"], command: ["*"] }],
    ["an empty name", { on: ["env.read"], name: [""] }],
    ["an empty path", { on: ["fs.read"], path: [""] }],
    ["a path for one of two families", { on: ["fs.read", "net.http_get"], path: ["a"] }],
  ])("%s", (_title, typed) => {
    const { data } = policyOf('[subprocess]\nallow_commands = ["git"]');
    expect(readQuestion(typed, data, ["/home/me"]).ok).toBe(false);
  });
});
