/** Ceilings as the built command, its MCP server and its jail keep them. Few processes: what is decided is tested in `policy`. */
import { linkSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["**"]
write_allow = ["**"]
delete_allow = ["**"]
[subprocess]
allow_commands = ["cat", "true"]
[runtime]
max_calls = 100
`;

const ceiling = (directory: string): string => `version = 1
requires_approval = ["fs.write"]
[filesystem]
read_allow = ["${directory}/data/**", "${directory}"]
write_allow = ["${directory}/out/**"]
delete_allow = ["${directory}/**"]
[subprocess]
allow_commands = ["cat"]
[runtime]
max_calls = 3
`;

let place: Workplace;
let bound: string;
beforeAll(() => {
  place = new Workplace({
    "agent-run.toml": POLICY,
    "data/a.txt": "alpha\n",
    "other/b.txt": "beta\n",
    "out/c.txt": "c",
  });
  bound = place.write("bounds/ceiling.toml", ceiling(place.directory));
});
afterAll(() => place.remove());

const codeOf = (call: string) => `try { ${call}; return "done" } catch (error) { return [error.code, error.hint] }`;

test("a run is denied what its ceiling does not allow, and told by whom; the record says so, too", async () => {
  const report = await place.report(codeOf('fs.read("other/b.txt")'), ["--ceiling", bound]);
  expect(report.value).toEqual(["E_POLICY_DENIED", expect.stringContaining(`the ceiling \`${bound}\` is why`)]);
  const record = readFileSync(report.record ?? "", "utf8");
  expect(record).toContain(`"layer":"ceiling:${bound}"`);
  expect(record).toContain(`"path":"${bound}"`);
  expect((await place.report('return fs.read("data/a.txt")', ["--ceiling", bound])).value).toBe("alpha\n");
});

test("of several ceilings each holds", async () => {
  const other = place.write(
    "bounds/other.toml",
    'version = 1\n[filesystem]\nread_allow = ["/**"]\ndeny = ["**/a.txt"]\n',
  );
  const report = await place.report(codeOf('fs.read("data/a.txt")'), ["--ceiling", bound, "--ceiling", other]);
  expect(report.value).toEqual(["E_POLICY_DENIED", expect.stringContaining(other)]);
});

test("a limit of the ceiling ends the run", async () => {
  const script = 'for (let at = 0; at < 5; at++) fs.read("data/a.txt")';
  const report = await place.report(script, ["--ceiling", bound]);
  expect([report.exitCode, report.error?.code]).toEqual([6, "E_LIMIT_CALLS"]);
});

test("a limit of a ceiling's rule is counted, though the policy has none", async () => {
  const limited = place.write(
    "bounds/limited.toml",
    'version = 1\n[[rule]]\nid = "few"\neffect = "allow"\non = ["fs.read"]\nlimit = { calls = 1 }\n',
  );
  const script = `fs.read("data/a.txt"); ${codeOf('fs.read("data/a.txt")')}`;
  const { value } = await place.report(script, ["--ceiling", limited]);
  expect(value).toEqual(["E_BUDGET", expect.any(String)]);
});

test("--yes answers the policy's question and not the ceiling's", async () => {
  const script = `fs.delete("out/c.txt");
    try { fs.write("out/d.txt", "d"); return ["written"] } catch (error) { return [error.code, error.hint] }`;
  const report = await place.report(script, ["--yes", "--ceiling", bound]);
  expect(report.value).toEqual(["E_APPROVAL_UNAVAILABLE", expect.stringContaining("--yes does not answer for it")]);
  expect([place.has("out/c.txt"), place.has("out/d.txt")]).toEqual([false, false]);
  expect(readFileSync(report.record ?? "", "utf8")).toMatch(/"by":"--yes".*"answer":"unavailable"/s);
});

test("the verifier refuses what no call under the ceiling could be", async () => {
  place.write("exec.js", 'subprocess.exec(["true"])\n');
  const none = place.write("bounds/none.toml", 'version = 1\n[filesystem]\nread_allow = ["/**"]\n');
  const ended = await place.run(["check", "--policy", "agent-run.toml", "--ceiling", none, "exec.js"]);
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`the ceiling \`${none}\` never allows it`);
  // By a computed name it meets the gate, which says the same.
  const report = await place.report(codeOf('fs["wri" + "te"]("out/x", "")'), ["--ceiling", none]);
  expect(report.value).toEqual(["E_CAPABILITY", expect.stringContaining(`the ceiling \`${none}\` is why`)]);
});

