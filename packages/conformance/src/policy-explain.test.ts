/** What the command says of local-only values: before a run, to the operator, and after one. */
import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const POLICY = `version = 1
[filesystem]
local_only_read = ["notes/**"]
local_only_write = ["private/**"]
[local_only]
settle = ["1s", "3s"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "api.stripe.com"
methods = ["GET"]
paths = ["/v1/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[release]]
name = "state"
from = "file:notes/state.json"
select = "$.state"
type = { enum = ["green", "yellow", "red"] }
per_run = 2
per_day = 10
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({
    "agent-run.toml": POLICY,
    "notes/state.json": '{"state":"green"}',
    "open.toml": "version = 1\n",
  });
});
afterEach(() => place.remove());

const explain = (...words: string[]) => place.run(["policy", "explain", "--policy", "agent-run.toml", ...words]);

describe("policy explain", () => {
  test("says what is sealed, and how many bits can come out at worst, rounded up", async () => {
    const { code, stdout } = await explain();
    expect(code).toBe(0);
    expect(stdout).toContain("Secret stripe comes from the variable `STRIPE_KEY`. It can be used and not opened.");
    expect(stdout).toMatch(/^release `release\.state` +4 +20$/m);
    expect(stdout).toMatch(/^ticks of the settle clock +2 +5760$/m);
    expect(stdout).toMatch(/^together +6 +5780$/m);
    expect(stdout).toMatch(/not bounded: what servers and commands answer to `secret\.stripe\.use\[0\]`$/m);
  });

  test("gives the same as data, in which null is not bounded", async () => {
    place.write("agent-run.toml", POLICY.replace('settle = ["1s", "3s"]', 'profile = "relaxed"'));
    const { stdout } = await explain("--json");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      capacity: {
        bitsPerRun: null,
        bitsPerDay: null,
        parts: [{ bitsPerRun: 4, bitsPerDay: 20 }, { bitsPerRun: null }],
      },
      open: ["secret.stripe.use[0]"],
    });
  });

  test("answers to one call", async () => {
    const { stdout } = await explain("fs.read notes/state.json");
    expect(stdout).toMatch(/^allow, by rule filesystem\.local_only_read\[0\]/);
    expect(stdout).toContain("sealed: what comes back has the label local");
    const denied = JSON.parse((await explain("--json", "fs.delete notes/state.json")).stdout);
    expect(denied).toMatchObject({ decision: "deny", code: "E_POLICY_DENIED" });
    expect((await explain("read it")).code).toBe(5);
  });

  test("says so where nothing is local-only", async () => {
    const { stdout } = await place.run(["policy", "explain", "--policy", "open.toml"]);
    expect(stdout).toMatch(/^nothing is local-only: the policy declares no secret and no local-only place\n/);
    expect(stdout).toContain("agent-run policy explain 'fs.read src/a.ts'");
  });
});

describe("a secret that could be guessed", () => {
  test("is told by `policy validate` and `doctor`, and by no run", async () => {
    const env = { STRIPE_KEY: "hunter2" };
    const validated = await place.run(["policy", "validate", "agent-run.toml"], { env });
    expect(validated.stdout).toContain("secret `stripe` could be guessed");
    expect((await place.run(["doctor"], { env })).stdout).toContain("secret `stripe` could be guessed");
    const weak = await place.run(["--policy", "agent-run.toml", "-"], { env, stdin: "print(1)" });
    expect(`${weak.stdout}${weak.stderr}`).not.toContain("guessed");
    const strong = { STRIPE_KEY: "q9XvT2mKp7LwZr4BnJ8sD" };
    expect((await place.run(["policy", "validate", "agent-run.toml"], { env: strong })).stdout).not.toContain(
      "guessed",
    );
  });
});

describe("what a script is told of places", () => {
  test("is as it and the policy wrote them, without where the root lies", async () => {
    const { stdout } = await place.run(["--policy", "agent-run.toml", "-"], { stdin: 'print(fs.glob("notes/*"))' });
    expect(stdout).toBe("[sealed from file:notes/*]\n");
    const { error } = await place.report('net.httpGet("https://api.stripe.com/v1/x?q=" + fs.read("notes/state.json"))');
    expect(error).toMatchObject({ code: "E_SINK", hint: "local-only data may go to: files at private/**" });
  });
});

describe("the end of a run", () => {
  const SCRIPT = 'fs.write("private/copy.json", fs.read("notes/state.json")); return 1;';

  test("tells how much sealed work was ordered, and where the operator's log of it is", async () => {
    const { stderr } = await place.run(["--policy", "agent-run.toml", "-"], { stdin: SCRIPT });
    const [, log = ""] =
      /^agent-run: 2 sealed operations, their results are local-only; operator's log (.+)$/m.exec(stderr) ?? [];
    expect(existsSync(log)).toBe(true);
    expect(place.has("private/copy.json")).toBe(true);
  });

  test("tells the same where the sealed work failed", async () => {
    const script = 'fs.write("private/copy.json", fs.read("notes/missing.json")); return 1;';
    const { code, stderr } = await place.run(["--policy", "agent-run.toml", "-"], { stdin: script });
    expect(code).toBe(0);
    expect(stderr).toMatch(/2 sealed operations, their results are local-only/);
    expect(place.has("private/copy.json")).toBe(false);
  });

  test("tells nothing of it where nothing sealed was ordered", async () => {
    const { stderr } = await place.run(["--policy", "agent-run.toml", "-"], { stdin: 'print(env.has("STRIPE_KEY"))' });
    expect(stderr).not.toContain("sealed");
    const open = JSON.parse((await place.run(["--policy", "open.toml", "--json", "-"], { stdin: "1" })).stdout);
    expect(Object.keys(open)).not.toContain("sealed");
    expect(await place.report("1")).toMatchObject({ sealed: 0 });
  });
});
