import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { openPolicy, Runtime } from "@agent-run/runtime";
import { expect, test } from "vitest";
import { serveMcp } from "./serve.ts";

test("a server that has closed has no run left, and every record is finished", async () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-serve-")));
  const path = join(directory, "agent-run.toml");
  const audit = join(directory, "audit");
  writeFileSync(path, "version = 1\n[runtime]\nmax_seconds = 600\n");
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  await using runtime = new Runtime({ policy: opened.data, audit });
  const [input, output] = [new PassThrough(), new PassThrough()];
  const server = serveMcp(runtime, { version: "0", input, output, onError: () => undefined });
  for (const script of ["for (;;) {}", "Array(2 ** 32 - 1).indexOf(1)"]) {
    const params = { name: "run", arguments: { script } };
    // One id for both: the older of the two is known to nobody else any more.
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params })}\n`);
  }
  const runs = join(audit, "runs");
  const texts = () => (existsSync(runs) ? readdirSync(runs) : []).map((name) => readFileSync(join(runs, name), "utf8"));
  const begun = () => texts().filter((text) => text.includes('"kind":"verify"')).length;
  while (begun() < 2) await sleep(20);
  await server.close();
  for (const text of texts()) expect(text.trimEnd().split("\n").at(-1)).toContain('"code":"E_INTERRUPTED"');
  rmSync(directory, { recursive: true });
}, 120_000);
