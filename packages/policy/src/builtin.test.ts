import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isBuiltin, protectedRules } from "./builtin.ts";
import { OPENABLE_PATHS, OPENABLE_VARIABLES, UNWRITABLE } from "./builtin-denies.ts";
import { type LoadResult, loadPolicy, loadPolicyText } from "./load.ts";
import { compilePath } from "./path-pattern.ts";
import { Policy } from "./policy.ts";
import type { PolicyData, ProtectedPath } from "./policy-data.ts";
import { askPath, askVariable } from "./testing/ask.ts";
import { directoryWith, diskWorld } from "./testing/disk-world.ts";
import type { PolicyWorld } from "./world.ts";

const EVERYTHING =
  '[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\ndelete_allow = ["/**"]\n[environment]\nallow_vars = ["*"]\n';

function dataOf(loaded: LoadResult): PolicyData {
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return loaded.data;
}

const load = (text: string, changes: Partial<PolicyWorld> = {}): PolicyData =>
  dataOf(loadPolicyText(`version = 1\n${text}`, { path: "p.toml", realPath: "/work/p/p.toml" }, diskWorld(changes)));

test.each([
  ["/home/u/.ssh", "builtin.credentials"],
  ["/home/u/.ssh/id_ed25519", "builtin.credentials"],
  ["/root/.aws/credentials", "builtin.credentials"],
  ["/home/u/.config/gcloud/x/y", "builtin.credentials"],
  ["/home/u/.netrc", "builtin.credentials"],
  ["/home/u/.npmrc", "builtin.credentials"],
  ["/home/u/.bash_history", "builtin.credentials"],
  ["/home/u/.docker/config.json", "builtin.credentials"],
  ["/home/u/.config/agent-run/key", "builtin.credentials"],
  ["/etc/shadow", "builtin.credentials"],
  ["/work/p/.env", "builtin.env_files"],
  ["/work/p/sub/.env.local", "builtin.env_files"],
  ["/mnt/other/.envrc", "builtin.env_files"],
  ["/work/p/.ENV", "builtin.env_files"],
  ["/work/p/secrets", "builtin.secrets"],
  ["/work/p/secrets/a/b", "builtin.secrets"],
  ["/work/p/secrets.yaml", "builtin.secrets"],
  ["/work/p/credentials.json", "builtin.secrets"],
  ["/work/p/credentials/x", "builtin.secrets"],
  ["/proc/self/environ", "builtin.system"],
  ["/sys/kernel", "builtin.system"],
  ["/dev/mem", "builtin.system"],
])("%s is denied whatever is granted", (path, rule) => {
  const data = load(EVERYTHING);
  for (const on of ["fs.read", "fs.write", "fs.delete"] as const) expect(askPath(data, on, path)).toBe(rule);
});

test.each([
  ["/work/p/.git", "builtin.git"],
  ["/work/p/.git/hooks/pre-commit", "builtin.git"],
  ["/work/p/vendor/x/.git/config", "builtin.git"],
  ["/work/p/agent-run.toml", "builtin.policy_files"],
  ["/work/p/sub/agent-run.local.toml", "builtin.policy_files"],
  ["/work/p/agent-run.approved.toml", "builtin.policy_files"],
  ["/work/p/.claude/settings.json", "builtin.agent_hosts"],
  ["/home/u/.codex/config.toml", "builtin.agent_hosts"],
  ["/work/p/.mcp.json", "builtin.agent_hosts"],
  ["/work/p/.vscode/mcp.json", "builtin.agent_hosts"],
  ["/work/p/.cursor/mcp.json", "builtin.agent_hosts"],
  ["/work/p/opencode.json", "builtin.agent_hosts"],
  ["/home/u/.config/opencode/opencode.json", "builtin.agent_hosts"],
])("%s is readable, and never written or deleted", (path, rule) => {
  const data = load(EVERYTHING);
  expect(askPath(data, "fs.read", path)).toBe("allow");
  expect(askPath(data, "fs.write", path)).toBe(rule);
  expect(askPath(data, "fs.delete", path)).toBe(rule);
});

