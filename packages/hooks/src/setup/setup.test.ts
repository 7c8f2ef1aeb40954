import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerHook } from "../answer.ts";
import { policyUnder, removeProjects, sceneWorld } from "../scene.fixture.ts";
import { SETUP_HOSTS, type Setting, type SetupHost } from "./host.ts";
import { filesOf } from "./plan.ts";
import { setting } from "./settings.fixture.ts";
import { install, uninstall } from "./setup.ts";

let base: string;
let place: Setting;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-setup-")));
  mkdirSync(join(base, "project"));
  mkdirSync(join(base, "home"));
  place = setting({ project: join(base, "project"), home: join(base, "home") });
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
  removeProjects();
});

const order = (host: SetupHost, more: Partial<Setting> = {}, dryRun = false) => ({
  host,
  setting: { ...place, ...more },
  dryRun,
  backups: join(base, "kept"),
});

function put(path: string, text: string | Uint8Array): string {
  const file = join(place.project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const tree = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(base, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.startsWith(join(base, "kept")))
      .map((path) => [relative(base, path), readFileSync(path, "utf8")]),
  );

describe.each(SETUP_HOSTS.flatMap((host) => (["project", "user"] as const).map((scope) => ({ host, scope }))))(
  "$host, $scope",
  ({ host, scope }) => {
    test("is written, is the same when written again, and is gone when taken out", () => {
      const first = install(order(host, { scope }));
      expect(first).toMatchObject({ ok: true });
      const written = tree();
      expect(Object.keys(written).length).toBeGreaterThan(0);
      expect(Object.keys(written).every((path) => path.startsWith(scope === "user" ? "home" : "project"))).toBe(true);
      const again = install(order(host, { scope }));
      expect(again.ok && again.report.files.map(({ end }) => end)).toEqual(Object.keys(written).map(() => "unchanged"));
      expect(tree()).toEqual(written);
      expect(uninstall(order(host, { scope }))).toMatchObject({ ok: true });
      expect(tree()).toEqual({});
    });

    test("names Node and our command by absolute paths", () => {
      install(order(host, { scope }));
      const all = Object.values(tree()).join("\n");
      expect(all).toContain("/usr/bin/node");
      expect(all).not.toMatch(/npx|"agent-run(\.cjs)?"\s*,\s*"(mcp|hook)"/);
    });

    test("is closed to scripts whose policy grants writing everywhere", () => {
      const policy = policyUnder(place.project, 'version = 1\n[filesystem]\nwrite_allow = ["/**", "~/**"]\n');
      for (const { path } of filesOf(host, { ...place, scope }, () => false)) {
        const targets = [{ on: "fs.write" as const, role: "write" as const, kind: "path" as const, value: path }];
        const decision = policy.decide({ v: 1, on: "fs.write", targets, attrs: {}, labels: [] });
        expect({ path, effect: decision.effect, rule: decision.rule.id }).toMatchObject({
          effect: "deny",
          rule: expect.stringMatching(/^builtin\./),
        });
      }
    });
  },
);

test("a dry run prints what would change, and changes nothing", () => {
  put(".mcp.json", '{\n  "mcpServers": {\n    "x": { "command": "y" }\n  }\n}\n');
  const before = tree();
  const dry = install(order("claude-code", {}, true));
  expect(tree()).toEqual(before);
  expect(existsSync(join(base, "kept"))).toBe(false);
  const diff = dry.ok ? dry.report.files.map((file) => file.diff).join("") : "";
  expect(diff).toContain(`--- ${join(place.project, ".mcp.json")}\n`);
  expect(diff).toContain('-    "x": { "command": "y" }\n+    "x": { "command": "y" },\n+    "agent-run": {');
  expect(diff).toContain("--- /dev/null\n+++ ");
});

test("what was there is kept for the user, who is told where", () => {
  const text = '{ "theme": "dark" } // mine\n';
  put(".claude/settings.json", text);
  const done = install(order("claude-code"));
  const [, settings] = done.ok ? done.report.files : [];
  expect(settings?.end).toBe("changed");
  expect(readFileSync(settings?.backup ?? "", "utf8")).toBe(text);
  expect(statSync(settings?.backup ?? "").mode & 0o777).toBe(0o600);
});

test("another policy replaces our entries, and nothing else", () => {
  const path = put(".mcp.json", '{\n  "mcpServers": {\n    "x": {} // first\n  }\n}\n');
  install(order("claude-code"));
  install(order("claude-code", { policy: "/other.toml" }));
  const text = readFileSync(path, "utf8");
  expect(text.match(/"agent-run": \{/g)).toHaveLength(1);
  expect(text).toContain('"/other.toml"');
  uninstall(order("claude-code"));
  expect(readFileSync(path, "utf8")).toBe('{\n  "mcpServers": {\n    "x": {} // first\n  }\n}\n');
});

test("the mode of a file stays", () => {
  const path = put(".mcp.json", "{}\n");
  chmodSync(path, 0o640);
  install(order("claude-code"));
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

describe("nothing is written at all where", () => {
  const refused = (host: SetupHost, message: RegExp, line?: number) => {
    const before = tree();
    const done = install(order(host));
    expect(done).toMatchObject({ ok: false, problem: { message: expect.stringMatching(message), line } });
    expect(tree()).toEqual(before);
  };

  test("the second file does not parse", () => {
    put(".claude/settings.json", '{\n  "a": 1\n  "b": 2\n}\n');
    refused("claude-code", /no valid JSON/, 3);
  });
  test("a file is empty", () => {
    put(".mcp.json", "");
    refused("claude-code", /empty/, 1);
  });
  test("TOML does not parse", () => {
    put(".codex/config.toml", 'a = 1\n\nb = "\n');
    refused("codex", /no valid TOML/, 3);
  });
  test("a list stands where an object should", () => {
    put(".mcp.json", '{\n "mcpServers": []\n}');
    refused("claude-code", /`mcpServers` is no JSON object/, 2);
  });
  test("a key is there twice", () => {
    put(".mcp.json", '{\n "mcpServers": {},\n "mcpServers": {}\n}');
    refused("claude-code", /twice/, 3);
  });
  test("a server of another's has our name", () => {
    put(".mcp.json", '{\n "mcpServers": {\n "agent-run": { "command": "evil" } }\n}');
    refused("claude-code", /none of ours/, 3);
  });
  test("our plugin's place is taken", () => {
    put(".opencode/plugin/agent-run.js", "export {};\n");
    refused("opencode", /none of ours/);
  });
  test("a settings file is a link", () => {
    const real = put("elsewhere.json", "{}");
    symlinkSync(real, join(place.project, ".mcp.json"));
    refused("claude-code", /is a link/);
  });
  test("a directory on the way is a link", () => {
    mkdirSync(join(base, "outside"));
    symlinkSync(join(base, "outside"), join(place.project, ".claude"));
    refused("claude-code", /is a link/);
    expect(readdirSync(join(base, "outside"))).toEqual([]);
  });
  test("a file has a second name", () => {
    linkSync(put("twin.json", "{}"), join(place.project, ".mcp.json"));
    refused("claude-code", /several names/);
  });
  test("a file is no text", () => {
    put(".mcp.json", new Uint8Array([0x7b, 0xff, 0x7d]));
    refused("claude-code", /UTF-8/);
  });
  test("a file is a directory", () => {
    mkdirSync(join(place.project, ".mcp.json"));
    refused("claude-code", /no regular file/);
  });
});

test("a file of another user is refused", () => {
  const path = put(".mcp.json", "{}");
  const { getuid } = process;
  process.getuid = () => statSync(path).uid + 1;
  try {
    expect(install(order("claude-code"))).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/another user/) },
    });
  } finally {
    if (getuid !== undefined) process.getuid = getuid;
  }
  expect(readFileSync(path, "utf8")).toBe("{}");
});

