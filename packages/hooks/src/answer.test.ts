/** Each host's own form: the fields it takes, and what it is told where nothing can be answered. */
import { Policy } from "@agent-run/policy";
import { afterAll, describe, expect, test } from "vitest";
import { answerHook, failure } from "./answer.ts";
import { FILES, POLICIES } from "./corpus.fixture.ts";
import type { HostName } from "./host-call.ts";
import { makeProject, policyUnder, removeProjects, sceneWorld } from "./scene.fixture.ts";

afterAll(removeProjects);

const root = makeProject(FILES);
const policy = policyUnder(root, POLICIES.work);
const EVENT = { "claude-code": "PreToolUse", codex: "PreToolUse", opencode: "tool.execute.before" } as const;

function asked(host: HostName, command: string, changes: object = {}) {
  const call = {
    hook_event_name: EVENT[host],
    tool_name: host === "opencode" ? "bash" : "Bash",
    tool_input: { command },
    cwd: root,
  };
  return answerHook(host, JSON.stringify({ ...call, ...changes }), policy, sceneWorld());
}

const output = (text: string) => JSON.parse(text).hookSpecificOutput;

describe("Claude Code", () => {
  test.each([
    ["git status", "allow"],
    ["git push", "ask"],
    ["whoami", "deny"],
  ])("`%s`: %s, in exactly its fields", (command, decision) => {
    const { stdout, stderr, exitCode } = asked("claude-code", command);
    expect(JSON.parse(stdout)).toEqual({
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: decision,
        permissionDecisionReason: expect.stringMatching(/^agent-run: /),
      },
    });
    expect([stderr, exitCode]).toEqual(["", 0]);
  });

  test("a denial names rule and what would be allowed", () => {
    const { permissionDecisionReason: reason } = output(asked("claude-code", "git log > src/a.ts").stdout);
    expect(reason).toMatch(/fs\.write \/.*src\/a\.ts: by rule default/);
    expect(reason).toMatch(/filesystem\.write_allow/);
    expect(reason).toMatch(/out\/\*\*/);
  });

  test("shell commands of a skill are judged, and answered under their own event", () => {
    const { stdout } = asked("claude-code", "whoami", { hook_event_name: "PreSkillShellCommand" });
    expect(output(stdout)).toMatchObject({ hookEventName: "PreSkillShellCommand", permissionDecision: "deny" });
  });
});

describe("Codex", () => {
  test("yes is no output at all", () => {
    expect(asked("codex", "git status")).toEqual({ stdout: "", stderr: "", exitCode: 0 });
  });

  test.each(["git push", "whoami"])("`%s` is denied with a reason: it takes no question", (command) => {
    const { stdout, exitCode } = asked("codex", command);
    expect(output(stdout)).toEqual({
      hookEventName: "PreToolUse",
      permissionDecision: "deny",
      permissionDecisionReason: expect.stringMatching(/./),
    });
    expect(exitCode).toBe(0);
  });
});

describe("opencode", () => {
  test.each([
    ["git status", "allow"],
    ["git push", "deny"],
    ["whoami", "deny"],
  ])("`%s`: %s", (command, effect) => {
    expect(JSON.parse(asked("opencode", command).stdout)).toEqual({ effect, reason: expect.any(String) });
  });
});

const BROKEN: readonly (readonly [what: string, json: string])[] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["a text", '"Bash"'],
  ["a list", "[]"],
  ["null", "null"],
  ["another event", JSON.stringify({ hook_event_name: "Stop", tool_name: "Bash", tool_input: {}, cwd: "/" })],
  ["no event", JSON.stringify({ tool_name: "Bash", tool_input: {}, cwd: "/" })],
  ["no tool", JSON.stringify({ hook_event_name: "PreToolUse", tool_input: {}, cwd: "/" })],
  ["a tool that is no text", JSON.stringify({ hook_event_name: "PreToolUse", tool_name: 7, tool_input: {}, cwd: "/" })],
  ["no input", JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Bash", cwd: "/" })],
  [
    "an input that is a list",
    JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: [], cwd: "/" }),
  ],
  ["no directory", JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Read", tool_input: {} })],
  [
    "a relative directory",
    JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Read", tool_input: {}, cwd: "x" }),
  ],
];

describe("what cannot be read is denied on every channel", () => {
  for (const [what, json] of BROKEN) {
    test(what, () => {
      const { stdout, stderr, exitCode } = answerHook("claude-code", json, policy, sceneWorld());
      expect(output(stdout).permissionDecision).toBe("deny");
      expect(stderr).toMatch(/^agent-run: .+\n$/);
      expect(exitCode).toBe(2);
    });
  }

  test("a failure of ours, too", () => {
    const broken = sceneWorld({
      kindAt: () => {
        throw new Error("disk");
      },
    });
    for (const [host, tool] of [
      ["claude-code", "Read"],
      ["codex", "view_image"],
    ] as const) {
      const call = { hook_event_name: "PreToolUse", tool_name: tool, tool_input: { path: "x" }, cwd: root };
      const json = JSON.stringify(call);
      const { stdout, exitCode } = answerHook(host, json, policy, broken);
      expect([output(stdout).permissionDecision, exitCode]).toEqual(["deny", 2]);
    }
  });

  test("a host's form where nothing else is known", () => {
    expect(JSON.parse(failure("opencode", "x").stdout)).toMatchObject({ effect: "deny" });
    expect(output(failure("codex", "x").stdout)).toMatchObject({ permissionDecision: "deny" });
  });
});

test("a policy of nothing denies what it does not mention", () => {
  const nothing = Policy.revive({ ...policy.data, rules: [] });
  const json = JSON.stringify({
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    tool_input: { command: "git status" },
    cwd: root,
  });
  expect(output(answerHook("claude-code", json, nothing, sceneWorld()).stdout).permissionDecision).toBe("deny");
});
