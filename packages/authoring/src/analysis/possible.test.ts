/** Questions about single policies, each answer with the call that shows it. */
import { CAPABILITIES, loadPolicyText, Policy } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { diffPolicies } from "./diff.ts";
import { policyOf, pureWorld, ROOT } from "./generated.fixture.ts";
import { neverProblems, proveNevers } from "./never.ts";
import { readQuestion, type TypedQuestion } from "./places.ts";
import { needs, possible } from "./regions.ts";

function ask(text: string, typed: TypedQuestion): readonly string[] {
  const policy = policyOf(text);
  const read = readQuestion(typed, policy.data, ["/home/me"]);
  if (!read.ok) return [read.message];
  const { found, unknown } = possible(policy, read.question);
  return [
    ...found.map(({ answer, witness }) => `${answer}: ${witness?.call ?? "not confirmed"}`),
    ...unknown.map(({ reason }) => reason),
  ];
}

describe("what can be", () => {
  const FILES =
    '[filesystem]\nread_allow = ["src/**"]\nwrite_allow = ["src/**", "a*/b"]\ndelete_allow = ["src/**"]\ndeny = ["src/**/x", "A*"]';

  test.each([
    ["a grant, at the shortest path", FILES, { on: ["fs.read"] }, ["allow: fs.read /w/src"]],
    ["nothing outside of the grants", FILES, { on: ["fs.*"], path: ["~/**"] }, []],
    ["nothing that a denial covers in another case of letters", FILES, { on: ["fs.write"], path: ["a*/**"] }, []],
    ["nothing below what is denied", FILES, { on: ["fs.read"], path: ["src/x/**"] }, []],
    [
      "deleting no directory above what is denied by name",
      '[filesystem]\ndelete_allow = ["s/**"]\ndeny = ["s/d/x"]',
      { on: ["fs.delete"], path: ["s/d"] },
      ["allow: fs.delete /w/s/d/a"],
    ],
    [
      "no path of a URL that a grant leaves out, in other letters",
      '[[rule]]\nid = "r"\neffect = "allow"\non = "net.http_get"\nhost = "a.example"\nwhen = { url_path = { in = ["/X"], ne = "/x" } }',
      { on: ["net.http_get"] },
      [],
    ],
    [
      "no program that a grant leaves out, by another name",
      '[[rule]]\nid = "r"\neffect = "allow"\non = "subprocess.exec"\ncommand = "python3"\nwhen = { command = { ne = "python" } }',
      { on: ["subprocess.exec"] },
      [],
    ],
    ["no built-in denial", '[filesystem]\nread_allow = ["**"]', { on: ["fs.read"], path: [".env"] }, []],
    [
      "an exact entry opens one of them, and not what lies below",
      '[filesystem]\nread_allow = [".env", ".env/**"]',
      { on: ["fs.read"], path: [".env"] },
      ["allow: fs.read /w/.env"],
    ],
    [
      "a question",
      'requires_approval = ["fs.read"]\n[filesystem]\nread_allow = ["a"]',
      { on: ["fs.read"] },
      ["ask: fs.read /w/a"],
    ],
    [
      "what is local-only, sealed",
      '[filesystem]\nread_allow = ["**"]\nlocal_only_read = ["p"]',
      { on: ["fs.read"], path: ["p"] },
      ["allow sealed: fs.read /w/p"],
    ],
    [
      "a host in its scheme and port only",
      '[network]\nhttp_get_allow = ["a.example"]',
      { on: ["net.http_get"], port: 80 },
      [],
    ],
    [
      "no private address that is not named",
      '[network]\nhttp_get_allow = ["*"]',
      { on: ["net.http_get"], host: ["10.0.0.1"] },
      [],
    ],
    [
      "a private address that is named",
      '[network]\nhttp_get_allow = ["10.0.0.1"]',
      { on: ["net.http_get"] },
      ["allow: net.http_get https://10.0.0.1/"],
    ],
    [
      "no address of a denied range",
      '[network]\nhttp_get_allow = ["8.8.8.8"]\ndeny_ips = ["8.0.0.0/8"]',
      { on: ["net.http_get"] },
      [],
    ],
    ["no loader variable", '[environment]\nallow_vars = ["LD_*", "ld_*"]', { on: ["env.read"] }, []],
    [
      "a command alone, though some of its arguments are denied",
      '[subprocess]\nallow_commands = ["git"]\n[subprocess.deny_args]\ngit = ["push"]',
      { on: ["subprocess.exec"] },
      ["allow: subprocess.exec git"],
    ],
    ["no other command", '[subprocess]\nallow_commands = ["git"]', { on: ["subprocess.exec"], command: ["rg"] }, []],
  ] as const)("%s", (_title, text, typed, expected) => {
    expect(ask(text, typed)).toEqual(expected);
  });

  const rule = (lines: string, effect = "allow", on = "fs.write") =>
    `[[rule]]\nid = "r"\neffect = "${effect}"\non = ["${on}"]\n${lines}\n`;

  test.each([
    ["conditions that exclude each other", rule("when = { bytes = { lt = 10, gt = 9 } }"), []],
    [
      "a size between two bounds",
      rule('path = ["a"]\nwhen = { bytes = { lt = 11, gt = 9 } }'),
      ["allow: fs.write /w/a bytes=10"],
    ],
    ["an exception that covers the place in another case", rule('path = ["A"]\nexcept = ["a"]'), []],
    [
      "two regular expressions at once",
      rule(String.raw`when = { path = { regex = '\.md$', contains = "/docs/" } }`),
      ["allow: fs.write /docs/.md"],
    ],
    [
      "a word that begins where no word ends",
      rule(String.raw`when = { path = { regex = '\bx\b', glob = "/w/?x*" } }`),
      ["allow: fs.write /w/-x"],
    ],
    [
      "a time before a grant ends, known",
      rule('path = ["a"]\nexpires = 1970-01-02'),
      ["allow: fs.write /w/a now=1970-01-01T00:00:00.000Z"],
    ],
    [
      "an hour of the week",
      rule('path = ["a"]\nhours = "Mon 08:00-09:00 UTC"'),
      ["allow: fs.write /w/a now=1970-01-05T08:00:00.000Z"],
    ],
    ["an actor", rule('path = ["a"]\nwhen = { actor = { glob = "c?" } }'), ["allow: fs.write /w/a actor=cx"]],
    ["what no actor is both", rule('when = { actor = { starts_with = "a", ends_with = "b", glob = "?" } }'), []],
  ] as const)("with rules: %s", (_title, text, expected) => {
    expect(ask(text, { on: ["fs.write"] })).toEqual(expected);
  });

  const exec = (id: string, effect: string, lines: string) =>
    rule(lines, effect, "subprocess.exec").replace('"r"', JSON.stringify(id));
  const git = (effect: string, ...argv: readonly string[]) =>
    exec(effect, effect, `command = ["git"]\nargv = ${JSON.stringify(argv)}`);
  test.each<[string, string, readonly string[]]>([
    ["past a denial", git("allow", "log *") + git("deny", "log x"), ["allow: subprocess.exec git log y"]],
    ["of which nothing is left", git("allow", "log x") + git("deny", "log"), []],
    ["though any word may follow", git("allow", "push **") + git("deny", "push"), []],
    ["of an option in another spelling", git("allow", "push -f origin") + git("deny", "push --force"), []],
    ["of an option that no policy opens", git("allow", "grep -O *", "clone --upload-pack **"), []],
    ["of words that a grant leaves out", exec("r", "allow", 'command = "git"\nargv = "log *"\nexcept = "log"'), []],
    [
      "and of a part of its words",
      exec("r", "allow", 'command = "git"\nargv = "log **"\nexcept = ["log x", "log --all"]'),
      ["allow: subprocess.exec git log"],
    ],
    [
      "of a whole line",
      exec(
        "r",
        "allow",
        `command = "git"\nwhen = { command_line = { regex = '^git (log|show) -[0-9]$', ends_with = "2" } }`,
      ),
      ["allow: subprocess.exec git log -2"],
    ],
    [
      "of a whole line that no words make",
      exec("r", "allow", 'command = "git"\nargv = "log *"\nwhen = { command_line = { starts_with = "git show" } }'),
      [],
    ],
    [
      "of words that exclude each other",
      exec("r", "allow", 'command = "git"\nargv = "log"\nwhen = { argv = { contains = "push" } }'),
      [],
    ],
    [
      "behind one that runs others",
      exec("r", "allow", 'command = "npx"\nargv = "git push **"') + git("deny", "push"),
      [],
    ],
    ["of which a person is asked", git("allow", "push *") + git("ask", "push"), ["ask: subprocess.exec git push"]],
  ])("a grant of arguments %s", (_title, text, expected) => {
    expect(ask(text, { on: ["subprocess.exec"] })).toEqual(expected);
  });

  test("what the bounds of a denial leave open, and no tried line shows, is not confirmed and no no", () => {
    const text =
      git("allow", "-c * x") + exec("d", "deny", 'command = "git"\nwhen = { command_line = { contains = "-c" } }');
    expect(ask(text, { on: ["subprocess.exec"] })).toEqual([]);
    const sed = exec("s", "allow", 'command = "sed"\nargv = "* --x"');
    expect(
      ask(`${sed}${exec("d", "deny", `command = "sed"\nwhen = { command_line = { regex = '^sed [^w]' } }`)}`, {
        on: ["subprocess.exec"],
      }),
    ).toEqual(["allow: not confirmed"]);
  });

  test("what is beyond its bounds is told, and nothing is claimed", () => {
    const tooMuch = Array.from(
      { length: 40 },
      (_, at) => `*${String.fromCodePoint(0x4e00 + at)}*${String.fromCodePoint(0x5e00 + at)}*`,
    );
    const patterns = tooMuch.map((one) => JSON.stringify(one)).join(", ");
    const text = `[environment]\nallow_vars = ["A"]\n${rule(`when = { name = { glob = [${patterns}] } }`, "deny", "env.read")}${rule("", "allow", "env.read").replace('"r"', '"s"')}`;
    const { found, unknown } = possible(policyOf(text), { on: ["env.read"], wanted: ["allow", "ask", "deny"] });
    expect(found.length + unknown.length).toBeGreaterThan(0);
    expect(found.every(({ witness }) => witness !== null)).toBe(true);
  });

  test("a question that can not be asked says why", () => {
    expect(ask("", { on: ["fs.wirte"] })).toEqual(["`fs.wirte` is no capability; did you mean `fs.write`?"]);
    expect(ask("", { on: ["fs.read"], host: ["x.example"] })).toEqual(["`--host` does not apply to fs.read"]);
  });

  test("a ceiling bounds the answer", () => {
    const main = policyOf('[filesystem]\nread_allow = ["a/**", "b/**"]').data;
    const ceiling = policyOf('[filesystem]\nread_allow = ["b/c/**"]').data;
    const { found } = possible({ ...main, ceilings: [ceiling] }, { on: CAPABILITIES });
    expect(found.map(({ witness }) => witness?.call)).toEqual(["fs.read /w/b/c"]);
  });
});

