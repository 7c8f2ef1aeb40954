/** What public commands see of local-only values, and what the weaker mode does, through the built command. */
import { chmodSync } from "node:fs";
import { detectJail } from "@agent-run/effects";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { KEYS, LocalOnlyWorld } from "./local-only.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const PEEK = `#!/bin/sh
echo parent; cat /proc/$PPID/environ
echo all; cat /proc/[0-9]*/environ
echo own; /usr/bin/env
echo files; cat private/note.md "$HOME/.secret" || echo denied
ls private
echo public; cat pub/a.txt
exit 0
`;

let world: LocalOnlyWorld;
beforeAll(async () => {
  world = await LocalOnlyWorld.start(() => "version = 1\n");
  chmodSync(world.place.write("peek", PEEK), 0o755);
  chmodSync(world.place.write("../home/.secret", `home ${KEYS.stripe}`), 0o600);
});
afterAll(() => world.close());

const run = async (policy: string, script: string, json = true) => {
  world.place.write("agent-run.toml", policy);
  const args = ["--policy", "agent-run.toml", ...(json ? ["--json"] : []), "-"];
  return world.place.run(args, { stdin: script, env: world.env });
};

const policy = (sandbox: string) => `version = 1
[filesystem]
read_allow = ["**"]
local_only_read = ["private/**", "~/.secret"]
[environment]
allow_vars = ["LANG"]
local_only_vars = ["INTERNAL_URL"]
[subprocess]
allow_commands = ["./peek"]
${sandbox}
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
`;

describe.skipIf(!detectJail().ok)("a public command in its jail", () => {
  test("sees public files, and neither secrets of processes around it nor local-only files", async () => {
    const { stdout, code, stderr } = await run(
      policy('sandbox = "bwrap"'),
      'const r = subprocess.exec(["./peek"]); print(r.stdout, r.stderr)',
      false,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("public\npublic\n");
    expect(stdout).toContain("LANG=C");
    for (const key of [KEYS.stripe, KEYS.note, "p&ss=w", "INTERNAL_URL", "STRIPE_KEY"])
      expect(stdout).not.toContain(key);
    expect(stdout).not.toContain("note.md\n");
  });
});

describe("a public command without a jail", () => {
  const open = 'sandbox = "none"\naccept_unsandboxed_commands = true';

  test("sees them, which a banner says at each run", async () => {
    const script = 'print(subprocess.exec(["./peek"]).stdout)';
    const { stdout, stderr } = await run(policy(open), script, false);
    expect(stdout).toContain(KEYS.note);
    expect(stderr).toMatch(/agent-run: .*commands.*(local-only|without a jail)/);
  });

  test("has no secret in its own environment, nor its parent, all the same", async () => {
    const { stdout } = await run(
      policy(open),
      'print(subprocess.exec(["./peek"]).stdout.split("\\nall\\n")[0])',
      false,
    );
    expect(stdout).toContain("HOME=");
    for (const key of [KEYS.stripe, "p&ss=w"]) expect(stdout).not.toContain(key);
  });

  test("is not there unless the policy accepts that in words", async () => {
    const { code, stdout } = await run(policy('sandbox = "none"'), "return 1");
    expect(code).not.toBe(0);
    expect(stdout).toContain("accept_unsandboxed_commands = true");
  });
});

describe('mode = "redact"', () => {
  const redact = `version = 1
[filesystem]
read_allow = ["pub/**"]
local_only_read = ["private/**"]
[environment]
local_only_vars = ["STRIPE_KEY"]
[local_only]
mode = "redact"
`;
  const READ = 'const key = env.read("STRIPE_KEY"), note = fs.read("private/note.md").trim(); ';

  test("gives the script the plaintext, and its output without it", async () => {
    const script = `${READ}
      print(key, note, btoa(key), [...key].reverse().join(""), Buffer.from(key).toString("hex"), encodeURIComponent(note));
      print(key.startsWith("sk_live_"), JSON.stringify({ key }));
      return { key, [note]: 1 };`;
    const { stdout } = await run(redact, script);
    const { stdout: printed, value, error } = JSON.parse(stdout) as { stdout: string; value: object; error: unknown };
    expect(error).toBe(null);
    const [key, note] = ["[redacted env:STRIPE_KEY]", "[redacted file:private/note.md]"];
    expect(printed).toBe(`${key} ${note} ${key} ${key} ${key} ${note}\ntrue {"key":"${key}"}\n`);
    expect(value).toEqual({ key, [note]: 1 });
  });

  test("takes it out of errors and of the record", async () => {
    const { stderr } = await run(redact, `${READ} throw new Error(\`bad \${key}\`)`, false);
    expect(stderr).toContain("bad [redacted env:STRIPE_KEY]");
    const record = world.place.read(`../state/agent-run/runs/${world.place.records().at(-1)?.split("/").at(-1)}`);
    for (const text of [stderr, record]) expect(text).not.toContain(KEYS.stripe);
  });

  test("does not stop slicing, which its banner says", async () => {
    const { stdout, stderr } = await run(redact, `${READ} print(key.slice(0, 8), key.length)`, false);
    expect(stdout).toBe(`${KEYS.stripe.slice(0, 8)} ${KEYS.stripe.length}\n`);
    expect(stderr).toMatch(/local-only values are redacted, not sealed: .*does not stop parts of a value/);
  });
});
