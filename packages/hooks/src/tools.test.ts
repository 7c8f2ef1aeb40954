/** Every tool of every host: the calls of the policy that it is, and what a wrong field makes of it. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@agent-run/policy";
import { afterAll, describe, expect, test } from "vitest";
import { FILES, POLICIES } from "./corpus.fixture.ts";
import type { HostName } from "./host-call.ts";
import { judgeHostCall } from "./judge-host.ts";
import { makeProject, policyUnder, removeProjects, sceneWorld } from "./scene.fixture.ts";

afterAll(removeProjects);

const root = makeProject(FILES);
symlinkSync(join(root, ".env"), join(root, "src/link"));
symlinkSync("/etc", join(root, "out/etc"));
const NETWORK = '[network]\nhttp_get_allow = ["docs.example.com"]\n';
const policy = policyUnder(
  root,
  `${POLICIES.local}${NETWORK}[[rule]]\nid = "few"\neffect = "allow"\non = ["fs.read"]\npath = ["few/**"]\nlimit = { calls = 2 }\n[[rule]]\nid = "small"\neffect = "allow"\non = ["fs.write"]\npath = ["small/**"]\nwhen = { bytes = { le = "3B" } }\n`,
);

function judged(host: HostName, tool: string, input: JsonObject, cwd = root) {
  return judgeHostCall({ host, tool, input, cwd }, policy, sceneWorld());
}

const at = (path: string): string => join(root, path);

type Row = readonly [tool: string, input: JsonObject, effect: "allow" | "ask" | "deny", why: string];

const patch = (...lines: readonly string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");

const TABLE: Readonly<Record<HostName, readonly Row[]>> = {
  "claude-code": [
    ["Read", { file_path: at("src/a.ts") }, "allow", "may be read"],
    ["Read", { file_path: at(".env") }, "deny", "may not be read"],
    ["Read", { file_path: at("src/../.env") }, "deny", "dot segments"],
    ["Read", { file_path: at("src/link") }, "deny", "a link leads to what may not be read"],
    ["Read", { file_path: "~/.ssh/id_rsa" }, "deny", "a home"],
    ["Read", { file_path: at("private/key.txt") }, "deny", "local-only"],
    ["Read", { file_path: at("few/x") }, "deny", "a rule that counts calls"],
    ["Read", { file_path: "a\0b" }, "deny", "no file has such a name"],
    ["Read", { file_path: at("src/a.ts"), path: at("src/b.ts") }, "deny", "two files, of which one is read"],
    ["Read", { file_path: at("src/a.ts"), path: at("src/a.ts") }, "allow", "the same file twice"],
    ["Read", { file_path: 7 }, "deny", "no text"],
    ["Read", {}, "deny", "missing"],
    ["Write", { file_path: at("out/x"), content: "x" }, "allow", "may be written"],
    ["Write", { file_path: at("src/x"), content: "x" }, "deny", "may be read only"],
    ["Write", { file_path: at("out/etc/x"), content: "x" }, "deny", "a link leads out"],
    ["Write", { file_path: at("out/x") }, "deny", "no content"],
    ["Write", { file_path: at("small/x"), content: "abc" }, "allow", "three bytes"],
    ["Write", { file_path: at("small/x"), content: "äb" }, "allow", "three bytes"],
    ["Write", { file_path: at("small/x"), content: "äbc" }, "deny", "four bytes"],
    ["Write", { file_path: at(".claude/settings.json"), content: "{}" }, "deny", "the host's settings"],
    ["Write", { file_path: at("agent-run.toml"), content: "" }, "deny", "the policy"],
    ["Edit", { file_path: at("out/old.txt"), old_string: "x", new_string: "y" }, "allow", "read and written"],
    ["Edit", { file_path: at("src/a.ts"), old_string: "x", new_string: "y" }, "deny", "may be read only"],
    ["MultiEdit", { file_path: at("src/a.ts"), edits: [] }, "deny", "may be read only"],
    ["NotebookEdit", { notebook_path: at("out/n.ipynb"), new_source: "" }, "allow", "read and written"],
    ["NotebookEdit", { notebook_path: at("src/n.ipynb"), new_source: "" }, "deny", "may be read only"],
    ["Glob", { pattern: "src/*.ts" }, "deny", "a link below it leads to what may not be read"],
    ["Glob", { pattern: "docs/**" }, "allow", "all below may be read"],
    ["Glob", { pattern: "**/*.md", path: at("docs") }, "allow", "all below may be read"],
    ["Glob", { pattern: "**/*.ts" }, "deny", "the root may not be searched"],
    ["Glob", { pattern: "mixed/**" }, "deny", "below it lies what may not be read"],
    ["Glob", { pattern: "/etc/*" }, "deny", "elsewhere"],
    ["Glob", { pattern: "docs/*/../../*" }, "deny", "dot segments behind a wildcard"],
    ["Glob", { pattern: "../*", path: at("docs") }, "deny", "dot segments"],
    ["Glob", {}, "deny", "missing"],
    ["Grep", { pattern: "x", path: at("docs") }, "allow", "all below may be read"],
    ["Grep", { pattern: "x", path: at("docs/x.md") }, "allow", "a file"],
    ["Grep", { pattern: "x" }, "deny", "the root may not be searched"],
    ["Grep", { pattern: "x", path: at("mixed") }, "deny", "below it lies what may not be read"],
    ["Grep", { pattern: "x", path: at("private") }, "deny", "local-only"],
    ["Grep", { pattern: "x", path: at("docs"), glob: "../*" }, "deny", "leads elsewhere"],
    ["Grep", { pattern: "x", path: 7 }, "deny", "no text"],
    ["LS", { path: at("docs") }, "allow", "all below may be read"],
    ["LS", { path: at("mixed") }, "deny", "below it lies what may not be read"],
    ["WebFetch", { url: "https://docs.example.com/x", prompt: "?" }, "allow", "a host of the policy"],
    ["WebFetch", { url: "http://docs.example.com/x", prompt: "?" }, "deny", "another scheme"],
    ["WebFetch", { url: "https://evil.example/x", prompt: "?" }, "deny", "another host"],
    ["WebFetch", { url: "file:///etc/passwd", prompt: "?" }, "deny", "no such URL"],
    ["WebSearch", { query: "x" }, "deny", "no address"],
    ["Bash", { command: "git status" }, "allow", "a listed command"],
    ["Bash", { command: ["git", "status"] }, "allow", "words"],
    ["Bash", { command: ["git", "status", "x; whoami"] }, "allow", "one word, whatever is in it"],
    ["Bash", { command: 7 }, "deny", "no text"],
    ["Bash", {}, "deny", "missing"],
    ["Task", { prompt: "x", subagent_type: "y" }, "allow", "its tools are asked about"],
    ["Task", { prompt: "x", isolation: "remote" }, "deny", "somewhere else"],
    ["TodoWrite", { todos: [] }, "allow", "the host's own state"],
    ["Skill", { skill: "x" }, "deny", "not known"],
    ["PowerShell", { command: "ls" }, "deny", "not known"],
    ["Monitor", { command: "ls" }, "deny", "not known"],
    ["constructor", {}, "deny", "not known"],
    ["__proto__", {}, "deny", "not known"],
    ["bash", { command: "git status" }, "deny", "another name"],
    ["mcp__agent-run__run", { script: "x" }, "allow", "ours: it decides itself"],
    ["mcp__agent-run-x__run", {}, "deny", "not ours"],
    ["mcp__x__agent-run__run", {}, "deny", "not ours"],
    ["mcp__github__create_issue", {}, "deny", "no rule speaks of it"],
  ],
  codex: [
    ["Bash", { command: "git status" }, "allow", "a listed command"],
    ["shell", { command: ["bash", "-lc", "git status"] }, "allow", "a shell's script"],
    ["shell", { command: ["bash", "-lc", "whoami"] }, "deny", "a shell's script"],
    ["shell", { command: ["rm", "out/tmp/t.txt"] }, "allow", "may be deleted"],
    ["exec_command", { cmd: "cat a.ts", workdir: at("src") }, "allow", "in a directory"],
    ["exec_command", { cmd: "cat ./x", workdir: "/etc" }, "deny", "in another directory"],
    ["exec_command", { command: "ls src", cmd: "whoami" }, "deny", "two commands, of which one runs"],
    ["exec_command", { cmd: "cat a.ts", workdir: at("src"), cwd: "/" }, "deny", "two directories"],
    ["exec_command", { cmd: "ls", workdir: 7 }, "deny", "no text"],
    ["apply_patch", { command: patch("*** Add File: out/x", "+a") }, "allow", "may be written"],
    ["apply_patch", { command: ["apply_patch", patch("*** Add File: out/x", "+a")] }, "allow", "as words"],
    ["apply_patch", { command: patch("*** Add File: src/x", "+a") }, "deny", "may be read only"],
    ["apply_patch", { command: patch("*** Update File: out/old.txt", "@@", "-x", "+y") }, "allow", "read and written"],
    ["apply_patch", { command: patch("*** Update File: src/a.ts", "@@", "-x", "+y") }, "deny", "may be read only"],
    ["apply_patch", { command: patch("*** Delete File: out/tmp/t.txt") }, "allow", "may be deleted"],
    ["apply_patch", { command: patch("*** Delete File: out/old.txt") }, "deny", "may not be deleted"],
    [
      "apply_patch",
      { command: patch("*** Update File: out/tmp/t.txt", "*** Move to: out/t", "@@", "-x") },
      "allow",
      "moved",
    ],
    [
      "apply_patch",
      { command: patch("*** Update File: out/tmp/t.txt", "*** Move to: src/t", "@@", "-x") },
      "deny",
      "moved",
    ],
    [
      "apply_patch",
      { command: patch("*** Update File: out/old.txt", "*** Move to: out/t", "@@", "-x") },
      "deny",
      "moved",
    ],
    [
      "apply_patch",
      { command: patch("*** Add File: out/x", "+a", " *** Add File: src/x", "+b") },
      "deny",
      "a header behind a blank",
    ],
    ["apply_patch", { command: patch("*** Add File: out/x", "+*** Add File: src/x") }, "allow", "a line of the file"],
    [
      "apply_patch",
      { command: patch("*** Environment ID: x", "*** Add File: out/x", "+a") },
      "deny",
      "an unknown header",
    ],
    [
      "apply_patch",
      { command: patch("*** Add File: out/x", "+a"), input: patch("*** Add File: src/x", "+a") },
      "deny",
      "two patches",
    ],
    ["apply_patch", { command: patch() }, "deny", "nothing"],
    ["apply_patch", { command: "*** Add File: out/x" }, "deny", "no patch"],
    ["apply_patch", {}, "deny", "missing"],
    ["update_plan", { plan: [] }, "allow", "the host's own state"],
    ["write_stdin", { session_id: 1, chars: "whoami\n" }, "deny", "a command for a shell that runs"],
    ["write_stdin", { session_id: 1, chars: "" }, "allow", "only looks"],
    ["view_image", { path: at("docs/x.md") }, "allow", "may be read"],
    ["web_search", { query: "x" }, "deny", "no address"],
    ["mcp__agent-run__run", {}, "allow", "ours"],
    ["mcp__other__x", {}, "deny", "not ours"],
    ["unknown", {}, "deny", "not known"],
  ],
  opencode: [
    ["read", { filePath: at("src/a.ts") }, "allow", "may be read"],
    ["read", { file_path: at("src/a.ts"), filePath: at("src/b.ts") }, "deny", "two files"],
    ["read", { filePath: "src/a.ts" }, "allow", "below the directory"],
    ["read", { filePath: ".env" }, "deny", "may not be read"],
    ["read", { filePath: at("mixed") }, "deny", "a directory with what may not be read"],
    ["write", { filePath: at("out/x"), content: "" }, "allow", "may be written"],
    ["write", { filePath: at("opencode.json"), content: "" }, "deny", "the host's settings"],
    ["edit", { filePath: at("src/a.ts"), oldString: "x", newString: "y" }, "deny", "may be read only"],
    ["apply_patch", { patchText: patch("*** Add File: out/x", "+a") }, "allow", "may be written"],
    ["patch", { patchText: patch("*** Delete File: src/a.ts") }, "deny", "may not be deleted"],
    ["glob", { pattern: "docs/*" }, "allow", "all below may be read"],
    ["grep", { pattern: "x", path: at("docs"), include: "*.md" }, "allow", "all below may be read"],
    ["grep", { pattern: "x", path: at("docs"), include: "/etc/*" }, "deny", "leads elsewhere"],
    ["list", { path: at("mixed") }, "deny", "below it lies what may not be read"],
    ["bash", { command: "git status", workdir: at("src") }, "allow", "in a directory"],
    ["bash", { command: "whoami" }, "deny", "not listed"],
    ["webfetch", { url: "https://docs.example.com/x" }, "allow", "a host of the policy"],
    ["websearch", { query: "x" }, "deny", "no address"],
    ["task", { prompt: "x" }, "allow", "its tools are asked about"],
    ["todowrite", { todos: [] }, "allow", "the host's own state"],
    ["skill", { name: "x" }, "deny", "not known"],
    ["agent-run_run", {}, "allow", "ours"],
    ["agent-run_x_run", {}, "deny", "another server whose name begins so"],
    ["github_create", {}, "deny", "not ours"],
  ],
};

