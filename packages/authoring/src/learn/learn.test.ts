/** What is learned from records, and what never is. */
import type { CanonicalRequest, JsonObject, Policy } from "@agent-run/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRecordedRun } from "./recorded-run.ts";
import {
  commandRequest,
  type Entry,
  learnFrom,
  pathRequest,
  policyOf,
  ROOT,
  recordsOf,
  urlRequest,
  variableRequest,
} from "./records.fixture.ts";

const at = (path: string): string => `${ROOT}/${path}`;
const reads = (...paths: string[]): Entry[] => paths.map((path) => ({ request: pathRequest("fs.read", at(path)) }));
const writes = (...paths: string[]): Entry[] => paths.map((path) => ({ request: pathRequest("fs.write", at(path)) }));
const effect = (policy: Policy, request: JsonObject, path = "/usr/bin/git"): string =>
  policy.withCommands([{ name: "git", path, dev: 0, ino: 0 }]).decide(request as unknown as CanonicalRequest).effect;
const readOf = (path: string): JsonObject => pathRequest("fs.read", at(path));
const patterns = ({ rules }: { rules: ReturnType<typeof learnFrom>["rules"] }): unknown[] =>
  rules.flatMap(({ keys }) => Object.values(keys).flat());

describe("what happened is granted", () => {
  test("exactly, with its evidence, an end and examples", () => {
    const learned = learnFrom([reads("a.txt", "a.txt"), reads("a.txt")]);
    expect(learned.text).toContain("# 3 calls in 2 runs, first 2026-05-04, last 2026-05-04");
    expect(learned.text).toContain("expires = 2026-09-01");
    expect(learned.text).toContain('match = [{ on = "fs.read", path = "a.txt" }]');
    expect(learned.rules).toMatchObject([{ on: "fs.read", effect: "allow", calls: 3, runs: 2, generalised: null }]);
    expect(effect(learned.policy, readOf("a.txt"))).toBe("allow");
    for (const other of ["b.txt", "a.txt/b", "A.txt", "a.txt2", "."])
      expect(effect(learned.policy, readOf(other))).toBe("deny");
  });

  test("in learning runs, too; and with a question where a person said yes", () => {
    const learned = learnFrom([
      [
        { request: readOf("a"), learned: true },
        { request: readOf("b"), decision: "ask", answer: "allow" },
      ],
    ]);
    expect(effect(learned.policy, readOf("a"))).toBe("allow");
    expect(effect(learned.policy, readOf("b"))).toBe("ask");
  });

  test("an origin with its scheme, port and method", () => {
    const learned = learnFrom([[{ request: urlRequest("https://api.example.com/v1/me?x=1") }]]);
    expect(effect(learned.policy, urlRequest("https://api.example.com/v1/me?x=2"))).toBe("allow");
    expect(learned.rules[0]?.notes).toEqual(["with any query, headers and body"]);
    for (const [url, method] of [
      ["https://api.example.com/v1/me/x"],
      ["http://api.example.com/v1/me"],
      ["https://api.example.com:8443/v1/me"],
      ["https://www.api.example.com/v1/me"],
      ["https://api.example.com/v1/me", "HEAD"],
    ] as const)
      expect(effect(learned.policy, urlRequest(url, method))).toBe("deny");
  });

  test("a command with its words", () => {
    const learned = learnFrom([[{ request: commandRequest("git", "log", "--oneline") }]]);
    expect(effect(learned.policy, commandRequest("git", "log", "--oneline"))).toBe("allow");
    for (const words of [["log"], ["log", "--oneline", "x"], ["push", "--oneline"]])
      expect(effect(learned.policy, commandRequest("git", ...words))).toBe("deny");
  });

  test("commands, though a base policy is asked first", () => {
    const base = policyOf('version = 1\n[subprocess]\nallow_commands = ["ls"]').data;
    const learned = learnFrom([[{ request: commandRequest("ls", "-l") }, { request: commandRequest("git", "log") }]], {
      base,
    });
    expect([learned.alreadyGranted, patterns(learned)]).toEqual([1, ["git", "log"]]);
  });

  test("a variable by its name", () => {
    const learned = learnFrom([[{ request: variableRequest("LANG") }]]);
    expect(effect(learned.policy, variableRequest("LANG"))).toBe("allow");
    expect(effect(learned.policy, variableRequest("LANGUAGE"))).toBe("deny");
  });
});

