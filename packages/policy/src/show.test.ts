import { expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { showPolicy } from "./show.ts";
import { diskWorld } from "./testing/disk-world.ts";

function shown(text: string): string {
  const loaded = loadPolicyText(
    `version = 1\n${text}`,
    { path: "agent-run.toml", realPath: "/work/p/agent-run.toml" },
    diskWorld(),
  );
  return loaded.ok ? showPolicy(loaded.data) : JSON.stringify(loaded.problems);
}

test("a policy that grants nothing says so", () => {
  expect(shown("")).toContain("granted\n  nothing: no call with an effect is allowed\n");
});

test("everything that is granted, asked and denied stands there with its line", () => {
  const text = shown(`name = "notes"
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", ".env"]
deny = ["**/x"]
[network]
http_get_allow = ["api.example.com/v1/**", "[::1]:80"]
deny_ips = ["192.0.2.0/24"]
private_hosts = { "a.internal" = ["10.0.0.0/8"] }
[environment]
allow_vars = ["LANG"]
[subprocess]
allow_commands = ["git"]
sandbox = "none"
set_env = ["LANG"]
commands.git.args = "free"
deny_args.git = ["push --force"]
[tools.t]
capabilities = ["fs.read"]
`);
  const lines = [
    "policy notes\n  root  /work/p\n  hash  ",
    "  fs.read  /work/p/src/**  (filesystem.read_allow[0], agent-run.toml:5)\n",
    "  net.http_get  https://api.example.com:443/v1/**  (network.http_get_allow[0], agent-run.toml:8)\n",
    "  net.http_get  http://[::1]:80/**  (network.http_get_allow[1], agent-run.toml:8)\n",
    "  env.read  LANG  (environment.allow_vars[0], agent-run.toml:12)\n",
    "asked about, every time\n  fs.delete  every call  (requires_approval[0], agent-run.toml:3)\n",
    "denied, whatever is granted\n  fs.read, fs.write, fs.delete  /**/x  (filesystem.deny[0], agent-run.toml:6)\n",
    "192.0.2.0/24  (network.deny_ips[0], agent-run.toml:9)\n",
    "  subprocess.exec  git push --force  (subprocess.deny_args.git[0], agent-run.toml:18)\n",
    "  fs.read, fs.write, fs.delete  builtin.env_files, 1 pattern, open for fs.read /work/p/.env\n",
    "  max_memory  64MiB\n",
    "  sandbox none: without a jail\n",
    "  arguments not held against the file rules: git\n",
    "  variables that a script may set: LANG\n",
    "  a.internal may resolve into 10.0.0.0/8\n",
    "routing hints\n  t: fs.read\n",
    "files\n  /work/p/agent-run.toml  sha256 ",
    "banners\n  `.env` is open for fs.read",
  ];
  for (const line of lines) expect(text).toContain(line);
});

test("what is shown draws nothing on a terminal", () => {
  const loaded = loadPolicyText(
    "version = 1\n",
    { path: "\u001b[2J.toml", realPath: "/work/\u009b2J.toml" },
    diskWorld(),
  );
  expect(loaded.ok ? showPolicy(loaded.data) : "").not.toMatch(/(?!\n)\p{Cc}/u);
  expect(shown('[filesystem]\nread_allow = ["a\\u202eb"]\n')).toContain("/work/p/a\uFFFDb");
});

test("what a preset lists under one key is one line; own entries have one each", () => {
  const text = shown('inherits = ["workspace"]\n[filesystem]\nwrite_allow = ["a/**", "b/**"]\n');
  expect(text).toContain("  fs.write  /work/p/a/**  (filesystem.write_allow[0], agent-run.toml:4)\n");
  expect(text).toContain("  fs.write  /work/p/b/**  (filesystem.write_allow[1], agent-run.toml:4)\n");
  expect(text).toMatch(
    / {2}subprocess\.exec {2}git, rg {2}\(subprocess\.allow_commands\[0\] to \[1\], preset:workspace:\d+\)\n/,
  );
});
