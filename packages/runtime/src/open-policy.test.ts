import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicy } from "./open-policy.ts";

const machine = vi.hoisted(() => ({ policy: "" }));
vi.mock("./places.ts", async (original) => ({
  ...(await original<object>()),
  get MACHINE_POLICY() {
    return machine.policy;
  },
}));

vi.mock("@agent-run/effects", async (original) => ({
  ...(await original<object>()),
  detectJail: () => ({ ok: false, reason: "for the test" }),
}));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-open-")));
  machine.policy = join(folder, "machine.toml");
  writeFileSync(join(folder, "agent-run.toml"), "version = 1\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const named = () => openPolicy({ path: join(folder, "agent-run.toml"), cwd: folder });

test.each([
  ["a policy", () => writeFileSync(machine.policy, "version = 1\n")],
  ["nothing that can be read", () => symlinkSync("gone", machine.policy)],
])("a machine with a policy of its own, which is %s, runs nothing", (_, make) => {
  expect(named().ok).toBe(true);
  make();
  expect(named()).toMatchObject({ ok: false, problems: [{ file: machine.policy }] });
  expect(openPolicy({ cwd: folder })).toMatchObject({ ok: false });
});

test("a command that the script may write under some condition is not found", () => {
  const text = 'version = 1\n[subprocess]\nallow_commands = ["bin/tool"]\n[[rule]]\nid = "small"\neffect = "allow"\n';
  const rule = (path: string) => `on = ["fs.write"]\npath = ["${path}"]\nwhen = { bytes = { le = "1KB" } }\n`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  const commandsWith = (path: string): readonly string[] => {
    writeFileSync(join(folder, "agent-run.toml"), text + rule(path));
    const opened = named();
    return opened.ok ? opened.data.subprocess.commands.map(({ name }) => name) : expect.unreachable("it does not load");
  };
  expect(commandsWith("out/**")).toEqual(["bin/tool"]);
  expect(commandsWith("bin/**")).toEqual([]);
});

test("a policy whose jail is not there does not open", () => {
  const commands = 'version = 1\n[subprocess]\nallow_commands = ["true"]\n';
  writeFileSync(join(folder, "agent-run.toml"), `${commands}sandbox = "auto"\n`);
  expect(named().ok).toBe(true);
  writeFileSync(join(folder, "agent-run.toml"), `${commands}sandbox = "bwrap"\n`);
  expect(named()).toMatchObject({ ok: false, problems: [{ line: 4 }] });
});