describe("a generalisation", () => {
  test.each([
    ["three files that are read", reads("src/a.ts", "src/b.ts", "src/c.ts"), true],
    ["two", reads("src/a.ts", "src/b.ts"), false],
    ["three of different kinds", reads("src/a.ts", "src/b.js", "src/c.md"), false],
    ["three in different directories", reads("a/a.ts", "b/b.ts", "c/c.ts"), false],
    ["four files that are written", writes("src/a.ts", "src/b.ts", "src/c.ts", "src/d.ts"), false],
    ["five files that are written", writes("src/a.ts", "src/b.ts", "src/c.ts", "src/d.ts", "src/e.ts"), true],
    ["files of a hidden directory", reads(".x/a.ts", ".x/b.ts", ".x/c.ts"), false],
    ["hidden files", reads("src/.a.ts", "src/.b.ts", "src/.c.ts"), false],
    ["files without an ending", reads("src/a", "src/b", "src/c"), false],
  ])("of %s", (_, entries, expected) => {
    const learned = learnFrom([entries]);
    expect(learned.rules.some(({ generalised }) => generalised !== null)).toBe(expected);
    expect(learned.uncovered).toBe(0);
  });

  test.each([["/etc/x"], ["/home/me"], ["/opt/data"]])("never reaches into %s", (directory) => {
    const entries = ["a.ts", "b.ts", "c.ts"].map((name) => ({
      request: pathRequest("fs.read", `${directory}/${name}`),
    }));
    const learned = learnFrom([entries]);
    expect(learned.rules.every(({ generalised }) => generalised === null)).toBe(true);
    expect(learned.uncovered).toBe(0);
  });

  test("says what it admits and what would be tighter, and leaves hidden files out", () => {
    const count = (directory: string, extension: string) => (directory === at("src") && extension === "ts" ? 37 : 0);
    const learned = learnFrom([reads("src/a.ts", "src/b.ts", "src/c.ts", "src/.d.ts")], { count });
    expect(learned.rules[0]?.generalised).toMatchObject({
      pattern: "src/*.ts",
      observed: 3,
      existing: 37,
      tighter: ["src/a.ts", "src/b.ts", "src/c.ts"],
    });
    expect(learned.text).toContain('# tighter: "src/a.ts", "src/b.ts", "src/c.ts"');
    const told = ["src/z.ts", "src/.d.ts", "src/.e.ts", "src/deep/a.ts", "src/a.js"].map((path) =>
      effect(learned.policy, readOf(path)),
    );
    expect(told).toEqual(["allow", "allow", "deny", "deny", "deny"]);
  });

  test("of numbers and UUIDs in URLs", () => {
    const urls = [1, 22, 333].map((id) => ({ request: urlRequest(`https://api.example.com/users/${id}/posts`) }));
    const learned = learnFrom([urls]);
    expect(learned.rules[0]?.generalised?.pattern).toBe("/users/*/posts");
    expect(effect(learned.policy, urlRequest("https://api.example.com/users/4/posts"))).toBe("allow");
    expect(effect(learned.policy, urlRequest("https://api.example.com/users/4/mails"))).toBe("deny");
    const names = ["ann", "bob", "eve"].map((id) => ({ request: urlRequest(`https://api.example.com/users/${id}`) }));
    expect(learnFrom([names]).rules[0]?.generalised).toBe(null);
  });

  test.each([
    ["one user", ["7/posts/1", "7/posts/2", "7/posts/3"], ["/users/7/posts/*"]],
    ["one post each", ["1/posts/7", "2/posts/7", "3/posts/7"], ["/users/*/posts/7"]],
    [
      "two users",
      ["7/posts/1", "7/posts/2", "7/posts/3", "8/posts/1", "8/posts/2", "8/posts/3"],
      ["/users/7/posts/*", "/users/8/posts/*"],
    ],
    ["too few of each", ["7/posts/1", "7/posts/2", "8/posts/1", "8/posts/2"], []],
    ["three of both", ["1/posts/1", "2/posts/2", "3/posts/3"], ["/users/*/posts/*"]],
  ])("of numbers at places where three were seen: %s", (_title, paths, expected) => {
    const urls = paths.map((path) => ({ request: urlRequest(`https://api.example.com/users/${path}`) }));
    const learned = learnFrom([urls]);
    expect(learned.rules.flatMap(({ generalised }) => generalised?.pattern ?? []).sort()).toEqual(expected);
    expect(learned.uncovered).toBe(0);
  });

  test("of words at places where three were seen", () => {
    const files = reads("a", "x", "y", "z");
    const moves = ["x", "y", "z"].map((to) => ({ request: commandRequest("git", "mv", "a", to) }));
    const learned = learnFrom([[...files, ...moves]]);
    expect(learned.rules.flatMap(({ generalised }) => generalised?.pattern ?? [])).toEqual(["mv a *"]);
  });

  test("of words that are files which are read anyway, and of no other words", () => {
    const files = reads("a.md", "b.md", "c.md");
    const log = (word: string) => ({ request: commandRequest("git", "log", word) });
    const learned = learnFrom([[...files, log("a.md"), log("b.md"), log("c.md")]]);
    expect(patterns(learned)).toContain("log *");
    expect(effect(learned.policy, commandRequest("git", "log", "--all"))).toBe("deny");
    expect(patterns(learnFrom([[...files, log("main"), log("next"), log("old")]]))).not.toContain("log *");
  });
});

