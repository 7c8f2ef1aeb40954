/** The command that lays policies out: what it writes and prints, what it refuses, and that ours are laid out so. */
import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

const LOOSE = "version=1 # ours\n[filesystem]\nread_allow = ['src/**']\n";
const NEAT = 'version = 1 # ours\n\n[filesystem]\nread_allow = ["src/**"]\n';
const TESTS = "[[test]]\nexpect='deny'\ngiven='fs.read a'\n";

let place: Workplace;
beforeEach(() => {
  place = new Workplace({
    "agent-run.toml": LOOSE,
    "agent-run.test.toml": TESTS,
    "neat.toml": NEAT,
    "bad.toml": "a =\n",
  });
});
afterEach(() => place.remove());

test("presets and examples are laid out", async () => {
  const files = [...tomlBelow("presets"), ...tomlBelow("examples")];
  expect(files.length).toBeGreaterThan(20);
  const { stdout, stderr, code } = await place.run(["policy", "fmt", "--check", ...files]);
  expect({ stdout, stderr, code }).toEqual({ stdout: "", stderr: "", code: 0 });
});

const tomlBelow = (directory: string): readonly string[] =>
  readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".toml"))
    .map((name) => join(ROOT, directory, name));

test("without a name it is the policy here, with its tests; what is written is named, and that trust ends", async () => {
  chmodSync(join(place.directory, "agent-run.toml"), 0o640);
  const { stdout, stderr, code } = await place.run(["policy", "fmt"]);
  expect({ stdout, code }).toEqual({ stdout: "agent-run.toml\nagent-run.test.toml\n", code: 0 });
  expect(stderr).toMatch(/^note: trust is bound to the text of a policy.* must be trusted again/);
  expect(place.read("agent-run.toml")).toBe(NEAT);
  expect(place.read("agent-run.test.toml")).toBe('[[test]]\ngiven = "fs.read a"\nexpect = "deny"\n');
  expect(statSync(join(place.directory, "agent-run.toml")).mode & 0o777).toBe(0o640);
  expect(await place.run(["policy", "fmt"])).toEqual({ stdout: "", stderr: "", code: 0 });
  expect(readdirSync(place.directory)).toHaveLength(4);
});

test("the report says what was written, and that trust ends", async () => {
  const { stdout, stderr } = await place.run(["policy", "fmt", "--json", "agent-run.toml", "neat.toml"]);
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    exitCode: 0,
    files: [
      { file: "agent-run.toml", changed: true, written: true },
      { file: "neat.toml", changed: false, written: false },
    ],
    note: expect.stringContaining("must be trusted again"),
  });
  expect(stderr).toBe("");
  const tests = await place.run(["policy", "fmt", "agent-run.test.toml"]);
  expect(tests).toEqual({ stdout: "agent-run.test.toml\n", stderr: "", code: 0 });
});