describe("what a rule is there for", () => {
  test.each([
    [
      "a grant inside of another one does nothing",
      '[filesystem]\nread_allow = ["a/**", "a/b/*"]',
      "filesystem.read_allow[1]",
      [],
    ],
    [
      "a grant that is denied does nothing",
      '[filesystem]\nread_allow = ["a/b"]\ndeny = ["A"]',
      "filesystem.read_allow[0]",
      [],
    ],
    ["the same grant twice: each is needless", '[filesystem]\nread_allow = ["a", "a"]', "filesystem.read_allow[0]", []],
    [
      "a denial where nothing is granted does nothing",
      '[filesystem]\nread_allow = ["a"]\ndeny = ["b"]',
      "filesystem.deny[0]",
      [],
    ],
    [
      "a denial within a grant",
      '[filesystem]\nread_allow = ["a/**"]\ndeny = ["a/b"]',
      "filesystem.deny[0]",
      ["deny > allow: fs.read /w/a/b"],
    ],
  ] as const)("%s", (_title, text, id, expected) => {
    const [need] = needs(policyOf(text), ({ ref }) => ref.id === id);
    expect(need?.unknown).toEqual([]);
    expect(need?.changes.map(({ before, after, witness }) => `${before} > ${after}: ${witness?.call}`)).toEqual(
      expected,
    );
  });
});