for (const host of ["claude-code", "codex", "opencode"] as const) {
  describe(host, () => {
    for (const [tool, input, effect, why] of TABLE[host]) {
      test(`${effect}: ${tool} ${JSON.stringify(input).replaceAll(root, "").slice(0, 90)} (${why})`, () => {
        const verdict = judged(host, tool, input);
        expect(verdict.effect, verdict.reason).toBe(effect);
        expect(verdict.decisions.map(({ decision }) => decision.rule.id)).not.toContain("builtin.error");
      });
    }
  });
}

test("a program that another directory of PATH puts in front is not the one that the policy found", () => {
  const world = sceneWorld({
    environment: { PATH: "bin:/usr/bin" },
    isProgram: (path) => path === at("bin/git"),
    findCommands: (given) => given.withCommands([{ name: "git", path: "/usr/bin/git", dev: 1, ino: 1 }]),
  });
  const call = { host: "codex", tool: "Bash", input: { command: "git status" }, cwd: root } as const;
  expect(judgeHostCall(call, policy, world).decisions[0]?.decision.rule.id).toBe("builtin.command_place");
  expect(judgeHostCall(call, policy, { ...world, isProgram: (path) => path === "/usr/bin/git" }).effect).toBe("allow");
});

test("a path is what a host may make of it: without blanks at its ends, a URL as a file", () => {
  const read = (path: string) => judged("opencode", "read", { filePath: path }, at("src")).effect;
  expect(read("a.ts")).toBe("allow");
  expect(read(" a.ts ")).toBe("allow");
  expect(read(" ../script.sh")).toBe("deny");
  expect(read("../script.sh\n")).toBe("deny");
  expect(read(" /etc/passwd")).toBe("deny");
  expect(read("file:///etc/passwd")).toBe("deny");
  expect(read("FILE://localhost/etc/%70asswd")).toBe("deny");
});

test("a search follows links to directories, round in circles too", () => {
  const other = makeProject(["docs/x.md", "mixed/.env", "private/y"]);
  const reader = policyUnder(other, POLICIES.work);
  const search = () =>
    judgeHostCall(
      { host: "claude-code", tool: "Grep", input: { pattern: "x", path: "docs" }, cwd: other },
      reader,
      sceneWorld(),
    ).effect;
  symlinkSync(".", join(other, "docs/here"));
  expect(search()).toBe("allow");
  symlinkSync("../mixed", join(other, "docs/there"));
  expect(search()).toBe("deny");
});