test.each([
  "GITHUB_TOKEN",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "DB_PASSWORD",
  "npm_config_token",
  "OPENAI_API_KEY",
  "SOME_KEY",
  "DATABASE_URL",
  "SSH_AUTH_SOCK",
])("the variable %s is denied whatever is granted", (name) => {
  expect(askVariable(load(EVERYTHING), name)).toBe("builtin.variables");
});

test.each(["PATH", "HOME", "LANG", "KEYBOARD", "OLDPWD", "PWD", "EDITOR", "MONKEY"])(
  "the variable %s is an ordinary one",
  (name) => {
    expect(askVariable(load(EVERYTHING), name)).toBe("allow");
  },
);

test("an exact entry of the main policy opens one file for one capability, and a banner names it", () => {
  const data = load('[filesystem]\nread_allow = ["**", ".env", "~/.ssh/known_hosts"]\nwrite_allow = ["**"]\n');
  expect(data.banners).toEqual([
    "`~/.ssh/known_hosts` is open for fs.read although builtin.credentials denies it everywhere else: filesystem.read_allow[2] in p.toml:3 names it",
    "`.env` is open for fs.read although builtin.env_files denies it everywhere else: filesystem.read_allow[1] in p.toml:3 names it",
  ]);
  expect(askPath(data, "fs.read", "/work/p/.env")).toBe("allow");
  expect(askPath(data, "fs.read", "/home/u/.ssh/known_hosts")).toBe("allow");
  expect(askPath(data, "fs.write", "/work/p/.env")).toBe("builtin.env_files");
  expect(askPath(data, "fs.read", "/work/p/sub/.env")).toBe("builtin.env_files");
  expect(askPath(data, "fs.read", "/work/p/.env/x")).toBe("builtin.env_files");
  expect(askPath(data, "fs.read", "/home/u/.ssh/id_rsa")).toBe("builtin.credentials");
});

test("a path that several built-in denials hold is opened in all of them", () => {
  const data = load('[filesystem]\nread_allow = ["secrets/.env"]\n');
  expect(data.banners).toHaveLength(2);
  expect(askPath(data, "fs.read", "/work/p/secrets/.env")).toBe("allow");
});

test("an exact variable opens, a glob does not", () => {
  const data = load('[environment]\nallow_vars = ["NPM_TOKEN", "GITHUB_*"]\n');
  expect(data.banners).toEqual([
    "`NPM_TOKEN` is open for env.read although builtin.variables denies it everywhere else: environment.allow_vars[0] in p.toml:3 names it",
  ]);
  expect([askVariable(data, "NPM_TOKEN"), askVariable(data, "npm_token"), askVariable(data, "GITHUB_TOKEN")]).toEqual([
    "allow",
    "builtin.variables",
    "builtin.variables",
  ]);
});

test.each([".env*", ".env?", "{.env,.env}", ".env/", "**/.env", "[.]env"])("`%s` opens nothing", (entry) => {
  const data = load(`[filesystem]\nread_allow = ["${entry}"]\n`);
  expect(data.banners).toEqual([]);
  expect(askPath(data, "fs.read", "/work/p/.env")).toBe("builtin.env_files");
});

test("an entry that opens nothing makes no banner", () => {
  expect(load('[filesystem]\nread_allow = ["CHANGELOG.md", "src/environment.ts"]\n').banners).toEqual([]);
});

test("an inherited entry opens nothing", () => {
  const presets = new Map([
    ["wide", 'version = 1\n[filesystem]\nread_allow = [".env"]\n[environment]\nallow_vars = ["NPM_TOKEN"]\n'],
  ]);
  const data = load('inherits = ["wide"]\n', { presets });
  expect(data.banners).toEqual([]);
  expect(askPath(data, "fs.read", "/work/p/.env")).toBe("builtin.env_files");
  expect(askVariable(data, "NPM_TOKEN")).toBe("builtin.variables");
});

