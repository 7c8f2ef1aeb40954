/** The hook as hosts start it: a process a call. What it says, what it ends with, and what a host sees where it fails. */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { opencodePlugin } from "@agent-run/hooks";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";

const POLICY = `version = 1
inherits = ["secure-defaults"]
[filesystem]
read_allow = ["src/**"]
[subprocess]
allow_commands = ["git", "ls"]
[subprocess.ask_args]
git = ["push"]
`;
const place = new Workplace({ "agent-run.toml": POLICY, "src/a.ts": "x", ".env": "KEY=1" });
afterAll(() => place.remove());

const file = join(place.directory, "agent-run.toml");
const call = (tool: string, input: object, event = "PreToolUse") =>
  JSON.stringify({ hook_event_name: event, tool_name: tool, tool_input: input, cwd: place.directory });

async function hook(words: readonly string[], input: string, command = COMMAND) {
  const env = { HOME: place.home, XDG_STATE_HOME: place.state, PATH: process.env.PATH ?? "" };
  const options = { input, env, extendEnv: false, reject: false, cwd: place.directory } as const;
  const { stdout, stderr, exitCode } = await execa(process.execPath, [command, "hook", ...words], options);
  return { stdout, stderr, exitCode };
}

const decisionOf = (stdout: string) => JSON.parse(stdout).hookSpecificOutput.permissionDecision;

describe("answers", () => {
  test.each([
    ["Read", { file_path: join(place.directory, "src/a.ts") }, "allow"],
    ["Read", { file_path: join(place.directory, ".env") }, "deny"],
    ["Bash", { command: "git status && ls src" }, "allow"],
    ["Bash", { command: "git push" }, "ask"],
    ["Bash", { command: "git status; cat .env" }, "deny"],
  ])("%s %j: %s", async (tool, input, decision) => {
    const { stdout, stderr, exitCode } = await hook(["claude-code", "--policy", file], call(tool, input));
    expect([decisionOf(stdout), stderr, exitCode]).toEqual([decision, "", 0]);
  });

  test("codex: yes is silence, and what would be asked is denied", async () => {
    const words = ["codex", "--policy", file];
    expect(await hook(words, call("Bash", { command: "ls src" }))).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    expect(decisionOf((await hook(words, call("Bash", { command: "git push" }))).stdout)).toBe("deny");
  });

  test("what is agent-run's own is closed", async () => {
    const input = { file_path: join(place.state, "agent-run/trust.json"), content: "{}" };
    const { stdout } = await hook(["claude-code", "--policy", file], call("Write", input));
    expect(stdout).toMatch(/builtin\.protected/);
  });
});

