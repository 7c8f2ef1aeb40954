/** Broken and hostile input of everything that reads policies: whatever comes in, an answer comes out, and only one. */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { requestOf } from "./call.ts";
import { readCall } from "./call-text.ts";
import { Policy } from "./policy.ts";
import { diskWorld } from "./testing/disk-world.ts";
import { hostileCircumstances, hostileLines, hostileObjects, hostileRequests } from "./testing/hostile-calls.ts";
import { hostileTests, hostileTexts } from "./testing/hostile-texts.ts";
import { flawOfPolicy, flawOfProblems, flawOfTestFile, loaded } from "./testing/never-throws.ts";
import { policyOf } from "./testing/policy-of.ts";
import { realPolicies } from "./testing/real-policies.ts";

const { texts, testFiles } = realPolicies(fileURLToPath(new URL("../../..", import.meta.url)));
/** Where every directory is what it is called. */
const realPath = (path: string) => (path.startsWith("/") ? path : "/w");
const world = diskWorld({ realPath });
const asked = fc.array(fc.tuple(hostileRequests, hostileCircumstances), { maxLength: 3 });

test("a hostile text is a policy that answers every call, or problems with their places", () => {
  let policies = 0;
  fc.assert(
    fc.property(hostileTexts(texts), asked, (text, calls) => {
      expect(flawOfPolicy(text, world, calls)).toBeNull();
      if (loaded(text, world).ok) policies++;
    }),
    { numRuns: 300 },
  );
  // Else the generator made noise only.
  expect(policies).toBeGreaterThan(30);
});