describe("what was denied stays denied", () => {
  const denied = (request: JsonObject, more: Partial<Entry> = {}): Entry => ({ request, decision: "deny", ...more });

  test("and widens nothing", () => {
    const learned = learnFrom([[...reads("a"), denied(readOf("b"))]]);
    expect([effect(learned.policy, readOf("a")), effect(learned.policy, readOf("b"))]).toEqual(["allow", "deny"]);
    expect(learned.wanted).toEqual([{ what: `fs.read ${at("b")}`, why: "default", calls: 1 }]);
  });

  test("though a generalisation would have granted it", () => {
    const learned = learnFrom([[...reads("src/a.ts", "src/b.ts", "src/c.ts"), denied(readOf("src/key.ts"))]]);
    expect(effect(learned.policy, readOf("src/key.ts"))).toBe("deny");
    expect(effect(learned.policy, readOf("src/a.ts"))).toBe("allow");
    expect(learned.leftOut.map(({ what }) => what)).toContain("fs.read src/*.ts");
  });

  test("though it was allowed elsewhere", () => {
    const learned = learnFrom([reads("a"), [denied(readOf("a"), { rule: "filesystem.deny[0]" })]]);
    expect(learned.rules).toEqual([]);
    expect(learned.leftOut[0]?.why).toContain("it was denied in a run");
  });

  test("though a rule for its search would let it be listed", () => {
    const target = { on: "fs.read", role: "search", kind: "path", value: at("src") };
    const search = { ...readOf("src"), targets: [target] };
    expect(effect(learnFrom([[{ request: search }]]).policy, search)).toBe("allow");
    const learned = learnFrom([[{ request: search }, denied(readOf("src"))]]);
    expect(effect(learned.policy, readOf("src"))).toBe("deny");
  });

  test("by a person, and where nobody could be asked", () => {
    const asked = (answer?: "deny"): Entry => ({
      request: readOf("a"),
      decision: "ask",
      ...(answer ? { answer } : {}),
    });
    expect(learnFrom([[asked("deny")], [asked()]]).rules).toEqual([]);
  });

  test("by a person who was asked again, once more was known of the call", () => {
    const records = recordsOf("r", [{ request: readOf("a"), decision: "ask", answer: "allow" }]);
    const no: JsonObject = { ...records.at(-1), answer: "deny" };
    const kinds = [records, [...records, no]].map((all) => readRecordedRun(all).calls[0]?.kind);
    expect(kinds).toEqual(["asked", "denied"]);
  });

  test.each([
    ["a learning run", { rule: "builtin.learning" }],
    ["a budget", { code: "E_BUDGET" }],
    ["the data in it", { code: "E_SINK" }],
  ])("but a refusal for %s says nothing of the place", (_, more) => {
    const request = urlRequest("https://api.example.com/v1");
    const learned = learnFrom([[{ request }, denied(request, more)]]);
    expect(effect(learned.policy, request)).toBe("allow");
    expect(learnFrom([[denied(request, more)]]).rules).toEqual([]);
  });
});

