/** `onCall` and `onOutcome`: what a program may say before a call happens, and what it is told afterwards. */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallAfter, CallBefore } from "./host-side.ts";
import { openPolicy } from "./open-policy.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

let directory: string;
const open: Runtime[] = [];
const CANARY = "canary-77c1-and-more";

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-hooks-")));
  mkdirSync(join(directory, "data"));
  writeFileSync(join(directory, "data/a.txt"), "alpha");
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

const FILES = '[filesystem]\nread_allow = ["data/**"]\nwrite_allow = ["out/**"]\n';
const WRITE = 'fs.write("out/a.txt", "x", { createParents: true }); return "written"';

function runtimeWith(options: Partial<RuntimeOptions>, policy = FILES): Runtime {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n${policy}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), ...options });
  open.push(runtime);
  return runtime;
}

test("before each effect the program is told which it is, and after it how it ended", async () => {
  const before: CallBefore[] = [];
  const after: CallAfter[] = [];
  const runtime = runtimeWith({
    onCall: (call) => {
      before.push(call);
      return undefined;
    },
    onOutcome: (call) => after.push(call),
  });
  const report = await runtime.run(
    'fs.read("data/a.txt"); try { fs.read("data/b.txt") } catch {} try { fs.read("x") } catch {}',
  );
  expect(before).toEqual([
    { run: report.run, seq: 1, capability: "fs.read", target: "data/a.txt", rule: "filesystem.read_allow[0]" },
    { run: report.run, seq: 2, capability: "fs.read", target: "data/b.txt", rule: "filesystem.read_allow[0]" },
  ]);
  expect(after.map(({ run, ...line }) => [run === report.run, line])).toEqual(report.calls.map((line) => [true, line]));
  expect(after.map(({ code }) => code)).toEqual([null, "E_NOT_FOUND", "E_POLICY_DENIED"]);
});

test.each<[string, RuntimeOptions["onCall"], string | undefined]>([
  ["a text", () => "not on Fridays", "not on Fridays"],
  ["a promise of a text", async () => "not\u001b[2J on\nFridays", "not [2J on Fridays"],
  ["an empty text", () => "", "no rule of the policy can open this"],
  [
    "an error",
    () => {
      throw new Error(CANARY);
    },
    "no rule of the policy can open this",
  ],
  ["a rejection", () => Promise.reject(new Error(CANARY)), "no rule of the policy can open this"],
  ["what is no answer", (() => false) as never, "no rule of the policy can open this"],
  ["null", (() => null) as never, "no rule of the policy can open this"],
])("%s before a call refuses it", async (_, onCall, hint) => {
  const report = await runtimeWith({ ...(onCall === undefined ? {} : { onCall }) }).run(WRITE);
  expect(report).toMatchObject({ exitCode: 2, error: { code: "E_POLICY_DENIED", rule: { id: "builtin.host" }, hint } });
  expect(existsSync(join(directory, "out/a.txt"))).toBe(false);
  expect(JSON.stringify(report)).not.toContain(CANARY);
});

test("the program cannot allow what the policy denies, and is not asked about it", async () => {
  const onCall = vi.fn(() => undefined);
  const report = await runtimeWith({ onCall }).run('fs.write("data/a.txt", "x")');
  expect(report.error?.code).toBe("E_POLICY_DENIED");
  expect(onCall).not.toHaveBeenCalled();
});

test("an answer that never comes ends with the run, and its signal says so", async () => {
  let aborted = false;
  const runtime = runtimeWith(
    {
      onCall: (_call, signal) => {
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return new Promise(() => undefined);
      },
    },
    `${FILES}[runtime]\nmax_seconds = 1\n`,
  );
  expect(await runtime.run(WRITE)).toMatchObject({ exitCode: 6 });
  expect(aborted).toBe(true);
  expect(existsSync(join(directory, "out/a.txt"))).toBe(false);
});

test("what is told of runs at the same time names the run", async () => {
  const seen = new Map<string, string[]>();
  const runtime = runtimeWith({
    onCall: async ({ run, target }) => {
      await sleep(5);
      seen.set(run, [...(seen.get(run) ?? []), target]);
      return undefined;
    },
  });
  const reports = await Promise.all(
    [0, 1, 2, 3].map((at) => runtime.run(`fs.exists("data/${at}"); fs.read("data/a.txt"); return ${at}`)),
  );
  for (const [at, { run, ok }] of reports.entries()) {
    expect([ok, seen.get(run)]).toEqual([true, [`data/${at}`, "data/a.txt"]]);
  }
});

test("an after-hook that throws changes nothing of the run, and is warned about", async () => {
  const warned: string[] = [];
  const onWarning = (warning: Error) => warned.push(warning.message);
  process.on("warning", onWarning);
  const runtime = runtimeWith({
    onOutcome: () => {
      throw new Error("mine");
    },
  });
  expect(await runtime.run(WRITE)).toMatchObject({ ok: true, value: "written" });
  await vi.waitFor(() => expect(warned).toEqual(["`onOutcome` threw: Error: mine"]));
  process.off("warning", onWarning);
});

test.each(["sealed", "redact"])("with `mode = %s` neither hook sees a local-only value", async (mode) => {
  const told: unknown[] = [];
  const policy = `${FILES}[environment]\nlocal_only_vars = ["SECRET"]\n[local_only]\nmode = "${mode}"\n`;
  const runtime = runtimeWith(
    {
      environment: { SECRET: CANARY },
      onCall: (call) => {
        told.push(call);
        return undefined;
      },
      onOutcome: (call) => told.push(call),
    },
    policy,
  );
  await runtime.run('const s = env.read("SECRET"); try { fs.exists(`data/${s}`) } catch {} fs.exists("data/a.txt")');
  expect(told.length).toBeGreaterThan(2);
  expect(JSON.stringify(told)).toContain("data/a.txt");
  expect(JSON.stringify(told)).not.toContain(CANARY);
});
