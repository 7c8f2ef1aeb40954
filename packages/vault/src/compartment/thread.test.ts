/** What the thread itself is given, seen from a program in its place that tells and prints what it can. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { compartments, job } from "./compartments.fixture.ts";

const TELLS = `
const { workerData } = require("node:worker_threads");
console.log("printed"); console.error("printed");
process.stdout.write("printed"); process.stderr.write("printed");
const { env, argv, execArgv } = process;
const json = JSON.stringify([{ env: { ...env }, argv: argv.slice(2), execArgv }]);
workerData.port.on("message", () => setImmediate(() => workerData.port.postMessage({ kind: "value", json, reusable: true })));
workerData.port.postMessage({ kind: "ready" });
`;
const directory = mkdtempSync(join(tmpdir(), "agent-run-compartment-"));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

it("is given no environment, arguments or options, and what it prints goes nowhere", async () => {
  writeFileSync(join(directory, "compartment.cjs"), TELLS);
  process.env.AGENT_RUN_TEST_SECRET = "s3cret";
  const printed = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  const vault = compartments({ directory });
  expect(await vault.compute(job("() => 1"))).toEqual({ ok: true, value: { env: {}, argv: [], execArgv: [] } });
  await vault.close();
  const texts = printed.flatMap(({ mock }) => mock.calls.map(([text]) => String(text)));
  expect(texts.filter((text) => text.includes("printed"))).toEqual([]);
});

it("fails the job where it cannot be started", async () => {
  const vault = compartments({ directory: join(directory, "nowhere") });
  expect(await vault.compute(job("() => 1"))).toEqual({ ok: false, why: expect.stringContaining("the thread failed") });
  expect(await vault.compute(job("() => 1"))).toMatchObject({ ok: false });
  await vault.close();
});
