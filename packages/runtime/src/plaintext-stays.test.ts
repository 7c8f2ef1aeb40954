/** A process whose environment cannot be overwritten says so, and does not pass for one whose was. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicy } from "./open-policy.ts";
import { Runtime } from "./runtime.ts";

const forgetting = vi.hoisted(() => ({ works: true, asked: [] as string[][] }));
vi.mock(import("@agent-run/effects"), async (original) => ({
  ...(await original()),
  forgetVariables: (names: readonly string[]) => {
    forgetting.asked.push([...names]);
    return names.length === 0 || forgetting.works;
  },
}));

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-stays-")));
  writeFileSync(join(folder, "p.toml"), 'version = 1\n[environment]\nlocal_only_vars = ["KEY"]\n');
  forgetting.asked = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

async function stays(ownsProcess: boolean): Promise<boolean> {
  const opened = openPolicy({ path: join(folder, "p.toml"), cwd: folder });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const environment = { KEY: "value-of-key", LANG: "C" };
  await using runtime = new Runtime({ policy: opened.data, audit: join(folder, "record"), environment, ownsProcess });
  return runtime.plaintextStays;
}

test("where the variables are gone, nothing stays", async () => {
  forgetting.works = true;
  expect(await stays(true)).toBe(false);
  expect(forgetting.asked).toEqual([["KEY"]]);
});

test("where they could not be taken out, it is told", async () => {
  forgetting.works = false;
  expect(await stays(true)).toBe(true);
});

test("the environment of an application is its own: nothing of it is touched", async () => {
  forgetting.works = false;
  expect(await stays(false)).toBe(false);
  expect(forgetting.asked).toEqual([[]]);
});
