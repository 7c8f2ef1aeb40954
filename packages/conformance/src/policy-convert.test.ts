/** The command on policies of other tools: what it writes, prints and refuses. */
import { readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";

const SETTINGS = `{
  // of the team
  "permissions": {
    "allow": ["Read(docs/**)", "Bash(make \\u001b[2J:*)", "WebSearch"],
    "deny": ["Read(docs/private/**)"]
  }
}
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({
    "settings.json": SETTINGS,
    "docs/a.md": "a",
    "docs/private/b.md": "b",
    "denyx.toml": '# ours\nversion = "1.0.0"\n[filesystem]\nread_allow = ["docs/**"] # pages\ndeny = ["*.key"]\n',
    "newer.toml": "version = 2\n",
    "read.js": 'print(fs.read("docs/a.md")); fs.read("docs/private/b.md");',
  });
});
afterEach(() => place.remove());

test("`policy import` writes a policy that scripts run under, and says what it left out", async () => {
  const imported = await place.run(["policy", "import", "settings.json", "--output", "agent-run.toml"]);
  expect(imported).toMatchObject({ code: 0, stdout: "" });
  expect(imported.stderr).toContain("2 rules from claude-code (guessed; --from says it) in agent-run.toml; 2 left out");
  expect(imported.stderr).toContain("left out: line 4: WebSearch: scripts have no such tool here");
  expect(imported.stderr).not.toContain("\u001b");
  const run = await place.run(["--policy", "agent-run.toml", "read.js"]);
  expect(run).toMatchObject({ code: 2, stdout: "a\n" });
  expect(run.stderr).toContain("claude-deny-5");
  const again = await place.run(["policy", "import", "settings.json", "--output", "agent-run.toml"]);
  expect(again.code).toBe(5);
  const json = await place.run(["policy", "import", "settings.json", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, exitCode: 0, format: "claude-code", rules: 2 });
});

test("a policy for which there is no room is not written in part, nor one that replaces another", async () => {
  place.write("large.json", JSON.stringify({ permissions: { deny: Array(60).fill("Read(docs/private/**)") } }));
  place.write("agent-run.toml", "version = 1\n");
  const before = readdirSync(place.directory).sort();
  for (const words of ["policy import large.json --output new.toml", "init --lang python --force"]) {
    // 1,024 bytes a file, as a full disk would have it.
    const command = `ulimit -f 1; exec "$0" "$1" ${words}`;
    const options = { cwd: place.directory, reject: false, env: { HOME: place.home, XDG_STATE_HOME: place.state } };
    const { exitCode, stderr } = await execa("bash", ["-c", command, process.execPath, COMMAND], options);
    expect({ words, exitCode, stderr }).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("EFBIG") });
  }
  expect(readdirSync(place.directory).sort()).toEqual(before);
  expect(place.read("agent-run.toml")).toBe("version = 1\n");
});

test("nothing is written through a link, nor in the place of what is no file", async () => {
  expect((await place.run(["init", "--force", "--output", "docs"])).stderr).toContain("is no regular file");
  symlinkSync("elsewhere", join(place.directory, "link.toml"));
  const { code } = await place.run(["policy", "import", "settings.json", "--output", "link.toml"]);
  expect([code, place.has("elsewhere")]).toEqual([5, false]);
});

test("`policy import` of what can not be read says where, exit 5", async () => {
  const { code, stdout, stderr } = await place.run(["policy", "import", "-", "--from", "codex"], { stdin: "x = 1\n" });
  expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
  expect(stderr).toContain("-:1:1: only calls such as `prefix_rule(...)` are read");
});

test("a dialect policy validates with its differences; `policy migrate` rewrites it and keeps the old one", async () => {
  const before = await place.run(["policy", "validate", "denyx.toml", "--json"]);
  const { ok, differences, hash } = JSON.parse(before.stdout);
  expect(ok).toBe(true);
  expect(differences).toContainEqual(expect.objectContaining({ file: "denyx.toml", line: 4, column: 15 }));
  const printed = await place.run(["policy", "migrate", "denyx.toml"]);
  expect(printed.stdout).toBe(
    '# ours\nversion = 1\n\n[filesystem]\nread_allow = ["docs/**"] # pages\ndeny = ["**/*.key"]\n',
  );
  const written = await place.run(["policy", "migrate", "--write", "denyx.toml"]);
  expect(written).toMatchObject({ code: 0, stdout: "migrated: denyx.toml; the old one is denyx.toml.bak\n" });
  expect(place.read("denyx.toml")).toBe(printed.stdout);
  expect(place.read("denyx.toml.bak")).toContain('version = "1.0.0"');
  expect(statSync(join(place.directory, "denyx.toml")).mode & 0o777).toBe(0o644);
  const after = await place.run(["policy", "validate", "denyx.toml", "--json"]);
  expect(JSON.parse(after.stdout)).toMatchObject({ ok: true, hash, differences: [] });
});

test("`policy migrate` says that a policy is current, and refuses a version that it does not know", async () => {
  place.write("now.toml", "version = 1\n");
  const current = await place.run(["policy", "migrate", "now.toml"]);
  expect(current).toMatchObject({ code: 0, stdout: "current: now.toml is in the newest version, 1\n" });
  const newer = await place.run(["policy", "migrate", "newer.toml"]);
  expect(newer.code).toBe(5);
  expect(newer.stderr).toContain("newer.toml:1:11: the version is not known");
});
