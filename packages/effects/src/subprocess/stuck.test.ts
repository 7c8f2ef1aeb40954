/** A child that no signal ends, as one that waits for a dead disk: here because none is sent. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { execCommand } from "./exec.ts";
import { makeRoot, removeRoots, SH } from "./fixtures/scene.ts";

vi.mock("./process-group.ts", () => ({ addGroup: () => {}, endGroup: () => {}, signalGroup: () => {} }));

afterAll(removeRoots);

test("a child that cannot be killed does not hold its call", async () => {
  const root = makeRoot();
  const { dev, ino } = statSync(SH);
  const argv = ["sh", "-c", "echo $$ > pid; exec sleep 30"] as const;
  const limits = { timeoutMs: 200, maxOutputBytes: 1000 };
  const env = { PATH: "/usr/bin:/bin" };
  const command = { path: SH, dev, ino, argv, cwd: root, env, stdin: null, jail: null, ...limits };
  const started = performance.now();
  const answer = await execCommand(command, new AbortController().signal);
  expect(answer).toMatchObject({ ok: false, failure: { code: "E_TIMEOUT" } });
  expect(performance.now() - started).toBeLessThan(10_000);
  process.kill(Number(readFileSync(join(root, "pid"), "utf8")), "SIGKILL");
});