test("a permission that says something else stays, and is told", () => {
  put("opencode.json", '{ "permission": "ask" }\n');
  const done = install(order("opencode"));
  expect(done.ok && done.report.notes.join()).toContain("while our plugin does not load");
  expect(readFileSync(join(place.project, "opencode.json"), "utf8")).toContain('"permission": "ask"');
});

test("a web search that was set stays, and is told", () => {
  put(".codex/config.toml", 'web_search = "live"\n');
  const done = install(order("codex"));
  expect(done.ok && done.report.notes.join()).toContain("`web_search`");
});

test("opencode's settings with comments are used where they are", () => {
  put("opencode.jsonc", "{\n  // mine\n}\n");
  install(order("opencode"));
  expect(Object.keys(tree()).sort()).toEqual(["project/.opencode/plugin/agent-run.js", "project/opencode.jsonc"]);
  uninstall(order("opencode"));
  expect(tree()).toEqual({ "project/opencode.jsonc": "{\n  // mine\n}\n" });
});

test("directories of settings that are named by the environment are used", () => {
  const home = join(base, "home/elsewhere");
  install(order("codex", { scope: "user", environment: { CODEX_HOME: home } }));
  expect(Object.keys(tree()).sort()).toEqual(["home/elsewhere/config.toml", "home/elsewhere/hooks.json"]);
});

test("our server's tools pass our hook under the name that each host gives them", () => {
  const policy = policyUnder(place.project, "version = 1\n");
  const call = (name: string, event = "PreToolUse") =>
    JSON.stringify({ hook_event_name: event, cwd: place.project, tool_name: name, tool_input: { script: "1" } });
  expect(answerHook("codex", call("mcp__agent_run__run"), policy, sceneWorld()).stdout).toBe("");
  expect(answerHook("codex", call("mcp__agent_running__run"), policy, sceneWorld()).stdout).toContain("deny");
  expect(answerHook("claude-code", call("mcp__agent-run__run"), policy, sceneWorld()).stdout).toContain("allow");
  const opencode = answerHook("opencode", call("agent-run_run", "tool.execute.before"), policy, sceneWorld());
  expect(JSON.parse(opencode.stdout)).toMatchObject({ effect: "allow" });
});
