/** Agent hosts are set up, checked and left by the built command, with the commands that their settings name really started. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const POLICY = 'version = 1\ninherits = ["secure-defaults"]\n[filesystem]\nread_allow = ["data/**"]\n';
const HOSTS = ["claude-code", "codex", "opencode", "vscode", "cursor"];

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha\n" });
});
afterEach(() => place.remove());

const findingsOf = async (host: string): Promise<{ code: number | null; fails: string[] }> => {
  const { code, stdout } = await place.run(["doctor", "--json"]);
  const hosts = JSON.parse(stdout).hosts as { host: string; findings: { state: string; detail: string }[] }[];
  const fails = hosts
    .filter((one) => one.host === host)
    .flatMap(({ findings }) => findings.filter(({ state }) => state === "fail"))
    .map(({ detail }) => detail);
  return { code, fails };
};

test.each(HOSTS)(
  "%s asks once it is set up, as `doctor` finds by trying, and not any more when that is undone",
  async (host) => {
    const installed = await place.run(["install", host, "--json"]);
    expect(installed.code).toBe(0);
    const report = JSON.parse(installed.stdout);
    expect(report).toMatchObject({ ok: true, host, policy: join(place.directory, "agent-run.toml"), dryRun: false });
    const { code, fails } = await findingsOf(host);
    // Nobody has reviewed the hook here, which is what Codex wants.
    expect(fails).toEqual(host === "codex" ? [expect.stringMatching(/never reviewed/)] : []);
    expect(code).toBe(host === "codex" ? 5 : 0);
    expect((await place.run(["uninstall", host])).code).toBe(0);
    for (const { path } of report.files) expect(existsSync(path)).toBe(false);
  },
);

describe("nothing is written", () => {
  test("for a policy that does not load", async () => {
    place.write("agent-run.toml", "version = 1\nnonsense = true\n");
    const { code, stderr } = await place.run(["install", "claude-code"]);
    expect(code).toBe(5);
    expect(stderr).toContain("E_POLICY_INVALID");
    expect(place.has(".mcp.json")).toBe(false);
  });

  test("without a policy", async () => {
    const { code, stderr } = await place.run(["install", "cursor", "--policy", "absent.toml"]);
    expect(code).toBe(5);
    expect(stderr).toContain("absent.toml");
    expect(place.has(".cursor")).toBe(false);
  });

  test("beside settings that do not parse, and the line is told", async () => {
    place.write(".claude/settings.json", '{\n  "a": 1,\n  oops\n}\n');
    const { code, stderr } = await place.run(["install", "claude-code"]);
    expect(code).toBe(5);
    expect(stderr).toContain(`${join(place.directory, ".claude/settings.json")}:3`);
    expect(place.has(".mcp.json")).toBe(false);
  });

  test("in a dry run, which prints the diff", async () => {
    const { code, stdout } = await place.run(["install", "opencode", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`+++ ${join(place.directory, "opencode.json")}\n`);
    expect(place.has("opencode.json")).toBe(false);
  });
});

test("a person is told what the host does not enforce, and where the text of before is", async () => {
  place.write(".mcp.json", "{}\n");
  const { stdout } = await place.run(["install", "claude-code"]);
  expect(stdout).toContain("what claude-code does not enforce");
  expect(readFileSync(/before: (.*)/.exec(stdout)?.[1] ?? "", "utf8")).toBe("{}\n");
});

describe("the line of shell that Codex starts", () => {
  const answer = (command: string) =>
    spawnSync("/bin/sh", ["-c", command], {
      cwd: place.directory,
      encoding: "utf8",
      env: { HOME: place.home, PATH: process.env.PATH },
      input: JSON.stringify({
        hook_event_name: "PreToolUse",
        cwd: place.directory,
        tool_name: "Bash",
        tool_input: { command: "cat /etc/shadow" },
      }),
    });
  const written = async () => {
    await place.run(["install", "codex"]);
    return JSON.parse(place.read(".codex/hooks.json")).hooks.PreToolUse[0].hooks[0].command as string;
  };

  test("gives our refusal", async () => {
    const { stdout, stderr } = answer(await written());
    expect(`${stdout}${stderr}`).toContain("denied by the policy");
    expect(stderr).not.toContain("the hook failed");
  });

  test("ends with 2 where our command is gone, is killed, or ends as it should not", async () => {
    const command = await written();
    const [words = ""] = command.split(" || ");
    for (const instead of ["/gone/node x", "sh -c 'kill -9 $$'", "sh -c 'exit 1'", "sh -c 'exit 137'"]) {
      const { status, stderr } = answer(command.replace(words, () => instead));
      expect({ instead, status }).toEqual({ instead, status: 2 });
      expect(stderr).toContain("the call is refused");
    }
  });
});
