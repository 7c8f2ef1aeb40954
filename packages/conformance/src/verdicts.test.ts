/** `evaluate`, `simulate` and `policy explain CALL`: verdicts without a run, as people and scripts ask for them. */
import { afterAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const place = new Workplace({
  "agent-run.toml": `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**"]
delete_allow = ["out/**"]
[[rule]]
id = "small"
effect = "allow"
on = ["fs.write"]
path = ["out/**"]
when = { bytes = { le = "1KB" }, actor = { eq = "ci" } }
expires = 2027-01-01
`,
  "calls.txt": 'fs.read src/a\r\n\n# a comment\n{"on": "fs.write", "path": "out/a", "bytes": 1}\nfs.delete out/x\n',
  "broken.txt": "fs.read src/a\nread it\nfs.write out/a bytes=x\n",
  "empty.txt": "# nothing\n",
});
afterAll(() => place.remove());

const ask = (command: string[], ...words: string[]) => place.run([...command, "--policy", "agent-run.toml", ...words]);

describe("evaluate", () => {
  test("says the verdict in one line, and by its exit code", async () => {
    const [allowed, asked, denied] = await Promise.all([
      ask(["evaluate"], "fs.read src/a"),
      ask(["evaluate"], "fs.delete out/x"),
      ask(["evaluate"], "fs.read lib/a"),
    ]);
    expect(allowed).toMatchObject({
      code: 0,
      stdout: "allow  fs.read src/a  by filesystem.read_allow[0] (agent-run.toml:4:15)\n",
    });
    expect(asked).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/^ask {2}fs\.delete out\/x {2}by requires_approval\[0\]/),
    });
    expect(denied).toMatchObject({ code: 2, stdout: expect.stringMatching(/^deny {2}.*by default\nhint: /) });
  });

  test("takes JSON, who acts and when, and gives the same as data", async () => {
    const call = '{"on":"fs.write","path":"out/a","bytes":10}';
    const at = ["--json", "--actor", "ci", "--now"];
    const [before, after] = await Promise.all([
      ask(["evaluate"], call, ...at, "2026-12-31T23:59Z"),
      ask(["evaluate"], call, ...at, "2027-01-01"),
    ]);
    expect(JSON.parse(before.stdout)).toMatchObject({
      ok: true,
      exitCode: 0,
      decision: "allow",
      code: null,
      rule: { id: "small", file: "agent-run.toml", line: 6, column: 3 },
      layer: "policy",
      request: { v: 1, on: "fs.write", attrs: { bytes: 10 } },
    });
    expect(JSON.parse(after.stdout)).toMatchObject({
      ok: false,
      exitCode: 2,
      decision: "deny",
      code: "E_POLICY_DENIED",
    });
  });

  test("refuses what is no call, and no time", async () => {
    const [call, json, time] = await Promise.all([
      ask(["evaluate"], "read it"),
      ask(["evaluate"], '{"on":'),
      ask(["evaluate"], "fs.read a", "--now", "noon"),
    ]);
    expect(call).toMatchObject({ code: 5, stderr: expect.stringContaining("a call begins with its capability") });
    expect(json).toMatchObject({ code: 5, stderr: expect.stringContaining("not valid JSON") });
    expect(time).toMatchObject({ code: 5, stderr: expect.stringContaining("must be a time") });
  });
});

describe("simulate", () => {
  test("says the verdict on each line, and counts", async () => {
    const { code, stdout } = await ask(["simulate"], "calls.txt", "--actor", "ci", "--now", "2026-12-01");
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.split("  ")[0]?.trim())).toEqual([
      ...["allow", "allow", "ask", ""],
      ...["1 allowed, 1 asked about, 0 denied".replace("1 allowed", "2 allowed"), ""],
    ]);
  });

  test("fails on the effects that it is told to", async () => {
    const [quiet, failing] = await Promise.all([
      ask(["simulate"], "calls.txt", "--fail-on", "deny", "--json", "--actor", "ci", "--now", "2026-12-01"),
      ask(["simulate"], "calls.txt", "--fail-on", "ask", "deny"),
    ]);
    expect(quiet.code).toBe(0);
    expect(JSON.parse(quiet.stdout)).toMatchObject({
      ok: true,
      counts: { allow: 2, ask: 1, deny: 0 },
      calls: [{ line: 1 }, { line: 4 }, { line: 5, decision: "ask" }],
    });
    expect(failing.code).toBe(1);
  });

  test("prints no verdict of a file of which a line is no call, and names the lines", async () => {
    const [broken, empty] = await Promise.all([ask(["simulate"], "broken.txt"), ask(["simulate"], "empty.txt")]);
    expect(broken).toMatchObject({ code: 5, stdout: "" });
    expect(broken.stderr).toContain("broken.txt:2: a call begins with its capability");
    expect(broken.stderr).toContain("broken.txt:3: `bytes` must be a whole number");
    expect(empty).toMatchObject({ code: 5, stderr: expect.stringContaining("there is no call in") });
  });
});

describe("policy explain of a call", () => {
  test("says what failed and what would allow it; for a model in two lines", async () => {
    const call = "fs.write out/a bytes=2000";
    const around = ["--actor", "ci", "--now", "2026-12-01"];
    const [people, model, data] = await Promise.all([
      ask(["policy", "explain"], call, ...around),
      ask(["policy", "explain"], call, ...around, "--for-model"),
      ask(["policy", "explain"], call, ...around, "--json"),
    ]);
    expect(people.stdout).toContain(
      "would allow  small (agent-run.toml:6:3): `bytes` was 2000, and the rule takes at most 1000",
    );
    expect(people.stdout).toContain("to allow it: a call with `bytes` le 1000, by rule `small`");
    expect(people.stdout).toContain('canonical form: {"attrs":{"bytes":2000}');
    expect(model.stdout.trim().split("\n")).toHaveLength(2);
    expect(JSON.parse(data.stdout)).toMatchObject({
      decision: "deny",
      nearMisses: [{ rule: { id: "small" }, failed: [{ what: "bytes", actual: 2000 }] }],
      request: { on: "fs.write" },
    });
  });
});