describe("[[never]]", () => {
  const prove = (text: string) => {
    const file = `${ROOT}/agent-run.toml`;
    const loaded = loadPolicyText(`version = 1\n${text}`, { path: file, realPath: file }, pureWorld);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
    return proveNevers(Policy.revive(loaded.data), loaded.checks.nevers).flatMap(neverProblems);
  };
  const NEVER = '[[never]]\nid = "n"\non = ["fs.write"]\n';

  test.each([
    ["holds outside of what is granted", `[filesystem]\nwrite_allow = ["out/**"]\n${NEVER}path_not = ["out/**"]`, []],
    [
      "is refuted by a call and the rule that allows it",
      `[filesystem]\nwrite_allow = ["out/**", "x"]\n${NEVER}path_not = ["out/**"]`,
      [
        "the `[[never]]` `n` does not hold: `fs.write /w/x` is allowed, by filesystem.write_allow[1] (/w/agent-run.toml:3)",
      ],
    ],
    [
      "is read in any case of letters",
      `[filesystem]\nwrite_allow = ["OUT/x"]\n${NEVER}path = ["out/**"]`,
      [
        "the `[[never]]` `n` does not hold: `fs.write /w/OUT/x` is allowed, by filesystem.write_allow[0] (/w/agent-run.toml:3)",
      ],
    ],
  ] as const)("%s", (_title, text, expected) => {
    expect(prove(text)).toEqual(expected);
  });

  test("of hosts names scheme, port and path together", () => {
    const text =
      '[network]\nhttp_get_allow = ["https://a.example/x/**"]\n[[never]]\non = ["net.http_get"]\nhost_not = ["https://a.example/x/**"]';
    expect(prove(text)).toEqual([]);
    expect(prove(text.replace('a.example/x/**"]\n[[', 'a.example"]\n[['))).toHaveLength(1);
  });
});