test("an entry opens no denial that a file makes", () => {
  const presets = new Map([["strict", 'version = 1\n[filesystem]\ndeny = [".env"]\n']]);
  const data = load('inherits = ["strict"]\n[filesystem]\nread_allow = [".env"]\n', { presets });
  expect(askPath(data, "fs.read", "/work/p/.env")).toBe("filesystem.deny[0]");
});

test("what a policy inherits from `secure-defaults` is opened just the same", () => {
  const data = load('inherits = ["secure-defaults"]\n[filesystem]\nread_allow = [".env"]\n');
  expect(askPath(data, "fs.read", "/work/p/.env")).toBe("allow");
});

test("nothing opens what may not be written", () => {
  const data = load('[filesystem]\nwrite_allow = [".git/config", "agent-run.toml", ".mcp.json"]\n');
  expect(data.banners).toEqual([]);
  for (const path of [".git/config", "agent-run.toml", ".mcp.json"])
    expect(askPath(data, "fs.write", `/work/p/${path}`)).toMatch(/^builtin\./);
});

test("no policy file that took part is read, written or deleted, nor a directory above it deleted", () => {
  const directory = directoryWith({
    "rules/main.toml": `version = 1\ninherits = ["more/base.toml"]\n[filesystem]\nread_allow = ["/**", "main.toml"]\nwrite_allow = ["/**", "main.toml"]\ndelete_allow = ["/**", "main.toml"]\n`,
    "rules/more/base.toml": "version = 1\n",
  });
  const data = dataOf(loadPolicy(join(directory, "rules/main.toml"), diskWorld()));
  for (const name of ["rules/main.toml", "rules/more/base.toml"]) {
    for (const on of ["fs.read", "fs.write", "fs.delete"] as const) {
      expect(askPath(data, on, join(directory, name))).toBe("builtin.protected.policy");
    }
  }
  for (const above of ["rules", "rules/more", "", ".."]) {
    expect(askPath(data, "fs.delete", join(directory, above))).toMatch(/^builtin\.protected/);
  }
  expect(askPath(data, "fs.read", join(directory, "rules"))).toBe("allow");
  expect(askPath(data, "fs.delete", join(directory, "rules/other"))).toBe("allow");
});

test("a link that leads to a policy is protected like the policy", () => {
  const real = directoryWith({ "main.toml": "version = 1\n", "deep/base.toml": "version = 1\n" });
  const directory = directoryWith({ "sub/real.toml": "version = 1\n" });
  const text = 'version = 1\ninherits = ["base.toml", "again.toml"]\n[filesystem]\nwrite_allow = ["/**"]\n';
  writeFileSync(join(real, "main.toml"), text);
  symlinkSync(join(real, "deep/base.toml"), join(real, "base.toml"));
  symlinkSync(join(real, "deep/base.toml"), join(real, "again.toml"));
  symlinkSync(join(real, "main.toml"), join(directory, "main.toml"));
  symlinkSync(directory, join(directory, "sub/link"));
  const data = dataOf(loadPolicy(join(directory, "sub/link/main.toml"), diskWorld()));
  const protectedNames = [
    join(real, "main.toml"),
    join(real, "base.toml"),
    join(real, "again.toml"),
    join(real, "deep/base.toml"),
    join(directory, "main.toml"),
    join(directory, "sub/link/main.toml"),
  ];
  for (const name of protectedNames) expect(askPath(data, "fs.write", name)).toBe("builtin.protected.policy");
  expect(askPath(data, "fs.write", join(directory, "other.toml"))).toBe("allow");
});

const protecting = (paths: readonly ProtectedPath[]) => Policy.revive(load(EVERYTHING)).protecting(paths).data;