describe("left out, and told, is", () => {
  test.each([
    ["what always stays closed", pathRequest("fs.read", at(".env")), "builtin.env_files"],
    ["what always stays closed to writing", pathRequest("fs.write", at(".git/hooks/x")), "builtin.git"],
    ["a name with a control character", pathRequest("fs.read", at("a\u0000b")), "characters"],
    ["a name that is not UTF-8", pathRequest("fs.read", at("a\uFFFD")), "characters"],
    ["half a character", pathRequest("fs.read", at("a\ud800")), "characters"],
    ["a name that turns the line around", pathRequest("fs.read", at("a\u202etxt")), "characters"],
    ["a redacted name", pathRequest("fs.read", at("a[redacted KEY]")), "redacted"],
    ["a token", urlRequest(`https://x.example/sealed0${"a".repeat(32)}`), "redacted"],
    ["a long name", pathRequest("fs.read", at(`${"a/".repeat(1500)}a`)), "too long"],
    ["a command without arguments", commandRequest("git"), "without arguments"],
    ["an argument with a space", commandRequest("git", "commit", "-m", "two words"), "space"],
    ["an argument with a star", commandRequest("git", "add", "*"), "space or `*`"],
    // A learning run lets a script look up any name that an environment could hold.
    ["a variable with a star", variableRequest("A*"), "pattern"],
    ["a variable with a question mark", variableRequest("HOM?"), "pattern"],
    ["every variable", variableRequest("*"), "pattern"],
  ])("%s", (_, request, why) => {
    const learned = learnFrom([[{ request }, ...reads("fine")]]);
    expect(learned.leftOut.map((one) => one.why).join()).toContain(why);
    expect(effect(learned.policy, readOf("fine"))).toBe("allow");
    expect(learned.rules).toHaveLength(1);
  });

  test("what is local-only", () => {
    const sealed = { ...readOf("a"), labels: ["local"] };
    const records = recordsOf("r", [{ request: sealed }, { request: readOf("b") }]);
    const [, , second] = records;
    const byRule = { ...second, rule: { id: "filesystem.local_only_read[0]" } };
    const kinds = readRecordedRun([...records.slice(0, 2), byRule]).calls.map(({ kind }) => kind);
    expect(kinds).toEqual(["sealed", "sealed"]);
    expect(learnFrom([[{ request: sealed }]]).rules).toEqual([]);
  });

  test("what too few runs touched", () => {
    const learned = learnFrom([reads("a", "b"), reads("a")], { minRuns: 2 });
    expect(patterns(learned)).toEqual(["a"]);
  });

  test("what a base policy grants already or denies, and what a ceiling does not allow", () => {
    const base = policyOf('version = 1\n[filesystem]\nread_allow = ["a"]\ndeny = ["b"]').data;
    const learned = learnFrom([reads("a", "b", "c")], { base });
    expect([patterns(learned), learned.alreadyGranted]).toEqual([["c"], 1]);
    const ceiling = policyOf('version = 1\n[filesystem]\nread_allow = ["a", "src/?.ts"]').data;
    const bounded = learnFrom([reads("a", "b", "src/a.ts", "src/b.ts", "src/c.ts")], { ceiling });
    expect(patterns(bounded)).toEqual(["a", "src/a.ts", "src/b.ts", "src/c.ts"]);
    expect(bounded.leftOut.map(({ why }) => why).join()).toContain("the ceiling denies it");
  });
});

