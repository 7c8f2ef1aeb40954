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
  { library: "undici's client", text: "UND_ERR_HEADERS_TIMEOUT", file: "undici-client.cjs" },
  { library: "the MCP server", text: "notifications/initialized", file: "mcp.cjs" },
] as const;
const BUNDLES = ["worker.cjs", "agent-run.cjs", "index.js", "errands.cjs", ...ON_DEMAND.map(({ file }) => file)];

const bundle = (name: string): string => readFileSync(join(ROOT, "dist", name), "utf8");

describe.each(ON_DEMAND)("$library", ({ text, file }) => {
  test(`is in ${file} and in no other bundle`, () => {
    expect(BUNDLES.filter((name) => bundle(name).includes(text))).toEqual([file]);
  });
});

describe("a build without the file that starts commands", () => {
  let place: Workplace;
  beforeAll(() => {
    const policy = 'version = 1\n[subprocess]\nallow_commands = ["true"]\nsandbox = "none"\n';
    place = new Workplace({ "agent-run.toml": policy });
    cpSync(join(ROOT, "dist"), join(place.base, "dist"), { recursive: true });
    rmSync(join(place.base, "dist/execa.cjs"));
  });
  afterAll(() => place.remove());

  const run = (script: string) =>
    execa(process.execPath, [join(place.base, "dist/agent-run.cjs"), "--policy", "agent-run.toml", "-"], {
      cwd: place.directory,
      env: { HOME: place.home, XDG_STATE_HOME: place.state },
      input: script,
      reject: false,
    });

  test("runs what starts none, though the policy grants some", async () => {
    expect(await run("print(1)")).toMatchObject({ exitCode: 0, stdout: "1" });
  });

  test("runs no command", async () => {
    expect((await run('subprocess.exec(["true"])')).exitCode).not.toBe(0);
  });
});