test("what a runtime protects holds as it says", () => {
  const protectedPaths = [
    { path: "/opt/agent-run", access: "write", what: "our installation" },
    { path: "/var/lib/agent-run", access: "all", what: "the record" },
    { path: "/etc/agent-run", access: "all", what: "the record" },
  ] as const;
  const data = protecting(protectedPaths);
  expect(askPath(data, "fs.read", "/opt/agent-run/x")).toBe("allow");
  expect(askPath(data, "fs.write", "/opt/agent-run/x")).toBe("builtin.protected.our_installation");
  expect(askPath(data, "fs.read", "/var/lib/agent-run/runs/1")).toBe("builtin.protected.the_record");
  expect(askPath(data, "fs.read", "/etc/agent-run")).toBe("builtin.protected.the_record");
  expect(askPath(data, "fs.delete", "/var")).toBe("builtin.protected.the_record");
  expect(protectedRules([])).toEqual([]);
});

test("a link that leads to a policy through a directory is not replaced, and what lies behind it stays usable", () => {
  const directory = directoryWith({ "real/main.toml": `version = 1\n${EVERYTHING}` });
  const link = join(directory, "link");
  symlinkSync(join(directory, "real"), link);
  const disk = diskWorld();
  const world = diskWorld({
    readText(path) {
      const read = disk.readText(path);
      return read.ok ? { ...read, links: [link] } : read;
    },
  });
  const data = dataOf(loadPolicy(join(link, "main.toml"), world));
  for (const on of ["fs.write", "fs.delete"] as const) expect(askPath(data, on, link)).toBe("builtin.protected.policy");
  expect(askPath(data, "fs.read", link)).toBe("allow");
  expect(askPath(data, "fs.write", join(link, "other"))).toBe("allow");
});

test("a link on the way to an inherited policy is not replaced, either", () => {
  const directory = directoryWith({
    "main.toml": `version = 1\ninherits = ["link/base.toml"]\n${EVERYTHING}`,
    "real/base.toml": "version = 1\n",
  });
  const link = join(directory, "link");
  symlinkSync(join(directory, "real"), link);
  const disk = diskWorld();
  const world = diskWorld({
    readText(path) {
      const read = disk.readText(path);
      return read.ok && path.startsWith(link) ? { ...read, links: [link] } : read;
    },
  });
  const data = dataOf(loadPolicy(join(directory, "main.toml"), world));
  for (const on of ["fs.write", "fs.delete"] as const) expect(askPath(data, on, link)).toBe("builtin.protected.policy");
  expect(askPath(data, "fs.write", join(link, "other"))).toBe("allow");
});

test("a protected path is literal", () => {
  const data = protecting([{ path: "/opt/[a]*", access: "all", what: "x" }]);
  expect(askPath(data, "fs.read", "/opt/[a]*/f")).toBe("builtin.protected.x");
  expect(askPath(data, "fs.read", "/opt/a1/f")).toBe("allow");
});

test("the short way of rooting built-in patterns gives what reading them gives", () => {
  const homes = ["/home/u", "/private/[u]"];
  const data = load("", { homes });
  const texts = [...OPENABLE_PATHS.flatMap(({ entries }) => entries), ...Object.values(UNWRITABLE).flat()];
  const read = texts.flatMap((text) => {
    const path = compilePath(text, { roots: [], homes }, true);
    return path.ok ? path.patterns : [`does not load: ${text}`];
  });
  const rules = data.rules.filter(({ ref }) => !ref.id.startsWith("builtin.protected"));
  expect(rules.flatMap(({ match }) => (match.kind === "path" ? match.patterns : []))).toEqual(read);
});

test("built-in denials are known by their text", () => {
  expect([isBuiltin("**/.env*"), isBuiltin(OPENABLE_VARIABLES.entries[0] ?? ""), isBuiltin("**/.env")]).toEqual([
    true,
    true,
    false,
  ]);
});