describe("a ceiling", () => {
  const seen = reads("src/a.ts", "src/b.ts", "src/c.ts");
  const under = (more: string) => learnFrom([seen], { ceiling: policyOf(`version = 1\n[filesystem]\n${more}`).data });

  test("that allows all of a generalisation is proved to", () => {
    const learned = under('read_allow = ["src/**"]');
    expect([patterns(learned), learned.leftOut]).toEqual([["src/*.ts", "src/.*"], []]);
  });

  test.each([
    ["denies one file of it, which nobody saw", 'read_allow = ["src/**"]\ndeny = ["src/k3y.ts"]'],
    ["allows only short names", 'read_allow = ["src/??.ts", "src/?.ts"]'],
    ["allows all but one letter", 'read_allow = ["src/[^q]*.ts"]'],
  ])("that %s leaves what was seen", (_, text) => {
    const learned = under(text);
    expect(patterns(learned)).toEqual(["src/a.ts", "src/b.ts", "src/c.ts"]);
    expect(learned.leftOut).toContainEqual({
      what: "fs.read src/*.ts",
      why: "the ceiling does not allow all of it",
      calls: 0,
    });
  });

  test("with a condition that a rule cannot promise leaves nothing", () => {
    const text = `version = 1
[[rule]]
id = "small"
effect = "allow"
on = ["fs.write"]
path = ["out/**"]
when = { bytes = { le = 10 } }
`;
    const request = { ...pathRequest("fs.write", at("out/a")), attrs: { bytes: 5 } };
    const learned = learnFrom([[{ request }]], { ceiling: policyOf(text).data });
    expect(learned.rules).toEqual([]);
    expect(learned.leftOut[0]?.why).toBe("a rule about it would allow more than the ceiling does");
  });
});