describe("differences", () => {
  const kinds = (old: string, now: string) =>
    diffPolicies(policyOf(old).data, policyOf(now).data).changes.map(
      ({ on, before, after, witness }) => `${on} ${before} > ${after} ${witness?.call}`,
    );

  test.each([
    [
      "two denials that only one policy has do not hide each other",
      `[filesystem]\nread_allow = ["a"]\ndeny = ["a", "A"]`,
      `[filesystem]\nread_allow = ["a"]`,
      ["fs.read deny > allow fs.read /w/a", "fs.read deny > allow fs.read /w/a"],
    ],
    [
      "a wildcard does not reach this machine",
      `[network]\nhttp_get_allow = ["http://*:3000"]`,
      `[network]\nhttp_get_allow = ["http://*:3000", "localhost:3000"]`,
      ["net.http_get deny > allow net.http_get http://localhost:3000/"],
    ],
    [
      "an invisible character in a name is none to a denial",
      `[filesystem]\ndelete_allow = ["a/**"]\ndeny = ["a/b/c", "a/d"]`,
      `[filesystem]\ndelete_allow = ["a/**"]\ndeny = ["a/b", "a/d"]`,
      ["fs.delete allow > deny fs.delete /w/a/b/x"],
    ],
  ] as const)("%s", (_title, old, now, expected) => {
    expect(kinds(old, now)).toEqual(expected);
  });

  test("of arguments are proved to be none, or told with a line", () => {
    const git = (pattern: string) =>
      policyOf(
        `[subprocess]\nallow_commands = ["git"]\n[subprocess.deny_args]\ngit = ["push --force", ${JSON.stringify(pattern)}]`,
      ).data;
    const equal = { changes: [], scalars: [], unknown: [] };
    expect(diffPolicies(git("push -f"), git("push --force"))).toEqual(equal);
    expect(diffPolicies(git("push -f"), git("push -f"))).toEqual(equal);
    const { changes } = diffPolicies(git("push -f"), git("push"));
    expect(changes.map(({ way, witness }) => `${way} ${witness?.call}`)).toEqual(["narrower subprocess.exec git push"]);
  });

  test("name the rule that only one has, a call, and which way it goes", () => {
    const old = policyOf('[filesystem]\nread_allow = ["a/**"]\n[budget]\ncalls = 5').data;
    const now = policyOf('[filesystem]\nread_allow = ["a/**", "b"]\ndeny = ["a/c"]').data;
    const { changes, scalars } = diffPolicies(old, now);
    const said = changes.map(
      ({ rule, way, before, after, witness }) => `${rule.ref.id} ${way}: ${witness?.call} ${before} > ${after}`,
    );
    expect(said).toEqual([
      "filesystem.read_allow[1] wider: fs.read /w/b deny > allow",
      "filesystem.deny[0] narrower: fs.read /w/a/c allow > deny",
    ]);
    expect(scalars).toEqual([{ key: "budget.calls", old: "5", new: "not bounded", way: "wider" }]);
  });
});