describe("failures end with 2 and the host's denial", () => {
  const good = call("Read", { file_path: join(place.directory, "src/a.ts") });
  const broken = place.write("broken.toml", 'version = 1\n[filesystem]\nread_alow = ["SECRET-IN-POLICY"]\n');

  test.each([
    ["a policy that is not there", ["claude-code", "--policy", "/nowhere.toml"], good],
    ["a policy that does not load", ["claude-code", "--policy", broken], good],
    ["no host", [], good],
    ["an unknown host", ["vim", "--policy", file], good],
    ["two hosts", ["claude-code", "codex", "--policy", file], good],
    ["an unknown option", ["claude-code", "--polcy", file], good],
    ["an option without a value", ["claude-code", "--policy"], good],
    ["no input", ["claude-code", "--policy", file], ""],
    ["broken input", ["claude-code", "--policy", file], good.slice(0, -1)],
    ["input that is not UTF-8", ["claude-code", "--policy", file], "\udcff"],
  ])("%s", async (_what, words, input) => {
    const { stdout, stderr, exitCode } = await hook(words, input);
    expect([decisionOf(stdout), exitCode]).toEqual(["deny", 2]);
    expect(stderr).toMatch(/^agent-run: /);
    expect(stdout + stderr).not.toMatch(/SECRET-IN-POLICY/);
  });

  test.each([
    [[], "takes one host: claude-code, codex, opencode"],
    [["vim"], "there are claude-code, codex, opencode"],
    [["claude-code", "--polcy", file], "Unknown option '--polcy'; did you mean `--policy`?"],
    [["claude-code", "--zz"], "Unknown option '--zz'; it takes --policy, --root, --ceiling"],
  ])("%j says what was meant", async (words, hint) => {
    expect((await hook(words, good)).stderr).toContain(hint);
  });

  test("a policy that was only found, and that nobody trusts, grants nothing", async () => {
    const { stdout, exitCode } = await hook(["claude-code"], good);
    expect([decisionOf(stdout), exitCode]).toEqual(["deny", 0]);
  });

  test("an installation that is not whole", async () => {
    const alone = join(place.base, "alone");
    mkdirSync(alone, { recursive: true });
    copyFileSync(COMMAND, join(alone, "agent-run.cjs"));
    const { stderr, exitCode } = await hook(["claude-code", "--policy", file], good, join(alone, "agent-run.cjs"));
    expect(exitCode).toBe(2);
    expect(stderr).not.toBe("");
  });

  test("an output that nobody takes", async () => {
    const child = spawn("/bin/sh", [
      "-c",
      `"$@" > /dev/full`,
      "sh",
      process.execPath,
      COMMAND,
      "hook",
      "claude-code",
      "--policy",
      file,
    ]);
    child.stdin.end(call("Bash", { command: "whoami" }));
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(2);
  });

  test("a host that never ends its input is answered in time", async () => {
    const child = spawn(process.execPath, [COMMAND, "hook", "claude-code", "--policy", file]);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece) => {
      text += piece;
    });
    child.stdin.write("{");
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(2);
    expect(decisionOf(text)).toBe("deny");
  }, 60_000);
});

describe("opencode's plugin", () => {
  /** The plugin's own file, in a process as opencode's is: it throws, or it does not. */
  async function plugin(command: readonly string[], tool: string, args: object): Promise<string> {
    const path = place.write("plugin.mjs", opencodePlugin(command));
    const driver = `import { AgentRun } from ${JSON.stringify(path)};
const hooks = await AgentRun({ directory: ${JSON.stringify(place.directory)} });
try { await hooks["tool.execute.before"](${JSON.stringify({ tool, sessionID: "s", callID: "c" })}, { args: ${JSON.stringify(args)} }); console.log("went on"); }
catch (error) { console.log(error.message); }`;
    const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", driver], { cwd: place.directory });
    return stdout;
  }
  const command = [process.execPath, COMMAND, "hook", "opencode", "--policy", file];

  test("lets pass what is allowed", async () => {
    expect(await plugin(command, "bash", { command: "ls src" })).toBe("went on");
  });

  test("throws with the reason, also for what would be asked", async () => {
    expect(await plugin(command, "read", { filePath: ".env" })).toMatch(/builtin\.env_files/);
    expect(await plugin(command, "bash", { command: "git push" })).toMatch(/ask_args/);
  });

  test("throws where the hook cannot be started, crashes, is silent, or says yes and fails", async () => {
    const liar = place.write("liar.sh", '#!/bin/sh\necho \'{"effect":"allow"}\'\nexit 3\n');
    const mute = place.write("mute.sh", "#!/bin/sh\nexit 0\n");
    const killed = place.write("killed.sh", "#!/bin/sh\nkill -9 $$\n");
    for (const path of [liar, mute, killed]) chmodSync(path, 0o755);
    for (const path of ["/nowhere/agent-run", liar, mute, killed]) {
      expect(await plugin([path], "bash", { command: "ls src" }), path).toMatch(/^agent-run: /);
    }
  });
});

test("`--help` is help", async () => {
  const { stdout, exitCode } = await hook(["--help"], "");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/claude-code, codex or opencode/);
});
