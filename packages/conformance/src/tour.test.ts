/** What the README promises to a newcomer, done: the first run, the ten tasks, trusting a policy at a terminal. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openPolicy, Runtime } from "@agent-run/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";
import { Terminal } from "./terminal.fixture.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

const node = (file: string) =>
  spawnSync(process.execPath, [join(ROOT, file)], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, XDG_STATE_HOME: place.state },
  });

describe("the first run", () => {
  test("does what the README shows, with the same output", () => {
    const { status, stdout, stderr } = node("scripts/first-run.mjs");
    expect(status, stderr).toBe(0);
    const shown =
      /<!-- first-run -->\n```text\n(.*?)```/s.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";
    const lines = [
      ...stderr.split("\n").filter((line) => !line.startsWith("agent-run: 6")),
      ...stdout.split("\n"),
      ...stderr.split("\n").filter((line) => line.startsWith("agent-run: 6")),
    ];
    const actual = lines.filter((line) => line !== "").map(withoutChance);
    expect(shown.trimEnd().split("\n").map(withoutChance)).toEqual(actual);
    const json = (name: string) => JSON.parse(readFileSync(join(ROOT, "examples/first-run", name), "utf8"));
    expect(json("out/report.json")).toMatchObject(json("expect.json"));
  });
});

/** Ports, commits, sizes and places differ from run to run. */
const withoutChance = (line: string): string =>
  line
    .replace(/127\.0\.0\.1:\w+/, "127.0.0.1:PORT")
    .replace(/^ {2}\S+ .*$/, "  HASH SUBJECT")
    .replace(/wrote \w+ bytes/, "wrote N bytes")
    .replace(/record \S+$/, "record STATE/agent-run/runs/RUN.jsonl");

test("the ten single-step tasks pass", () => {
  const { status, stdout } = node("eval/tasks/run.mjs");
  expect(stdout).toContain("10 passed, 0 failed");
  expect(status).toBe(0);
});

describe("ordinary scripts", () => {
  const folder = join(ROOT, "packages/vm/src/source/fixtures/ordinary");
  const names = readdirSync(folder).filter((name) => /\.(js|ts)$/.test(name));

  test("are at least fifty", () => {
    expect(names.length).toBeGreaterThanOrEqual(50);
  });

  test("are all let through by the verifier under a policy that grants what they use", async () => {
    const every = ["http_get_allow", "http_post_allow", "http_put_allow", "http_patch_allow", "http_delete_allow"];
    const network = every.map((key) => `${key} = ["*.example.com"]`).join("\n");
    place.write(
      "agent-run.toml",
      `version = 1\n[filesystem]\nread_allow = ["**"]\nwrite_allow = ["**"]\ndelete_allow = ["**"]\n[network]\n${network}\n[environment]\nallow_vars = ["LANG"]\n[subprocess]\nallow_commands = ["git"]\n`,
    );
    const audit = join(place.base, "record");
    const opened = openPolicy({ path: join(place.directory, "agent-run.toml"), cwd: place.directory });
    if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
    await using runtime = new Runtime({ policy: opened.data, audit });
    const refused: unknown[] = [];
    for (const name of names) {
      const { ok, problems } = await runtime.check(readFileSync(join(folder, name), "utf8"), { name });
      if (!ok) refused.push([name, problems]);
    }
    expect(refused).toEqual([]);
  });
});

describe("policy trust at a terminal", () => {
  /** Types `before` at once, `word` when the question is there; everything that the terminal showed. */
  const typed = async (word: string, before = ""): Promise<string> => {
    const terminal = new Terminal(place, "policy trust agent-run.toml");
    terminal.type(before);
    await terminal.until("type the word trust");
    await terminal.answer(word);
    return terminal.ended;
  };

  test("lets exactly these files apply where they are found, after the typed word", async () => {
    place.write("agent-run.toml", 'version = 1\n[filesystem]\nread_allow = ["data/**"]\n');
    place.write("data/a.txt", "alpha");
    place.write("s.js", 'print(fs.read("data/a.txt"))');
    expect(await typed("trust")).toContain("trusted");
    const trusted = await place.run(["s.js"]);
    expect(trusted).toMatchObject({ code: 0, stdout: "alpha\n" });
    expect(trusted.stderr).toContain("found and trusted");
    place.write("agent-run.toml", 'version = 1\n[filesystem]\nread_allow = ["**"]\n');
    expect((await place.run(["s.js"])).stderr).toContain("has changed since it was trusted");
  });

  test("with --json says so as data, and shows the policy and the question beside it", async () => {
    place.write("agent-run.toml", "version = 1\n");
    const terminal = new Terminal(place, "policy trust --json agent-run.toml 2>shown");
    await terminal.until("type the word trust");
    await terminal.answer("trust");
    const shown = await terminal.ended;
    const { hash } = JSON.parse((await place.run(["policy", "validate", "--json", "agent-run.toml"])).stdout);
    expect(JSON.parse(shown.slice(shown.indexOf("{")))).toEqual({ ok: true, exitCode: 0, hash });
    expect(place.read("shown")).toContain("limits of a run");
  });

  test("trusts nothing after another word", async () => {
    place.write("agent-run.toml", "version = 1\n");
    expect(await typed("yes")).toContain("nothing was trusted");
    expect(existsSync(join(place.state, "agent-run/trust.json"))).toBe(false);
  });

  test("is not answered by what was typed before the question", async () => {
    place.write("agent-run.toml", "version = 1\n");
    expect(await typed("no", "trust\n")).toContain("nothing was trusted");
    expect(existsSync(join(place.state, "agent-run/trust.json"))).toBe(false);
  });
});

