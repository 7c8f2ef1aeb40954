import { createHash } from "node:crypto";
import { loadPolicyText } from "@agent-run/policy";
import { expect, test } from "vitest";
import { importPolicy } from "./import.ts";
import { settle } from "./settle.ts";
import { shellWords } from "./shell-words.ts";

function imported(text: string) {
  const result = importPolicy(text, { file: "f.rules", format: "codex" });
  if (!result.ok) throw new Error(`${result.problem.line}:${result.problem.column} ${result.problem.message}`);
  const world = {
    readText: () => ({ ok: false as const, reason: "there are no files" }),
    realPath: (path: string) => path,
    homes: ["/home/me"],
    presets: new Map(),
    sha256: (one: string) => createHash("sha256").update(one).digest("hex"),
  };
  expect(loadPolicyText(result.text, { path: "p.toml" }, world, { root: "/w" })).toMatchObject({ ok: true });
  return result;
}

test("examples that hold here, too, are carried over; the others are told with their line", () => {
  const { text, left } = imported(`prefix_rule(
    pattern = ["gh", "pr", "view"],
    decision = "prompt",
    match = [
        "gh pr view 7888",
        ["gh", "pr", "view", "a b"],
    ],
    not_match = [
        "gh pr --repo openai/codex view 7888",
        "gh pr list",
        ["hub", "pr"],
    ],
)`);
  expect(text).toContain(`match = [
  { on = "subprocess.exec", argv = ["gh", "pr", "view", "7888"] },
  { on = "subprocess.exec", argv = ["gh", "pr", "view", "a b"] },
]
no_match = [{ on = "subprocess.exec", argv = ["gh", "pr", "list"] }]
`);
  expect(left).toEqual([
    { line: 9, text: "not_match gh pr --repo openai/codex view 7888", why: expect.stringMatching(/matches, too/) },
    { line: 11, text: "not_match hub pr", why: expect.stringMatching(/matches, too/) },
  ]);
  expect(text).toContain("# line 9: not_match gh pr --repo openai/codex view 7888: left out: an example that");
});

test("an example that is wrong costs itself, not its rule, and makes no denial wider", () => {
  const example = { match: [["ls"]], no_match: [] };
  const from = { at: { line: 1, column: 1 }, text: "x" };
  for (const effect of ["allow", "deny"] as const) {
    const fields = { command: ["git"], argv: ["push"] };
    const rule = { kind: "rule", id: "r", effect, on: ["subprocess.exec"], fields, from } as const;
    expect(settle([], [{ ...rule, examples: example }])).toEqual(settle([], [rule]));
  }
});

test("each alternative has the examples that it matches", () => {
  const { text, left } = imported(
    'prefix_rule(pattern = [["git", "npm"], "run"], match = ["git run", "npm run x"], not_match = ["npm x run"])',
  );
  expect(text.match(/^(?:command|match|no_match) = .*/gm)).toEqual([
    'command = ["git"]',
    'match = [{ on = "subprocess.exec", argv = ["git", "run"] }]',
    'command = ["npm"]',
    'match = [{ on = "subprocess.exec", argv = ["npm", "run", "x"] }]',
    'no_match = [{ on = "subprocess.exec", argv = ["npm", "x", "run"] }]',
  ]);
  expect(left).toEqual([]);
});

const HOST = 'host_executable(name = "git", paths = ["/usr/bin/git", "/opt/git/bin/git"])\n';

test.each([
  ["allow", ['command = ["/usr/bin/git", "/opt/git/bin/git"]', 'argv = ["push **"]']],
  [
    "prompt",
    [
      'command = ["/usr/bin/git", "/opt/git/bin/git"]',
      'argv = ["push", "push **"]',
      'when = { command_line = { glob = ["git push", "git push *"] } }',
    ],
  ],
  ["forbidden", ['command = ["git"]', 'argv = ["push"]']],
])("host_executable and %s", (decision, wanted) => {
  // The line may stand behind the rule.
  const { text, left } = imported(`prefix_rule(pattern = ["git", "push"], decision = "${decision}")\n${HOST}`);
  expect(text.match(/^(?:command|argv|when) = .*/gm)).toEqual(wanted);
  expect(left).toEqual([]);
});

test("an example of a name is one of a file that the name may mean", () => {
  const { text } = imported(
    `${HOST}prefix_rule(pattern = ["git", "push"], match = ["git push", "/opt/git/bin/git push"], not_match = ["/bin/git push"])`,
  );
  expect(text).toContain('{ on = "subprocess.exec", argv = ["/usr/bin/git", "push"] }');
  expect(text).toContain('{ on = "subprocess.exec", argv = ["/opt/git/bin/git", "push"] }');
});

test("what can not be said of host_executable is told, and grants nothing", () => {
  const rule = 'prefix_rule(pattern = ["az"])\n';
  const home = imported(`${rule}host_executable(name = "az", paths = ["~/bin/az"])`);
  expect(home.rules).toBe(0);
  expect(home.left).toEqual([
    { line: 1, text: "prefix_rule az", why: "no file that `az` may mean is left" },
    { line: 2, text: "host_executable az", why: "`~/bin/az`: a command is granted by an absolute path" },
  ]);
  const twice = imported(
    `${rule}host_executable(name = "az", paths = ["/a/az", "/b/az"])\nhost_executable(name = "az", paths = ["/b/az"])`,
  );
  expect(twice.text).toContain('command = ["/b/az"]');
  expect(twice.left[0]?.why).toBe("the name has such a line above; the paths of both are granted");
});

test.each([
  ["match = [\n'git pull']", "2:1 the rule does not match this example"],
  ["not_match = ['ls',\n['git', 'push', 'x']]", "2:1 the rule matches this example"],
  ["match = ['git push \"']", "1:46 an example is a command line, or a list of words"],
  ["match = [[]]", "1:46 an example is a command line, or a list of words"],
  ["match = [1]", "1:46 an example is a command line, or a list of words"],
  ["match = 'git push'", "1:45 `match` takes a list of calls"],
  [`match = [${'"git push", '.repeat(501)}]`, "1:1 a rule has more than 500 examples"],
])("examples: %s", (examples, wanted) => {
  expect(() => imported(`prefix_rule(pattern=['git','push'], ${examples})`)).toThrow(wanted);
});

test.each([
  ["name = 'git'", "1:1 `paths` takes a list of paths"],
  ["name = '/git', paths = []", "1:24 `name` takes the name of a command, without a path"],
  ["name = 'git', paths = ['git']", "1:40 `paths` takes absolute paths"],
  ["name = 'git', paths = ['/usr/bin/hub']", "1:40 the path is none of `git`"],
  ["name = 'git', paths = [], x = 1", "1:47 `host_executable` has no argument `x`"],
])("host_executable(%s) is refused", (args, wanted) => {
  expect(() => imported(`host_executable(${args})`)).toThrow(wanted);
});

test.each([
  ["git  push\torigin", ["git", "push", "origin"]],
  ["a 'b c'\"d e\" f\\ g", ["a", "b cd e", "f g"]],
  ['"a\\"b\\n\\$" \'\\\'', ['a"b\\n$', "\\"]],
  ["'' \"\"", ["", ""]],
  ["a # b", ["a"]],
  ["a#b", ["a#b"]],
  ["", []],
  ["a\\\nb", ["ab"]],
  ["a 'b", null],
  ['a "b', null],
  ["a\\", null],
])("the words of %j", (line, words) => {
  expect(shellWords(line)).toEqual(words);
});
