/** What a run may not need is not in what every run loads: on-demand files hold it, and are read when it is used. */
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

/** A text that only this library has, and the one file that may hold it. */
const ON_DEMAND = [
  { library: "execa", text: "isGracefullyCanceled", file: "execa.cjs" },
  { library: "picomatch", text: "POSIX_REGEX_SOURCE", file: "picomatch.cjs" },
  { library: "undici's client", text: "UND_ERR_HEADERS_TIMEOUT", file: "undici-client.cjs" },
  { library: "the MCP server", text: "notifications/initialized", file: "mcp.cjs" },
] as const;
const BUNDLES = [
  "worker.cjs",
  "agent-run.cjs",
  "index.js",
  "errands.cjs",
  "vault.cjs",
  ...ON_DEMAND.map(({ file }) => file),
];

const bundle = (name: string): string => readFileSync(join(ROOT, "dist", name), "utf8");

describe.each(ON_DEMAND)("$library", ({ text, file }) => {
  test(`is in ${file} and in no other bundle`, () => {
    expect(BUNDLES.filter((name) => bundle(name).includes(text))).toEqual([file]);
  });
});

describe("a build without the files that start commands and match patterns of scripts", () => {
  let place: Workplace;
  beforeAll(() => {
    const policy = `version = 1
[filesystem]
read_allow = ["**/*.toml"]
[subprocess]
allow_commands = ["true"]
sandbox = "none"
`;
    place = new Workplace({ "agent-run.toml": policy });
    cpSync(join(ROOT, "dist"), join(place.base, "dist"), { recursive: true });
    for (const file of ["execa.cjs", "picomatch.cjs"]) rmSync(join(place.base, "dist", file));
  });
  afterAll(() => place.remove());

  const run = (script: string) =>
    execa(process.execPath, [join(place.base, "dist/agent-run.cjs"), "--policy", "agent-run.toml", "-"], {
      cwd: place.directory,
      env: { HOME: place.home, XDG_STATE_HOME: place.state },
      input: script,
      reject: false,
    });

  test("runs what needs neither, though the policy has patterns and grants commands", async () => {
    expect(await run('print(fs.exists("a.toml"))')).toMatchObject({ exitCode: 0, stdout: "false" });
  });

  test.each(['subprocess.exec(["true"])', 'fs.glob("*")'])("does not run `%s`", async (script) => {
    expect((await run(script)).exitCode).not.toBe(0);
  });
});

describe("a build without the tools for policies", () => {
  let place: Workplace;
  beforeAll(() => {
    const never = '[[never]]\non = "fs.write"\n[[test]]\ngiven = "fs.read a"\nexpect = "deny"\n';
    place = new Workplace({ "agent-run.toml": `version = 1\n${never}`, "hello.js": "print(1)" });
    cpSync(join(ROOT, "dist"), join(place.base, "dist"), { recursive: true });
    rmSync(join(place.base, "dist/authoring.cjs"));
  });
  afterAll(() => place.remove());

  const run = (...options: string[]) =>
    execa(
      process.execPath,
      [join(place.base, "dist/agent-run.cjs"), "--policy", "agent-run.toml", ...options, "hello.js"],
      { cwd: place.directory, env: { HOME: place.home, XDG_STATE_HOME: place.state }, reject: false },
    );

  test("runs under a policy with tests and [[never]]s, and with --strict, which needs them, does not", async () => {
    expect(await run()).toMatchObject({ exitCode: 0, stdout: "1" });
    const strict = await run("--strict");
    expect(strict.stdout).toBe("");
    expect(strict.exitCode).not.toBe(0);
  });
});