describe("the demo at a terminal", () => {
  const answered = async (word: string): Promise<string> => {
    const terminal = new Terminal(place, "demo");
    await terminal.until("to allow this call, once");
    await terminal.answer(word);
    return terminal.ended;
  };

  test("asks the question there, and a yes lets the call happen", async () => {
    const shown = await answered("summary.txt");
    expect(shown).toMatch(/> summary\.txt\n.*deleted/s);
    expect(shown).toContain("private/header.txt holds: Authorization: Bearer do-not-show");
    expect(shown).toContain("all as it should be");
  });

  test("takes a no for a no", async () => {
    const shown = await answered("no");
    expect(shown).toContain("E_APPROVAL_DENIED");
    expect(shown).toContain("all as it should be");
  });

  test("ends with ^C, and leaves no directory", async () => {
    const terminal = new Terminal(place, "demo; echo code $?");
    await terminal.until("to allow this call, once");
    const [directory = ""] = /\/\S*agent-run-demo-\w+/.exec(terminal.shown) ?? [];
    expect(existsSync(directory)).toBe(true);
    terminal.type("\u0003");
    const shown = await terminal.ended;
    expect(shown).toContain("code 130");
    expect(shown).not.toContain("all as it should be");
    expect(existsSync(directory)).toBe(false);
  });
});

test("install and uninstall show their colours at a terminal, not the codes of them", async () => {
  place.write("agent-run.toml", "version = 1\n");
  const shown = await new Terminal(place, "install cursor; echo code $?").ended;
  expect(shown).toContain(".cursor/mcp.json");
  expect(shown).toContain("code 0");
  expect(shown).not.toContain("\\u001b");
});

test("the README's refusal is what the command says", async () => {
  const shown = /```text\n(error\[E_POLICY_DENIED\].*?)```/s.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1];
  place.write("agent-run.toml", 'version = 1\n[filesystem]\nread_allow = ["data/**"]\nwrite_allow = ["out/**"]\n');
  place.write("report.js", 'const x = 1;\nfs.write("data/b.txt", "x");\n');
  const { stderr } = await place.run(["--policy", "agent-run.toml", "--quiet", "report.js"]);
  expect(stderr).toBe(shown);
});

/** The README's fence between two marks. */
const fenceOf = (mark: string): string => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  return new RegExp(`<!-- ${mark} -->\n\`\`\`text\n(.*?)\`\`\`\n<!-- /${mark} -->`, "s").exec(readme)?.[1] ?? "";
};

test("the README's parked run ends as it says", async () => {
  place.write(
    "agent-run.toml",
    'version = 1\nrequires_approval = ["fs.delete"]\n[filesystem]\ndelete_allow = ["out/**"]\n',
  );
  place.write("out/old.md", "old");
  place.write("clean.js", 'fs.delete("out/old.md");\n');
  const [typed = "", ...shown] = fenceOf("approvals").split("\n");
  const { code, stderr } = await place.run([...typed.split(" ").slice(2), "--quiet"]);
  const nameless = (text: string) => text.replace(/[0-9A-Z]{26}/, "RUN");
  expect([code, nameless(stderr)]).toEqual([7, nameless(shown.join("\n"))]);
});

test("the README's host is answered as it says", () => {
  place.write(
    "agent-run.toml",
    'version = 1\n[filesystem]\nread_allow = ["src/**"]\n[subprocess]\nallow_commands = ["cat", "rm"]\n',
  );
  place.write("src/a.js", "1");
  const tool = { tool_name: "Bash", tool_input: { command: "cat src/a.js && rm -rf src" } };
  const input = JSON.stringify({ hook_event_name: "PreToolUse", cwd: place.directory, ...tool });
  const words = [COMMAND, "hook", "claude-code", "--policy", join(place.directory, "agent-run.toml")];
  const { stdout } = spawnSync(process.execPath, words, { cwd: place.directory, encoding: "utf8", input });
  const said: string = JSON.parse(stdout).hookSpecificOutput.permissionDecisionReason;
  expect(`${said.replaceAll(place.directory, "/home/me/project")}\n`).toBe(fenceOf("hook"));
});

test("the README's rule answers as it says", async () => {
  const [, section = ""] =
    /<!-- policy-language -->(.*?)<!-- \/policy-language -->/s.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ??
    [];
  const [, policy = ""] = /```toml\n(.*?)```/s.exec(section) ?? [];
  const [, shown = ""] = /```text\n(.*?)```/s.exec(section) ?? [];
  place.write("agent-run.toml", policy);
  const around = ["--policy", "agent-run.toml"];
  const why = await place.run(["policy", "explain", ...around, "fs.write out/data.json bytes=5000000"]);
  const can = await place.run([
    "policy",
    "can",
    ...around,
    "--on",
    "fs.write",
    "--path",
    "/etc/**",
    "--path",
    "~/.ssh/**",
  ]);
  // The last line is the canonical form of the call, which says the root again.
  const said = why.stdout.replaceAll(place.directory, "/home/me/project").replace(/^canonical form: .*\n/m, "");
  expect(shown.replace(/^\$ .*\n/gm, "")).toBe(`${said}\n${can.stdout}`);
});
