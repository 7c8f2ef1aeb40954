/** What the command writes where: standard output, standard error, a terminal; and what it does where it cannot. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";
import { Terminal } from "./terminal.fixture.ts";

const POLICY = `version = 1
requires_approval = ["fs.delete", "net.http_get"]
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[network]
http_get_allow = ["a.example", "b.example"]
[subprocess]
allow_commands = ["true"]
sandbox = "none"
[runtime]
max_seconds = 600
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha\n", "out/a": "", "out/b": "" });
});
afterEach(() => place.remove());

describe("standard output that takes nothing", () => {
  /** With standard output on the device that is always full. */
  const intoFull = async (args: readonly string[], script = "") => {
    const full = openSync("/dev/full", "w");
    const env = { PATH: process.env.PATH ?? "", HOME: place.home, XDG_STATE_HOME: place.state };
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: place.directory,
      env,
      stdio: ["pipe", full, "pipe"],
    });
    closeSync(full);
    child.stdin?.end(script);
    if (child.stderr === null) throw new Error("the command has no standard error");
    const code = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { stderr: await text(child.stderr), code: await code };
  };

  test("is an error and stops the run", async () => {
    const { code, stderr } = await intoFull(["--policy", "agent-run.toml", "-"], 'print("x"); for (;;) {}');
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error\[E_CONFIG\]: standard output cannot be written: no space/m);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readFileSync(place.records()[0] ?? "", "utf8")).toContain('"code":"E_INTERRUPTED"');
  });

  test.each([
    ["a report", ["--policy", "agent-run.toml", "--json", "-"]],
    ["a report of a failure", ["--policy", "none.toml", "--json", "-"]],
    ["help", ["--help"]],
    ["a verdict", ["policy", "validate", "agent-run.toml"]],
    ["a finding", ["doctor"]],
  ])("is an error for %s, too", async (_what, args) => {
    const { code, stderr } = await intoFull(args, "print(1)");
    expect(code).toBe(5);
    expect(stderr).toContain("standard output cannot be written");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("with --json standard error has", () => {
  const json = (script: string, ...more: string[]) =>
    place.run(["--policy", "agent-run.toml", "--json", ...more, "-"], { stdin: script });

  test("banners, the error with frame and hint, and the closing line", async () => {
    const { stdout, stderr } = await json('const x = 1;\nfs.read("secret")');
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 2, error: { code: "E_POLICY_DENIED" } });
    expect(stderr).toMatch(/^agent-run: commands run without a jail/);
    expect(stderr).toContain("error[E_POLICY_DENIED]: ");
    expect(stderr).toContain('> 2 | fs.read("secret")');
    expect(stderr).toMatch(/^ {2}hint: /m);
    expect(stderr).toMatch(/^agent-run: 0 calls allowed, 1 denied; record \S+\n$/m);
  });

  test("the error alone with --quiet", async () => {
    expect((await json("print(1)", "--quiet")).stderr).toBe("");
    expect((await json('fs.read("secret")', "--quiet")).stderr).toMatch(/^error\[E_POLICY_DENIED\]/);
  });

  test("what the verifier refused, for `check`, too", async () => {
    for (const command of [[], ["check"]]) {
      const args = [...command, "--policy", "agent-run.toml", "--json", "-"];
      const { stdout, stderr } = await place.run(args, { stdin: 'eval("1");\nenv.read("A")' });
      expect(JSON.parse(stdout)).toMatchObject({ exitCode: 3, problems: [{}, {}] });
      expect(stderr).toContain("error[E_SUBSET]");
      expect(stderr).toContain("error[E_CAPABILITY]");
    }
  });

  test("what was wrong with a policy", async () => {
    place.write("bad.toml", "version = 1\n[filesystem]\nread_alow = []\n");
    for (const args of [
      ["--policy", "bad.toml", "-"],
      ["policy", "validate", "bad.toml"],
    ]) {
      const { stdout, stderr } = await place.run([...args, "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 5, problems: [{ line: 3 }] });
      expect(stderr).toContain("did you mean `read_allow`");
    }
  });
});

describe("what a script prints", () => {
  const TRICKS = 'print("\\u001b[2J\\u202e\\u200b\\u2028\\rboo\\tyes\\nline \\u{e0041}")';

  test("goes into a pipe byte for byte", async () => {
    const { stdout } = await place.run(["--policy", "agent-run.toml", "-"], { stdin: TRICKS });
    expect(stdout).toBe("\u001b[2J\u202e\u200b\u2028\rboo\tyes\nline \u{e0041}\n");
  });

  test("is escaped on a terminal, but for newline and tab", async () => {
    place.write("s.js", TRICKS);
    const shown = await new Terminal(place, "--policy agent-run.toml s.js").ended;
    expect(shown).toContain("\\u001b[2J\\u202e\\u200b\\u2028\\u000dboo\tyes\nline \\u{e0041}\n");
    for (const character of ["\u001b[2J", "\u202e", "\u200b", "\u2028", "\u{e0041}"])
      expect(shown).not.toContain(character);
  });

  test("is in a report on a terminal with JSON's escapes, so that it reads the same", async () => {
    place.write("s.js", TRICKS);
    const shown = await new Terminal(place, "--policy agent-run.toml --json --quiet s.js").ended;
    for (const character of ["\u001b", "\u202e", "\u200b", "\u2028", "\u{e0041}"])
      expect(shown).not.toContain(character);
    const report = JSON.parse(shown.slice(shown.indexOf("{"))) as { stdout: string };
    expect(report.stdout).toBe("\u001b[2J\u202e\u200b\u2028\rboo\tyes\nline \u{e0041}\n");
  });

  /** The script is past its `print`, and the command had time to show what came of it. */
  const printed = async () => {
    while (!place.has("out/printed")) await sleep(20);
    await sleep(200);
  };

  /** Work of a script: calls that it starts together are asked about a moment later. */
  const WORK = "for (let i = 0; i < 3e6; i += 1) Math.sqrt(i);";

  test("is held back while a question is open, and shown after it", async () => {
    const tries = "const asked = [fetch('https://a.example/'), fetch('https://b.example/')];";
    place.write(
      "s.js",
      `print("before"); ${tries} ${WORK} print("mean" + "while"); fs.write("out/printed", ""); await Promise.allSettled(asked); print("end")`,
    );
    const terminal = new Terminal(place, "--policy agent-run.toml s.js");
    await terminal.until("\n> ");
    await printed();
    expect(terminal.shown).toMatch(/before\n.*a\.example.*> $/s);
    expect(terminal.shown).not.toContain("b.example");
    await terminal.answer("no");
    await terminal.until("b.example");
    expect(terminal.shown).not.toContain("meanwhile");
    await terminal.answer("no");
    const shown = await terminal.ended;
    expect(shown).toMatch(/> .*> .*meanwhile\n.*end\n/s);
    expect(shown).toContain("1 call allowed, 2 denied");
  });

  test("is shown when a question was cut short", async () => {
    const script = `fetch('https://a.example/').catch(() => 0); ${WORK} print('mean' + 'while'); fs.write('out/printed', ''); for (;;) {}`;
    place.write("s.js", script);
    const terminal = new Terminal(place, "--policy agent-run.toml s.js");
    await terminal.until("\n> ");
    await printed();
    terminal.type("\u0003");
    expect(await terminal.ended).toMatch(/> .*\nmeanwhile\n.*E_INTERRUPTED/s);
  });
});