describe("where a ceiling is not proved to allow everything", () => {
  const NOT_PROVED = "it is not proved that the ceiling allows all of it: ";
  const files = (directory: string, count: number) => Array.from({ length: count }, (_, at) => `${directory}/f${at}`);
  const rule = (on: string, path: string, more = "") =>
    `[[rule]]\nid = "of-${path.replace(/\W/g, "")}-${on}"\neffect = "allow"\non = ["${on}"]\npath = ["${path}"]\n${more}\n`;
  const small = "when = { bytes = { le = 10 } }";
  const ceilingOf = (...rules: string[]) => policyOf(`version = 1\n${rules.join("")}`).data;
  const sized = (path: string): Entry => ({ request: { ...pathRequest("fs.write", at(path)), attrs: { bytes: 5 } } });

  test("since there are too many places, no generalisation is written, and of exact ones what it allows of any size", () => {
    const ceiling = ceilingOf(rule("fs.read", "**"), rule("fs.write", "any/**"), rule("fs.write", "small/**", small));
    const seen = [...reads(...files("d", 501), "src/a.ts", "src/b.ts", "src/c.ts"), sized("any/a"), sized("small/a")];
    const learned = learnFrom([seen], { ceiling });
    expect(learned.rules.filter(({ generalised }) => generalised !== null)).toEqual([]);
    expect(learned.leftOut).toEqual([
      { what: `fs.write ${at("small/a")}`, why: `${NOT_PROVED}more than 500 places were learned`, calls: 1 },
      { what: "fs.read src/*.ts", why: `${NOT_PROVED}more than 500 places were learned`, calls: 0 },
    ]);
    const writesAt = (path: string) => effect(learned.policy, pathRequest("fs.write", at(path)));
    expect([writesAt("any/a"), writesAt("small/a")]).toEqual(["allow", "deny"]);
    expect(["src/a.ts", "d/f500"].map((path) => effect(learned.policy, readOf(path)))).toEqual(["allow", "allow"]);
  });

  test.each([
    ["of a time", 'hours = "Mon 08:00-09:00 UTC"'],
    ["of an end", "expires = 2027-01-01"],
    ["of who acts", 'when = { actor = { eq = "ci" } }'],
    ["that a size is not said", "when = { bytes = { exists = false } }"],
  ])("and a place is asked about one by one, a condition %s does not hold", (_, more) => {
    const ceiling = ceilingOf(rule("fs.read", "d/**"), rule("fs.write", "out/**", more));
    const request = pathRequest("fs.write", at("out/a"));
    const learned = learnFrom([[...reads(...files("d", 501)), { request }]], { ceiling });
    expect(effect(learned.policy, request)).toBe("deny");
    expect(learned.leftOut.map(({ what }) => what)).toEqual([`fs.write ${at("out/a")}`]);
  });

  test("a place of every kind is asked about as a call of it would be", () => {
    const text = `version = 1
[filesystem]
read_allow = ["d/**"]
[network]
http_get_allow = ["https://api.example.com/v1/**"]
[environment]
allow_vars = ["LANG"]
[subprocess]
allow_commands = ["git"]
[subprocess.deny_args]
git = ["push"]
`;
    const granted = [
      urlRequest("https://api.example.com/v1/me"),
      variableRequest("LANG"),
      commandRequest("git", "log", "-3"),
    ];
    const entries = [...reads(...files("d", 501)), ...granted.map((request) => ({ request }))];
    const learned = learnFrom([entries], { ceiling: policyOf(text).data });
    expect(learned.leftOut).toEqual([]);
    expect(granted.map((request) => effect(learned.policy, request))).toEqual(["allow", "allow", "allow"]);
  });

  test("since its patterns are too entangled, no generalisation is written", () => {
    const deny = `[[rule]]\nid = "tangle"\neffect = "deny"\non = ["fs.read"]\nwhen = { path = { regex = 'a[ab]{24}\\.ts$' } }\n`;
    const learned = learnFrom([reads("src/a.ts", "src/b.ts", "src/c.ts")], {
      ceiling: ceilingOf(rule("fs.read", "src/**"), deny),
    });
    expect(patterns(learned)).toEqual(["src/a.ts", "src/b.ts", "src/c.ts"]);
    const why = `${NOT_PROVED}there are too many ways in which names can match`;
    expect(learned.leftOut).toEqual([{ what: "fs.read src/*.ts", why, calls: 0 }]);
  });

  test("since its conditions are too many, an exact call of which one may deny some is not written", () => {
    const git = (id: string, kind: string, more: string) =>
      `[[rule]]\nid = "${id}"\neffect = "${kind}"\non = ["subprocess.exec"]\ncommand = ["git"]\n${more}\n`;
    const denied = [..."ABCDEFGHI"].map((name) =>
      git(name, "deny", `argv = ["push"]\nwhen = { env = { contains = "${name}" } }`),
    );
    const ran = ["log", "push"].map((word) => ({ request: commandRequest("git", word) }));
    const learned = learnFrom([ran], { ceiling: ceilingOf(git("any", "allow", ""), ...denied) });
    expect(learned.leftOut.map(({ what }) => what)).toEqual(["subprocess.exec git push"]);
    expect(patterns(learned)).toEqual(["git", "log"]);
  });

  test("under the ceilings of a ceiling, each of them is proved", () => {
    const machine = ceilingOf(rule("fs.read", "src/?.ts"));
    const ceiling = { ...ceilingOf(rule("fs.read", "src/**")), ceilings: [machine] };
    const learned = learnFrom([reads("src/a.ts", "src/b.ts", "src/c.ts")], { ceiling });
    expect(patterns(learned)).toEqual(["src/a.ts", "src/b.ts", "src/c.ts"]);
    expect(learned.leftOut.map(({ why }) => why)).toEqual(["the ceiling does not allow all of it"]);
  });
});