test("a ceiling that does not load stops everything with exit 5, and its place", async () => {
  const bad = place.write("bounds/bad.toml", "version = 1\nnonsense = 1\n");
  const ended = await place.run(["--policy", "agent-run.toml", "--ceiling", bad, "-"], { stdin: "print(1)" });
  expect([ended.code, ended.stdout]).toEqual([5, ""]);
  expect(ended.stderr).toContain(`${bad}:2:1`);
});

test("what a ceiling has not agreed to does not load, at its line of the policy", async () => {
  place.write("open.toml", 'version = 1\n[subprocess]\nsandbox = "none"\n');
  const ended = await place.run(["policy", "validate", "open.toml", "--ceiling", bound]);
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain("open.toml:3:11");
  expect(ended.stderr).toContain(`needs the same line in the ceiling \`${bound}\``);
});

test("`policy explain` and `policy show` name the ceiling", async () => {
  const args = ["--policy", "agent-run.toml", "--ceiling", bound];
  const explained = await place.run(["policy", "explain", ...args, "fs.read other/b.txt"]);
  expect(explained.stdout).toMatch(new RegExp(`^deny, by rule default of the ceiling ${bound}\n`));
  const shown = await place.run(["policy", "show", "agent-run.toml", "--ceiling", bound]);
  expect(shown.stdout).toContain(`bounded by the ceiling ${bound}`);
  expect(shown.stdout).toContain("max_calls  3");
});

test("a jailed command sees what policy and ceiling both let be read", async () => {
  const script = `const out = {};
    for (const path of ["data/a.txt", "other/b.txt"]) {
      try { out[path] = subprocess.exec(["cat", path]).stdout } catch (error) { out[path] = error.code }
    }
    try { subprocess.exec(["true"]) } catch (error) { out.true = error.code }
    return out`;
  const { value } = await place.report(script, ["--ceiling", bound]);
  expect(value).toEqual({ "data/a.txt": "alpha\n", "other/b.txt": "E_POLICY_DENIED", true: "E_POLICY_DENIED" });
});

describe("what a ceiling makes local-only", () => {
  const SEALED = `[filesystem]
read_allow = ["/**"]
write_allow = ["/**"]
local_only_read = ["DIR/p/**"]
local_only_write = ["DIR/p/**"]
`;
  let sealing: string;
  beforeAll(() => {
    sealing = place.write("bounds/sealing.toml", `version = 1\n${SEALED.replaceAll("DIR", place.directory)}`);
    place.write("p/x", "canary-4711");
    linkSync(join(place.directory, "p/x"), join(place.directory, "other/link"));
  });

  test("is not read in the open, nor by another name of the file", async () => {
    const script = `const out = [];
      for (const path of ["p/x", "other/link"]) try { out.push(fs.read(path)) } catch (error) { out.push(error.code) }
      return [...out, fs.list(".").includes("p")]`;
    const report = await place.report(script, ["--ceiling", sealing]);
    expect(report.value).toEqual(["E_POLICY_DENIED", "E_POLICY_DENIED", expect.any(Boolean)]);
    expect(JSON.stringify(report)).not.toContain("canary-4711");
  });

  test("goes where both layers take it, in the vault, too, and not where the ceiling would have it in the open", async () => {
    place.write(
      "sealed.toml",
      'version = 1\n[filesystem]\nlocal_only_read = ["p/**"]\nlocal_only_write = ["p/**", "q/**"]\n[local_only]\nsettle = ["200ms", "2s", "30s"]\n',
    );
    place.write(
      "strict.js",
      'fs.write("p/y", fs.read("p/x")); try { fs.write("q/y", fs.read("p/x")) } catch (error) { return error.code }',
    );
    const { stdout } = await place.run(["--policy", "sealed.toml", "--ceiling", sealing, "--json", "strict.js"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, value: "E_SINK" });
    expect([place.read("p/y"), place.has("q/y")]).toEqual(["canary-4711", false]);
    expect(stdout).not.toContain("canary-4711");
  });
});

describe("an MCP server under a ceiling", () => {
  test.each(GENERATIONS)("%s", async (_, connect) => {
    const session = await connect(place, undefined, ["--ceiling", bound]);
    try {
      const [run] = await session.tools();
      expect(run?.description).toContain("; and only what is in");
      const script = codeOf('fs.read("other/b.txt")');
      expect((await session.call("run", { script })).data.value).toMatchObject(["E_POLICY_DENIED", expect.any(String)]);
      expect((await session.call("run", { script: 'return fs.read("data/a.txt")' })).data.value).toBe("alpha\n");
      const explained = await session.call("explain", { on: "fs.read", path: join("other", "b.txt") });
      expect(explained.data).toMatchObject({ decision: "deny" });
      expect(explained.text).toContain("a ceiling");
    } finally {
      await session.close();
    }
  });
});
