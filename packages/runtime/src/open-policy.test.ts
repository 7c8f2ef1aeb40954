import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

test("a policy whose jail is not there does not open", () => {
  const commands = 'version = 1\n[subprocess]\nallow_commands = ["true"]\n';
  writeFileSync(join(folder, "agent-run.toml"), `${commands}sandbox = "auto"\n`);
  expect(named().ok).toBe(true);
  writeFileSync(join(folder, "agent-run.toml"), `${commands}sandbox = "bwrap"\n`);
  expect(named()).toMatchObject({ ok: false, problems: [{ line: 4 }] });
});