describe("hostile records", () => {
  test.each([
    "*",
    "src/[a-z].ts",
    "{a,b}",
    "~/x",
    "~x",
    "!x",
    "a?b",
    "a\\b",
    '"',
    "'",
    "#",
    "a'''b",
    "**",
    "$x",
    "(x)+",
    " x ",
    "-",
  ])("a file that is called %j is that file and no pattern", (name) => {
    const learned = learnFrom([reads(name)]);
    expect(learned.uncovered).toBe(0);
    for (const other of ["x", "a", "src/a.ts", "axb", "README.md"])
      expect(effect(learned.policy, readOf(other))).toBe("deny");
  });

  test("what is no intent of a gate is no call", () => {
    const odd: unknown[] = [
      null,
      1,
      {},
      { v: 1 },
      { v: 1, on: "fs.read", targets: [], attrs: {} },
      { ...readOf("a"), on: "x" },
    ];
    const records = recordsOf(
      "r",
      odd.map((request) => ({ request: request as JsonObject })),
    );
    expect(readRecordedRun(records)).toMatchObject({ calls: [], unread: odd.length });
    expect(readRecordedRun([])).toMatchObject({ run: "unknown", calls: [] });
  });

  test("a hundred thousand entries are learned from, and the most used places are written", () => {
    const many = Array.from({ length: 100_000 }, (_, n) => ({
      request: readOf(`d${n % 12_000}/file${n % 12_000}.x${n % 2}`),
    }));
    const learned = learnFrom([many]);
    expect(patterns(learned)).toHaveLength(5000);
    expect(learned.leftOut).toHaveLength(7000);
  });
});

test("whatever the records say, what is allowed was seen or is reported, and nothing that was denied is allowed", () => {
  const directory = fc.constantFrom("", "src/", "src/deep/", ".hidden/", "out/");
  const name = fc.constantFrom("a", "b", "c", "d", "e", "*", "[a]", ".x", "{a,b}", "?");
  const ending = fc.constantFrom(".ts", ".md", "", ".t?", ".*");
  const path = fc.tuple(directory, name, ending).map((parts) => at(parts.join("")));
  const on = fc.constantFrom("fs.read", "fs.write", "fs.delete" as const);
  const request = fc
    .tuple(on, fc.array(path, { minLength: 1, maxLength: 2 }))
    .map(([one, paths]) => pathRequest(one, ...paths));
  const decision = fc.constantFrom("allow", "allow", "allow", "deny" as const);
  const entries = fc.array(fc.record({ request, decision, learned: fc.boolean() }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(entries, fc.array(request, { maxLength: 30 }), (recorded, probes) => {
      const learned = learnFrom([recorded]);
      const seen = new Set<string>();
      for (const { request: one, decision: answer } of recorded)
        if (answer === "allow") for (const target of one.targets as JsonObject[]) seen.add(`${one.on} ${target.value}`);
      const isReported = (capability: unknown, value: string): boolean =>
        learned.rules.some(({ on: about, generalised }) => {
          const [, directory = "", extension] = /^(.*)\*\.(\w+)$/.exec(generalised?.pattern ?? "") ?? [];
          const rest = value.startsWith(at(directory)) ? value.slice(at(directory).length) : "/";
          return (
            generalised !== null &&
            about === capability &&
            !rest.startsWith(".") &&
            !rest.includes("/") &&
            rest.endsWith(`.${extension}`)
          );
        });
      for (const one of [...probes, ...recorded.map(({ request: asked }) => asked)]) {
        if (effect(learned.policy, one) !== "allow") continue;
        for (const target of one.targets as JsonObject[])
          expect(seen.has(`${one.on} ${target.value}`) || isReported(one.on, String(target.value))).toBe(true);
      }
      for (const { request: one, decision: answer } of recorded)
        if (answer === "deny") expect(effect(learned.policy, one)).toBe("deny");
    }),
    { numRuns: 40 },
  );
});
