/** How runs over MCP end: cancelled, with the client, by a signal; and that none of them is in another's way. */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { verifySegment } from "@agent-run/audit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { COMMAND, Workplace } from "./command.ts";
import { endOf, GENERATIONS, processGone, recordOf, SERVE, type Session, Wire } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
[filesystem]
read_allow = ["data/**"]
[subprocess]
allow_commands = ["sleep"]
sandbox = "none"
[runtime]
max_seconds = 600
`;

/** Neither polls anything: one is stopped at its next step, the other only with its thread. */
const HANGS: readonly (readonly [string, string])[] = [
  ["a script that loops", "for (;;) {}"],
  ["a script that hangs in a built-in", "Array(2 ** 32 - 1).indexOf(1)"],
  ["a script that waits for a command", 'subprocess.exec(["sleep", "600"])'],
];

let place: Workplace;
/** Runs that were recorded before this test. */
let before = 0;
const open: { close(): void }[] = [];
beforeAll(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha" });
});
beforeEach(() => {
  before = place.records().length;
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => place.remove());

async function wireReady(): Promise<Wire> {
  const wire = new Wire(place);
  open.push({ close: () => wire.child.kill("SIGKILL") });
  await wire.initialize();
  return wire;
}

/** The record ends, says that the run was interrupted, and is whole. */
async function expectInterrupted(record: string): Promise<void> {
  while (endOf(record).kind !== "run.end") await sleep(20);
  expect(endOf(record)).toMatchObject({ kind: "run.end", code: "E_INTERRUPTED", exit: 130 });
  expect(verifySegment(readFileSync(record))).toMatchObject({ state: "complete" });
}

describe.each(GENERATIONS)("a client of %s", (_title, connect) => {
  let session: Session;
  beforeAll(async () => {
    session = await connect(place);
  });

  test.each(HANGS)("cancels %s, and the next run goes ahead", async (_what, script) => {
    const cancel = new AbortController();
    const run = session.call("run", { script }, { signal: cancel.signal });
    const record = await recordOf(place, before);
    cancel.abort();
    await expect(run).rejects.toThrow();
    await expectInterrupted(record);
    expect((await session.call("run", { script: 'return fs.read("data/a.txt")' })).data.value).toBe("alpha");
  });

  test("is answered while a run goes on", async () => {
    const cancel = new AbortController();
    const long = session.call("run", { script: "for (;;) {}" }, { signal: cancel.signal });
    await recordOf(place, before);
    await session.ping();
    expect(await session.tools()).toHaveLength(3);
    expect((await session.call("explain", { on: "fs.read", path: "data/a.txt" })).data.decision).toBe("allow");
    expect((await session.call("check", { script: "1" })).data.ok).toBe(true);
    expect((await session.call("run", { script: "return 2" })).data.value).toBe(2);
    expect(endOf(place.records()[before] ?? "").kind).not.toBe("run.end");
    cancel.abort();
    await expect(long).rejects.toThrow();
  });

  test("has twenty runs at once, each by itself", async () => {
    const script =
      'const before = typeof globalThis.mine; globalThis.mine = input; print(input); return [before, mine, fs.read("data/a.txt")]';
    const runs = Array.from({ length: 20 }, (_, input) => session.call("run", { script, input }));
    for (const [input, { data }] of (await Promise.all(runs)).entries()) {
      expect(data).toMatchObject({ value: ["undefined", input, "alpha"], stdout: `${input}\n`, calls: [{ seq: 1 }] });
    }
    expect(place.records()).toHaveLength(before + 20);
  });

  test("takes the server with it when it goes", async () => {
    void session.call("run", { script: "for (;;) {}" }).catch(() => undefined);
    const record = await recordOf(place, before);
    await session.close();
    await processGone(session.pid);
    await expectInterrupted(record);
  });
});

describe("the server ends", () => {
  test("with exit code 0 and no word but its banner when its input is closed", async () => {
    const wire = await wireReady();
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
    expect(wire.stderr.split("\n")).toEqual([expect.stringContaining("without a jail"), ""]);
    expect(wire.messages).toHaveLength(1);
  });

  test("with all requests answered that were read before its input was closed", async () => {
    const wire = new Wire(place);
    const info = { name: "pipe", version: "1" };
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: info };
    wire.send({ id: 0, method: "initialize", params });
    wire.send({ method: "notifications/initialized" });
    wire.call(1, "run", { script: 'subprocess.exec(["sleep", "1"]); return fs.read("data/a.txt")' });
    wire.call(2, "explain", { on: "fs.read", path: "data/a.txt" });
    wire.call(3, "check", { script: "1" });
    wire.send({ id: 4, method: "tools/list" });
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
    expect(wire.messages.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4]);
    const run = wire.messages.find(({ id }) => id === 1)?.result;
    expect(run).toMatchObject({ structuredContent: { ok: true, value: "alpha" } });
    expect(endOf(place.records()[before] ?? "")).toMatchObject({ kind: "run.end", code: null });
  });

  test("without waiting for a call that was cancelled", async () => {
    const wire = await wireReady();
    wire.call(1, "run", { script: "for (;;) {}" });
    const record = await recordOf(place, before);
    wire.send({ method: "notifications/cancelled", params: { requestId: 1 } });
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
    await expectInterrupted(record);
    expect(wire.messages).toHaveLength(1);
  });

  test("before anything was said", async () => {
    const wire = new Wire(place);
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
  });

  test.each(HANGS)("and ends %s some time after its input was closed", async (_what, script) => {
    const wire = await wireReady();
    wire.call(1, "run", { script });
    const record = await recordOf(place, before);
    const child = script.includes("sleep") ? await childOf(wire.child.pid) : undefined;
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
    await expectInterrupted(record);
    if (child !== undefined) await processGone(child);
    expect(wire.messages).toHaveLength(1);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "with exit code 130 on %s, its runs before it",
    async (signal) => {
      const wire = await wireReady();
      wire.call(1, "run", { script: 'subprocess.exec(["sleep", "600"])' });
      const record = await recordOf(place, before);
      const child = await childOf(wire.child.pid);
      wire.child.kill(signal);
      expect(await wire.exited).toBe(130);
      await expectInterrupted(record);
      await processGone(child);
    },
  );

  test("when nobody reads its output any more", async () => {
    const wire = await wireReady();
    wire.call(1, "run", { script: "for (;;) {}" });
    const record = await recordOf(place, before);
    wire.child.stdout?.destroy();
    wire.send({ id: 2, method: "ping" });
    expect(await wire.exited).toBe(0);
    await expectInterrupted(record);
  });

  test("with all its runs and commands when its client is killed", async () => {
    const client = spawn(process.execPath, ["--input-type=module", "-e", CLIENT, COMMAND, ...SERVE], {
      cwd: place.directory,
      env: { PATH: process.env.PATH ?? "", HOME: place.home, XDG_STATE_HOME: place.state },
      stdio: ["ignore", "pipe", "inherit"],
    });
    open.push({ close: () => client.kill("SIGKILL") });
    const server = await new Promise<number>((resolve) => {
      client.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number(text)));
    });
    const records = [
      await recordOf(place, before),
      await recordOf(place, before + 1),
      await recordOf(place, before + 2),
    ];
    const child = await childOf(server);
    client.kill("SIGKILL");
    await processGone(server);
    await processGone(child);
    for (const record of records) await expectInterrupted(record);
  });

  test("and with it all that waits for its turn", async () => {
    const wire = await wireReady();
    for (let id = 0; id < 60; id++) wire.call(id, "run", { script: 'subprocess.exec(["sleep", "600"])' });
    for (let at = 0; at < AT_ONCE; at++) await recordOf(place, before + at);
    wire.child.stdin?.end();
    expect(await wire.exited).toBe(0);
    for (const record of place.records().slice(before)) await expectInterrupted(record);
    expect(place.records()).toHaveLength(before + AT_ONCE);
  });
});

/** Runs that one runtime has at the same time. */
const AT_ONCE = 16;

/** A client that starts the server, has three runs going, and waits. */
const CLIENT = `
  import { spawn } from "node:child_process";
  const server = spawn(process.execPath, process.argv.slice(1), { stdio: ["pipe", "pipe", "ignore"] });
  const send = (message) => server.stdin.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
  send({ id: 0, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "c", version: "1" } } });
  send({ method: "notifications/initialized" });
  for (const [id, script] of ${JSON.stringify(HANGS.map(([, script]) => script))}.entries()) {
    send({ id: id + 1, method: "tools/call", params: { name: "run", arguments: { script } } });
  }
  process.stdout.write(String(server.pid));
  server.stdout.resume();
`;

/** Waits until the server has started a command. */
async function childOf(parent: number | undefined): Promise<number> {
  for (;;) {
    const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
    for (const line of table.split("\n")) {
      const [pid, ppid, command = ""] = line.trim().split(/\s+/);
      if (Number(ppid) === parent && command.endsWith("sleep")) return Number(pid);
    }
    await sleep(50);
  }
}
