import { createHash } from "node:crypto";
import { loadPolicyText, type PolicyWorld } from "@agent-run/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { IMPORT_FORMATS, importPolicy } from "./import.ts";

const problemOf = (text: string, format?: (typeof IMPORT_FORMATS)[number]): string => {
  const result = importPolicy(text, { file: "f", format });
  if (result.ok) return result.text;
  const { line, column, message } = result.problem;
  return `${line}:${column} ${message}`;
};

test.each([
  ['{ "permissions": { "allow": [] } }', "claude-code"],
  ['// settings\n/* of\nours */ { "permissions": {} }', "claude-code"],
  ["# words\nprefix_rule(pattern=['ls'])\n", "codex"],
  ["version: '1.0'\nstatements: []\n", "agsec"],
  ["rules:\n  - match: { action: file_read }\n    effect: allow\n", "siphrix"],
  ["rules:\n  - action: x\n    status: block\n", "agsec"],
])("the tool of %j is guessed, and said to be so", (text, format) => {
  expect(importPolicy(text, { file: "f" })).toMatchObject({ ok: true, format, guessed: true });
});

test.each([
  ["nothing that is known", undefined, "", "1:1 this is no policy of a tool that is known here"],
  [
    "more than one policy can hold",
    "claude-code",
    JSON.stringify({ permissions: { deny: Array(4500).fill(`Bash(rm ${"x".repeat(200)}:*)`) } }),
    "1:1 it becomes a policy that does not load: the policy is larger than 2048 KiB",
  ],
  ["settings without permissions", "claude-code", "{}", "1:1 the settings have no `permissions`"],
  [
    "JSON that ends early",
    "claude-code",
    '{\n  "permissions": {',
    "2:19 not valid JSON: expected a key in double quotes, or `}`",
  ],
  ["a key twice", "claude-code", '{ "a": 1,\n"a": 2 }', "2:1 the key stands here a second time"],
  ["a rule that is no text", "claude-code", '{ "permissions": { "deny": [\n1] } }', "2:1 `deny` takes a list of texts"],
  ["nesting without end", "claude-code", "[".repeat(500), "1:66 values are nested more than 64 deep"],
  [
    "YAML that is none",
    "agsec",
    "statements: [\n",
    "2:1 not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "a statement without an effect",
    "agsec",
    "statements:\n  - sid: x\n",
    "2:5 `effect` is `allow`, `deny` or `review`",
  ],
  [
    "an effect that is none",
    "siphrix",
    "rules:\n  - effect: maybe\n",
    "2:13 `effect` is `allow`, `block`, `abort` or `require_approval`",
  ],
  [
    "a loop in rules",
    "codex",
    "for x in y:\n  prefix_rule(pattern=[x])\n",
    "1:1 only calls such as `prefix_rule(...)` are read; this is something else",
  ],
  [
    "a name as a value",
    "codex",
    "prefix_rule(\n  pattern=WORDS)\n",
    "2:11 expected a text, a list, a number, `True`, `False` or `None`",
  ],
  ["an argument without a name", "codex", 'prefix_rule(["a"])', "1:13 an argument is written `name = value`"],
  ["something behind a rule", "codex", "prefix_rule(pattern=['a']) + x", "1:28 expected the end of the line"],
  ["another function", "codex", "load_rules(x='y')", "1:1 `load_rules` is no rule"],
  [
    "an argument that is none",
    "codex",
    "prefix_rule(pattern=['a'], mach=[])",
    "1:33 `prefix_rule` has no argument `mach`",
  ],
  ["an empty pattern", "codex", "prefix_rule(pattern=[])", "1:21 `pattern` takes a list of words"],
  [
    "a decision that is none",
    "codex",
    "prefix_rule(pattern=['a'], decision='perhaps')",
    "1:37 `decision` is `allow`, `prompt` or `forbidden`",
  ],
  [
    "alternatives that multiply",
    "codex",
    `prefix_rule(pattern=[${"['a','b','c'],".repeat(9)}])`,
    "1:64 the pattern stands for more than 64 lines",
  ],
] as const)("%s is refused at its place", (_title, format, text, problem) => {
  expect(problemOf(text, format)).toBe(problem);
});