test("a hostile file of tests is tests, or problems with their places", () => {
  fc.assert(
    fc.property(hostileTests(testFiles), (text) => {
      expect(flawOfTestFile(text)).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("a hostile line is a call that can be decided, or says in a line what is wrong", () => {
  const { data } = policyOf('[filesystem]\nread_allow = ["**"]\n[subprocess]\nallow_commands = ["git"]\n');
  const policy = Policy.revive(data);
  const input = fc.oneof(
    hostileLines.map((line) => readCall(line)),
    hostileObjects.map((value) => ({ ok: true as const, value })),
  );
  fc.assert(
    fc.property(input, hostileCircumstances, (call, circumstances) => {
      const request = call.ok ? requestOf(call.value, data, { home: "/home/me" }) : call;
      if (request.ok) {
        expect(policy.decide(request.value, request.value, circumstances).rule.id).not.toBe("");
        expect(JSON.parse(JSON.stringify(request.value))).toEqual(request.value);
      } else expect(request.failure.message).toMatch(/^[^\p{Cc}\p{Surrogate}]+[^.\s]$/u);
    }),
    { numRuns: 1000 },
  );
});

/** Short texts that stand for much, or are deep or long, and the first thing that is said about each. */
const V = "version = 1\n";
const rule = (lines: string) => `${V}[[rule]]\nid = 'r'\neffect = 'deny'\n${lines}\n`;
const many = (count: number, entry: string) => `[${`${entry},`.repeat(count)}]`;
const BRACES = "'{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}'";
const TOO_MUCH = "the policy stands for more than 200000 patterns and steps besides those that it lists";
const CASES: readonly (readonly [title: string, text: string, first: string])[] = [
  ["braces in many entries", `${V}filesystem.deny = ${many(2000, BRACES)}`, `2:33732 ${TOO_MUCH}`],
  ["braces in a rule", rule(`on = 'fs.read'\npath = ${many(2000, BRACES)}`), `6:33721 ${TOO_MUCH}`],
  [
    "braces in a condition",
    rule(`on = 'fs.read'\nwhen = { path = { glob = ${many(2000, BRACES)} } }`),
    `6:33739 ${TOO_MUCH}`,
  ],
  ["braces in a `[[never]]`", `${V}[[never]]\non = 'fs.read'\npath = ${many(2000, BRACES)}`, `4:33721 ${TOO_MUCH}`],
  [
    "braces in a label",
    `${V}[[label]]\nname = 'a'\nsinks = []\nsources = ${many(2000, BRACES.replace("'", "'file:"))}`,
    `5:37644 ${TOO_MUCH}`,
  ],
  [
    "braces in the paths of a use",
    `${V}[[secret]]\nname = 'a'\nenv = 'A'\n[[secret.use]]\nhost = 'a.example'\nmethods = ['GET']\nslot = 'header:x'\nresponse = 'sealed'\npaths = ${many(2000, BRACES.replace("'", "'/"))}`,
    `10:34374 ${TOO_MUCH}`,
  ],
  [
    "hosts by ports by paths",
    rule(`on = 'net.*'\nhost = ${many(400, "'a.example'")}\nport = ${many(400, "1")}\nurl_path = ${many(400, "'/a'")}`),
    `6:9 ${TOO_MUCH}`,
  ],
  [
    "repetitions in many expressions",
    Array.from(
      { length: 700 },
      (_, i) =>
        `[[rule]]\nid = 'r${i}'\neffect = 'deny'\non = 'fs.read'\nwhen = { path = { regex = '(x{20}){20}' } }\n`,
    )
      .join("")
      .replace(/^/, V),
    `2326:27 ${TOO_MUCH}`,
  ],
  [
    "brackets without an end",
    `${V}a = ${"[".repeat(100_000)}`,
    "2:37 not valid TOML: document contains excessively nested structures. aborting",
  ],
  ["a key of 100,000 parts", `${V}${"a.".repeat(100_000)}a = 1`, "2:1 tables and lists are nested more than 32 deep"],
  [
    "100,000 braces",
    `${V}filesystem.deny = ['${"{".repeat(100_000)}']`,
    "2:20 the pattern is longer than 4096 characters",
  ],
  [
    "1,000 braces",
    `${V}filesystem.deny = ['${"{a,".repeat(1000)}b${"}".repeat(1000)}']`,
    "2:20 the pattern nests braces more than 8 deep",
  ],
  [
    "800 choices in a row",
    `${V}filesystem.deny = ['${"{a,b}".repeat(800)}']`,
    "2:20 the pattern stands for more than 256 patterns; list them instead",
  ],
  [
    "repetitions of repetitions",
    rule("on = 'fs.read'\nwhen = { path = { regex = '(a{1000}){1000}' } }"),
    "6:27 `(a{1000}){1000}` is no regular expression of RE2: invalid repeat count",
  ],
  [
    "65 inherited policies",
    `${V}inherits = ${many(65, "'secure-defaults'")}`,
    "2:1165 a policy inherits at most 64 others",
  ],
  ["NUL between characters", [...V].join("\0"), "1:1 not valid TOML: incomplete key-value: cannot find end of key"],
  [
    "dates out of range",
    rule("on = 'fs.read'\nexpires = 10000-01-01"),
    "6:16 not valid TOML: illegal character in numeric literal",
  ],
  ["a day of no month", rule("on = 'fs.read'\nexpires = 2027-00-10"), "6:11 not valid TOML: invalid date"],
];

const firstOf = (text: string): string => {
  const result = loaded(text, world);
  if (result.ok) return "";
  expect(flawOfProblems(result.problems, text)).toBeNull();
  const [first] = result.problems;
  return `${first?.line}:${first?.column} ${first?.message}`;
};

test.each(CASES)("%s: refused at its place, or read, without exploding", (_title, text, first) => {
  expect(firstOf(text)).toBe(first);
});

test("a value that no parser takes is refused at its line", () => {
  const found = firstOf(`${V}# before\nname = '${"x".repeat(250_000)}'\n`);
  expect(found).toMatch(/^3:\d+ .*too long/);
});

test("stars, wildcards and steps in one pattern cost no more than its length", () => {
  const patterns = ["*a".repeat(2000), "**/a*/".repeat(600).slice(0, -1), "?*".repeat(1000)];
  const calls = [`/work/project/${"a".repeat(4000)}`, `/work/project/${"a/".repeat(1000)}b`];
  for (const pattern of patterns) {
    const text = `${V}filesystem.deny = ['${pattern}']\nfilesystem.read_allow = ['${pattern}']\n`;
    expect(
      flawOfPolicy(
        text,
        world,
        calls.map((value) => [
          {
            v: 1,
            on: "fs.read",
            targets: [{ on: "fs.read", role: "read", kind: "path", value }],
            attrs: {},
            labels: [],
          },
          { now: null, actor: null },
        ]),
      ),
    ).toBeNull();
  }
});

/** Sixteen levels of policies, each of which inherits both of the next level. */
test("diamonds of inherited policies are read once each", () => {
  let reads = 0;
  const levels = diskWorld({
    realPath,
    readText: (path) => {
      reads++;
      const level = Number(/(\d+)_/.exec(path)?.[1]) + 1;
      const inherits = level < 14 ? `inherits = ['${level}_a.toml', '${level}_b.toml']\n` : "";
      return { ok: true, realPath: path, text: `${V}${inherits}filesystem.deny = ['${level}']\n` };
    },
  });
  const result = loaded(`${V}inherits = ['0_a.toml', '0_b.toml']\n`, levels);
  expect(result.ok && result.data.files.length).toBe(29);
  expect(reads).toBeLessThanOrEqual(56);
});

test("a policy that inherits itself by another name is a circle, not a tower", () => {
  const itself = diskWorld({
    realPath,
    readText: () => ({ ok: true, realPath: "/w/p.toml", text: "" }),
  });
  const result = loaded(`${V}inherits = ['other-name.toml']\n`, itself);
  expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
    "the policies inherit each other in a circle: p.toml -> other-name.toml",
  ]);
});

test("a mark inside a file is a character of its line, at its column", () => {
  const result = loaded(`\ufeff${V}\ufeffname = 'x'\n`, world);
  expect(result.ok ? [] : result.problems).toMatchObject([{ line: 2, column: 1, text: "\ufeffname = 'x'" }]);
  const first = loaded("\ufeffnmae = 1\n", world);
  expect(first.ok ? [] : first.problems[0]).toMatchObject({ line: 1, column: 1 });
});
