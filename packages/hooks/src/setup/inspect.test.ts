import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SETUP_HOSTS, type Setting, type SetupHost } from "./host.ts";
import { inspectHosts } from "./inspect.ts";
import { machineProbe, type Probe } from "./probe.ts";
import { setting } from "./settings.fixture.ts";
import { install } from "./setup.ts";

let base: string;
let place: Setting;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-inspect-")));
  place = setting({ project: join(base, "project"), home: join(base, "home") });
  mkdirSync(place.project);
  mkdirSync(place.home);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const silent: Probe = { find: () => null, server: async () => null, hook: async () => null };

const setUp = (host: SetupHost) => {
  expect(install({ host, setting: place, dryRun: false, backups: join(base, "kept") })).toMatchObject({ ok: true });
};

const change = (path: string, from: string, to: string) => {
  const file = join(path.startsWith("~") ? place.home : place.project, path.replace(/^~\//, ""));
  mkdirSync(dirname(file), { recursive: true });
  const text = from === "" ? "" : readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
};

async function findings(host: SetupHost, probe: Probe = silent) {
  const all = await inspectHosts(place, probe);
  return all.filter((one) => one.host === host).flatMap((one) => one.findings);
}

const failures = async (host: SetupHost, probe?: Probe) =>
  (await findings(host, probe)).filter(({ state }) => state === "fail").map(({ detail }) => detail);

/** As Codex keeps it when a person has reviewed the hook. */
function review(): void {
  const key = `${join(place.project, ".codex/hooks.json")}:pre_tool_use:0:0`;
  change("~/.codex/config.toml", "", `[hooks.state.${JSON.stringify(key)}]\ntrusted_hash = "sha256:0"\n`);
}

test("a machine without hosts has nothing to say", async () => {
  expect(await inspectHosts(place, silent)).toEqual([]);
});

test("a client on the PATH that was not set up is told", async () => {
  const probe = { ...silent, find: (name: string) => (name === "claude" ? "/usr/bin/claude" : null) };
  expect(await findings("claude-code", probe)).toMatchObject([
    { state: "warn", detail: expect.stringMatching(/asks nobody/) },
  ]);
});

test.each(SETUP_HOSTS)("%s as `install` leaves it is in order, and its ungated ways are named", async (host) => {
  setUp(host);
  if (host === "codex") review();
  expect(await failures(host)).toEqual([]);
  const [one] = await inspectHosts(place, silent);
  expect(one?.ungated.length).toBeGreaterThan(0);
});

describe("a host does not ask where", () => {
  test.each([
    [
      "claude-code",
      ".claude/settings.json",
      '"onFailure": "block"',
      '"onFailure": "continue"',
      /lets calls through when it fails/,
    ],
    ["claude-code", ".claude/settings.json", '"matcher": "*"', '"matcher": "Bash"', /`Bash` only/],
    ["claude-code", ".claude/settings.json", '"type": "command"', '"async": true', /not waited for/],
    ["claude-code", ".claude/settings.json", '"type": "command"', '"if": "Bash(git *)"', /under a condition/],
    ["claude-code", ".claude/settings.json", '"hooks": {', '"disableAllHooks": true, "hooks": {', /asks no hook/],
    ["claude-code", ".claude/settings.json", '"hook",', '"hooked",', /no hook of ours/],
    ["claude-code", ".claude/settings.json", "{", "{,", /no valid JSON/],
    ["codex", ".codex/hooks.json", "exit 2", "exit 1", /lets calls through when it fails/],
    ["codex", ".codex/hooks.json", '"matcher": "*"', '"matcher": "Edit"', /matcher/],
    [
      "codex",
      ".codex/config.toml",
      "[mcp_servers",
      "[features]\nhooks = false\n[mcp_servers",
      /features.hooks = false/,
    ],
    ["opencode", "opencode.json", '"**": "deny"', '"**": "ask"', /nothing denies/],
    ["opencode", ".opencode/plugin/agent-run.js", "// agent-run:", "//", /no hook of ours/],
  ] as const)("%s: %s has %j changed to %j", async (host, path, from, to, says) => {
    setUp(host);
    if (host === "codex") review();
    change(path, from, to);
    expect((await failures(host)).join("\n")).toMatch(says);
  });

  test("Codex's user has not reviewed the hook", async () => {
    setUp("codex");
    expect(await failures("codex")).toEqual([expect.stringMatching(/never reviewed/)]);
  });

  test("the user's own settings switch hooks off", async () => {
    setUp("claude-code");
    change("~/.claude/settings.json", "", '{ "disableAllHooks": true }');
    expect(await failures("claude-code")).toEqual([expect.stringMatching(/asks no hook/)]);
  });
});

test("another hook that could rewrite a call is named", async () => {
  setUp("claude-code");
  change("~/.claude/settings.json", "", '{ "hooks": { "PreToolUse": [{ "matcher": "Edit", "hooks": [] }] } }');
  expect(await findings("claude-code")).toContainEqual(
    expect.objectContaining({ state: "warn", detail: expect.stringMatching(/another hook before tools \(`Edit`\)/) }),
  );
});

describe("commands are tried", () => {
  /** What stands in for our command, started by Node as the settings say. */
  const command = (text: string) => {
    const path = join(base, "agent-run.cjs");
    writeFileSync(path, text);
    place = { ...place, node: process.execPath, command: path };
  };
  const ANSWERING = `
    const words = process.argv.slice(2);
    process.stdin.once("data", () => {
      if (words[0] === "mcp") console.log(JSON.stringify({ id: 1, result: { serverInfo: { name: "agent-run" } } }));
      else console.log(JSON.stringify({ hookSpecificOutput: { permissionDecision: "VERDICT" } }));
    });`;

  test("and are in order if they answer and refuse", async () => {
    command(ANSWERING.replace("VERDICT", "deny"));
    setUp("claude-code");
    expect(await failures("claude-code", machineProbe(place.project))).toEqual([]);
  });

  test("and a hook that allows what every policy refuses is none", async () => {
    command(ANSWERING.replace("VERDICT", "allow"));
    setUp("claude-code");
    expect(await failures("claude-code", machineProbe(place.project))).toEqual([
      expect.stringMatching(/let a call through/),
    ]);
  });

  test("and a server that is another's, or is gone, is told", async () => {
    command('process.stdin.once("data", () => console.log("{}"))');
    setUp("cursor");
    expect(await failures("cursor", machineProbe(place.project))).toEqual([
      expect.stringMatching(/no MCP server of ours/),
    ]);
    rmSync(place.command);
    expect(await failures("cursor", machineProbe(place.project))).toEqual([
      expect.stringMatching(/does not answer: it ended/),
    ]);
  });

  test("and a Node that is gone is told", async () => {
    command(ANSWERING);
    place = { ...place, node: join(base, "gone/node") };
    setUp("vscode");
    expect(await failures("vscode", machineProbe(place.project))).toEqual([expect.stringMatching(/cannot be started/)]);
  });
});