test("nothing is written where nothing changes", async () => {
  const file = join(place.directory, "neat.toml");
  const before = statSync(file, { bigint: true });
  await place.run(["policy", "fmt", "neat.toml"]);
  const after = statSync(file, { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test("`--check` and `--diff` write nothing", async () => {
  const checked = await place.run(["policy", "fmt", "--check", "agent-run.toml", "neat.toml"]);
  expect(checked).toEqual({ stdout: "agent-run.toml\n", stderr: "", code: 1 });
  const told = await place.run(["policy", "fmt", "--diff", "agent-run.toml", "neat.toml"]);
  const diff = `--- agent-run.toml\n+++ agent-run.toml\n@@ -1,3 +1,4 @@\n-version=1 # ours\n+version = 1 # ours\n+\n [filesystem]\n-read_allow = ['src/**']\n+read_allow = ["src/**"]\n`;
  expect(told).toEqual({ stdout: diff, stderr: "", code: 0 });
  expect((await place.run(["policy", "fmt", "--check", "--diff", "agent-run.toml"])).code).toBe(1);
  const json = await place.run(["policy", "fmt", "--check", "--diff", "--json", "agent-run.toml"]);
  const files = [{ file: "agent-run.toml", changed: true, written: false, diff }];
  expect(JSON.parse(json.stdout)).toEqual({ ok: false, exitCode: 1, files });
  expect(json.code).toBe(1);
  expect(place.read("agent-run.toml")).toBe(LOOSE);
});

test("`patch` takes what `--diff` prints", async () => {
  const { stdout } = await place.run(["policy", "fmt", "--diff", "agent-run.toml"]);
  await execa("git", ["apply", "-p0", "-"], { cwd: place.directory, input: stdout });
  expect(place.read("agent-run.toml")).toBe(NEAT);
});

test("`-` goes from standard input to standard output", async () => {
  expect(await place.run(["policy", "fmt", "-"], { stdin: `\uFEFF${LOOSE}` })).toEqual({
    stdout: NEAT,
    stderr: "",
    code: 0,
  });
  expect((await place.run(["policy", "fmt", "--check", "-"], { stdin: LOOSE })).code).toBe(1);
  const json = await place.run(["policy", "fmt", "--json", "-"], { stdin: LOOSE });
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    files: [{ file: "-", changed: true, written: false, text: NEAT }],
  });
  const both = await place.run(["policy", "fmt", "-", "neat.toml"], { stdin: LOOSE });
  expect(both).toMatchObject({ code: 5, stdout: "", stderr: expect.stringContaining("`-` stands for standard input") });
});

test("a mark at the start and other ends of lines are a reason to write", async () => {
  place.write("marked.toml", `\uFEFF${NEAT}`);
  place.write("returns.toml", NEAT.replaceAll("\n", "\r\n"));
  const { stdout } = await place.run(["policy", "fmt", "marked.toml", "returns.toml"]);
  expect(stdout).toBe("marked.toml\nreturns.toml\n");
  expect([place.read("marked.toml"), place.read("returns.toml")]).toEqual([NEAT, NEAT]);
});

test("with a file that is no TOML nothing is written, and its place is told", async () => {
  const { stdout, stderr, code } = await place.run(["policy", "fmt", "agent-run.toml", "bad.toml"]);
  expect({ stdout, code }).toEqual({ stdout: "", code: 5 });
  expect(stderr).toContain("bad.toml:1:4: not valid TOML");
  expect(stderr).toContain("1 problem; nothing is written");
  expect(place.read("agent-run.toml")).toBe(LOOSE);
});

test("a link stays a link, and what it leads to is laid out; other things than files are refused", async () => {
  symlinkSync("agent-run.toml", join(place.directory, "link.toml"));
  expect((await place.run(["policy", "fmt", "link.toml"])).code).toBe(0);
  expect(lstatSync(join(place.directory, "link.toml")).isSymbolicLink()).toBe(true);
  expect(place.read("agent-run.toml")).toBe(NEAT);
  for (const [name, says] of [
    [".", "is a directory"],
    ["gone.toml", "it does not exist"],
  ] as const) {
    expect(await place.run(["policy", "fmt", name])).toMatchObject({ code: 5, stderr: expect.stringContaining(says) });
  }
  place.write("latin.toml", "");
  await execa("bash", ["-c", "printf '# \\xe9\\n' > latin.toml"], { cwd: place.directory });
  expect((await place.run(["policy", "fmt", "latin.toml"])).stderr).toContain("is not UTF-8 text");
});

test("a pipe is no file to be replaced, and who may read a file does not hang on the shell's mask", async () => {
  const options = { cwd: place.directory, reject: false, env: { HOME: place.home, XDG_STATE_HOME: place.state } };
  const shell = (command: string) => execa("bash", ["-c", command, process.execPath, COMMAND], options);
  const piped = await shell('mkfifo pipe; cat agent-run.toml > pipe & "$0" "$1" policy fmt pipe');
  expect(piped).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("it is no regular file") });
  expect(lstatSync(join(place.directory, "pipe")).isFIFO()).toBe(true);
  chmodSync(join(place.directory, "agent-run.toml"), 0o664);
  await shell('umask 077; "$0" "$1" policy fmt agent-run.toml');
  expect(place.read("agent-run.toml")).toBe(NEAT);
  expect(statSync(join(place.directory, "agent-run.toml")).mode & 0o777).toBe(0o664);
});

test("where there is no room, the file stays as it was", async () => {
  place.write("large.toml", `a = [\n${'"0123456789",\n'.repeat(200)}]\n`);
  const before = [readdirSync(place.directory).sort(), place.read("large.toml")];
  const command = 'ulimit -f 1; exec "$0" "$1" policy fmt large.toml';
  const options = { cwd: place.directory, reject: false, env: { HOME: place.home, XDG_STATE_HOME: place.state } };
  const { exitCode, stderr } = await execa("bash", ["-c", command, process.execPath, COMMAND], options);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("EFBIG") });
  expect([readdirSync(place.directory).sort(), place.read("large.toml")]).toEqual(before);
});

test("what the command writes itself is laid out", async () => {
  place.write("settings.json", JSON.stringify({ permissions: { deny: Array(9).fill("Read(docs/private/**)") } }));
  for (const lang of ["generic", "python", "node,java"]) {
    await place.run(["init", "--lang", lang, "--output", `${lang}.toml`]);
    expect(await place.run(["policy", "fmt", "--check", `${lang}.toml`])).toMatchObject({ code: 0, stdout: "" });
  }
  await place.run(["policy", "import", "settings.json", "--output", "imported.toml"]);
  expect(await place.run(["policy", "fmt", "--check", "imported.toml"])).toMatchObject({ code: 0, stdout: "" });
});