test("ten lines of aliases do not become a billion values", () => {
  const lines = Array.from(
    { length: 12 },
    (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(", ")}]`,
  );
  const text = ["a0: &a0 [x, x]", ...lines, "statements: []"].join("\n");
  expect(problemOf(text, "agsec")).toMatch(/^\d+:\d+ the file holds more than 20000 values$/);
});

test("merge keys are followed, and what stands beside them wins", () => {
  const text = "base: &b\n  effect: allow\n  actions: [file.read]\nstatements:\n  - <<: *b\n    effect: deny\n";
  expect(problemOf(text, "agsec")).toContain('effect = "deny"\non = ["fs.read"]');
});

test("a condition that can not be said closes more, never less", () => {
  const text = (effect: string) =>
    `statements:\n  - effect: ${effect}\n    actions: [file.read]\n    conditions: { params.amount: { op: ">", value: 5 } }\n`;
  expect(problemOf(text("deny"), "agsec")).toContain('effect = "deny"\non = ["fs.read"]\n');
  expect(problemOf(text("allow"), "agsec")).not.toContain("[[rule]]");
});

test("an expression that our engine does not take is said of every call", () => {
  const text =
    'statements:\n  - effect: deny\n    actions: [bash.execute]\n    conditions: { params.command: { op: regex, value: "a(" } }\n';
  expect(problemOf(text, "agsec")).toMatch(
    /said of every call.*\n\[\[rule\]\]\nid = "agsec-line-2"\neffect = "deny"\non = \["subprocess.exec"\]\n$/,
  );
});

test.each([
  ["allow", "Bash(npm run test:*)", 'command = ["npm"] argv = ["run test **"]'],
  ["allow", "Bash(git status)", 'command = ["git"] argv = ["status"]'],
  ["allow", "Bash(git * main)", 'command = ["git"] argv = ["* main"]'],
  ["allow", "Bash(ls)", 'command = ["ls"] when = { command_line = { eq = "ls" } }'],
  ["allow", "Bash(timeout 5 rm:*)", "left out: `timeout` runs other commands"],
  ["allow", "Bash(env:*)", "left out: `env` runs other commands"],
  ["allow", "Bash(* install)", "left out: a grant names one command"],
  ["allow", "Bash(echo $HOME)", "left out: a grant of arguments is made of plain words"],
  ["allow", "Bash", "left out: a grant names its commands"],
  ["ask", "Bash", 'on = ["subprocess.exec"]'],
  ["deny", "Bash(rm -rf:*)", 'command = ["rm"] argv = ["-rf"]'],
  ["deny", "Bash(git -C x push:*)", 'when = { command_line = { glob = ["git -C x push", "git -C x push *"] } }'],
  ["allow", "Read(src)", 'path = ["**/src", "**/src/**"]'],
  ["allow", "Read(/src/a.ts)", 'path = ["src/a.ts"]'],
  ["allow", "Read(//etc/hosts)", 'path = ["/etc/hosts", "/etc/hosts/**"]'],
  ["allow", "Edit(../x)", "left out: a pattern that climbs"],
  ["deny", "Edit(../x)", 'on = ["fs.write", "fs.delete"]'],
  ["deny", "Read(*.{pem,key})", 'path = ["**/*.\\\\{pem\\\\,key\\\\}", "**/*.{pem,key}"]'],
  ["allow", "Write(a)", "left out: files are granted by `Read` and `Edit`"],
  ["deny", "Write(a)", 'path = ["**/a"]'],
  ["deny", "Grep", "left out: scripts have no such tool here"],
  ["allow", "WebFetch(domain:docs.rs)", 'host = ["docs.rs"]'],
  ["deny", "WebFetch(domain:docs.rs)", 'host = ["docs.rs", "*.docs.rs"]'],
  ["allow", "WebFetch(x)", "left out: it names no `domain:`"],
  ["deny", "WebFetch(x)", 'on = ["net.*"]'],
  ["deny", "mcp__a__b", "left out: scripts have no such tool here"],
  ["deny", "Web*", 'on = ["net.*"]'],
  ["deny", "mcp__*", "left out: scripts have no such tool here"],
  ["allow", "*", "left out: a grant names its tool"],
  ["deny", "Bash(python a.py -c:*)", 'when = { command_line = { glob = ["python a.py -c", "python a.py -c *"] } }'],
])("claude-code: %s %s", (effect, rule, wanted) => {
  const text = JSON.stringify({ permissions: { [effect]: [rule] } });
  expect(problemOf(text, "claude-code").replaceAll("\n", " ")).toContain(wanted);
});

test("a denial of every tool is one of every capability that scripts have", () => {
  const text = problemOf(JSON.stringify({ permissions: { deny: ["*"] } }), "claude-code");
  expect(text.match(/^on = .*$/gm)).toEqual([
    'on = ["subprocess.exec"]',
    'on = ["net.*"]',
    'on = ["fs.read"]',
    'on = ["fs.write", "fs.delete"]',
  ]);
});

test.each([
  ["agsec", "statements: [{ effect: allow, actions: [file.read], agents: [x] }]"],
  [
    "agsec",
    'statements: [{ effect: allow, actions: [file.read], conditions: { params.file_path: { op: starts_with, value: "/a", negate: true } } }]',
  ],
  ["agsec", "statements: [{ effect: allow, actions: [bash.execute], conditions: { params.command: yes } }]"],
  [
    "agsec",
    "statements: [{ effect: allow, actions: [bash.execute], conditions: { params.command: { op: in, value: [On, ls] } } }]",
  ],
  ["siphrix", "rules: [{ effect: allow, match: { action: file_read }, enabled: false }]"],
  ["siphrix", "rules: [{ effect: allow }]"],
  ["siphrix", "rules: [{ effect: allow, match: {} }]"],
  ["agsec", "statements: [{ effect: allow }]"],
  ["agsec", 'statements: [{ effect: allow, actions: ["file.[r]ead"] }]'],
] as const)("a grant that may mean less is left out: %s %s", (format, text) => {
  expect(problemOf(text, format)).not.toContain("[[rule]]");
});

test.each([
  ["negate: true", '{ op: starts_with, value: "/a", negate: true }', "all"],
  ["the beginning of a path as it is typed", '{ op: regex, value: "^src/" }', "all"],
  ["a choice of beginnings", '{ op: regex, value: "x|^(src|/a)" }', "all"],
  ["any, however it is written", '{ op: contains, value: "/a" }, params.amount: 5', "Any"],
])("a denial is said of every call: %s", (_title, condition, match) => {
  const text = `statements: [{ effect: deny, actions: [file.read], match: ${match}, conditions: { params.file_path: ${condition} } }]`;
  expect(problemOf(text, "agsec")).toMatch(/effect = "deny"\non = \["fs.read"\]\n$/);
});

test.each(["^/a/", "^\\\\/a", "^.*\\\\.pem$", "[^x]a", "\\\\^a"])(
  "a denial keeps an expression that says of absolute paths what it says of others: %s",
  (regex) => {
    const text = `statements: [{ effect: deny, actions: [file.read], conditions: { params.file_path: { op: regex, value: "${regex}" } } }]`;
    expect(problemOf(text, "agsec")).toContain("when = { path = { regex = ");
  },
);

test.each(["file.[r]ead", "file.[!w]*", "file.[]r]ead", "*.rea?", "x".repeat(200)])(
  "a denial of %s is one of reading files",
  (action) => {
    const text = `statements: [{ effect: deny, actions: ["${action}"] }]\nrules: [{ status: deny, action: "${action}" }]`;
    const reads = problemOf(text, "agsec").match(/effect = "deny"\non = \["fs.read"\]/g);
    expect(reads).toHaveLength(2);
  },
);

test("a block of a category with a wildcard is one of all that it may mean", () => {
  expect(problemOf('rules: [{ effect: block, match: { category: "re*" } }]', "siphrix")).toContain("fs.read");
});

test("in the user's own settings a leading `/` is their directory", () => {
  const text = JSON.stringify({ permissions: { allow: ["Read(/notes/a.md)"] } });
  const imported = importPolicy(text, { file: "f", base: "~/.claude" });
  expect(imported.ok && imported.text).toContain('path = ["~/.claude/notes/a.md"]');
});

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

test("whatever a file holds, the answer is a policy that loads or a problem with a place", () => {
  const piece = fc.constantFrom(
    "Bash(",
    "Read(",
    "WebFetch(domain:",
    ")",
    "*",
    ":*",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "'",
    "\n",
    "é",
    "\u202e",
    "//",
    "~",
    "!",
    " ",
    "a",
    "..",
    "\u007f",
  );
  const odd = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));
  const file = fc.oneof(
    fc
      .record({ allow: fc.array(odd), ask: fc.array(odd), deny: fc.array(odd) })
      .map((permissions) => ["claude-code", JSON.stringify({ permissions })] as const),
    fc
      .array(odd, { minLength: 1 })
      .map(
        (words) =>
          [
            "codex",
            words
              .map(
                (word) =>
                  `prefix_rule(pattern=[${JSON.stringify(word)}, "x"], decision="forbidden", justification=${JSON.stringify(word)})`,
              )
              .join("\n"),
          ] as const,
      ),
    fc.tuple(fc.constantFrom("allow", "deny", "review"), odd, odd).map(
      ([effect, sid, value]) =>
        [
          "agsec",
          JSON.stringify({
            statements: [
              {
                sid,
                effect,
                actions: ["*"],
                reason: value,
                conditions: { "params.file_path": { op: "regex", value } },
              },
            ],
          }),
        ] as const,
    ),
    fc.tuple(fc.constantFrom(...IMPORT_FORMATS), odd),
  );
  fc.assert(
    fc.property(file, ([format, text]) => {
      const result = importPolicy(text, { file: text, format });
      if (!result.ok) return result.problem.line >= 1;
      return loadPolicyText(result.text, { path: "p.toml" }, world, { root: "/work" }).ok;
    }),
    { numRuns: 300 },
  );
});

test("a policy of ours, or of Aegis, is not imported but loads as it is", () => {
  const result = importPolicy('inherits = "secure-defaults"\n', { file: "f" });
  expect(result.ok ? null : result.problem.hint).toMatch(/^a policy in TOML loads as it is/);
});
