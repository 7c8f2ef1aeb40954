/** How runs over MCP end: cancelled, with the client, by a signal; and that none of them is in another's way. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { verifySegment } from "@agent-run/audit";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { COMMAND, Workplace } from "./command.ts";
import { endOf, GENERATIONS, recordOf, SERVE, type Session, Wire } from "./mcp-client.fixture.ts";
import { gone, processesBelow, procFile } from "./process-tree.fixture.ts";

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

/** A place of one test, and what it has open. */
class Scene {
  readonly place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha" });
  readonly open: { kill(signal: "SIGKILL"): unknown }[] = [];

  wire(): Wire {
    const wire = new Wire(this.place);
    this.open.push(wire.child);
    return wire;
  }

  async wireReady(): Promise<Wire> {
    const wire = this.wire();
    await wire.initialize();
    return wire;
  }

  record(which = 0): Promise<string> {
    return recordOf(this.place, which);
  }

  close(): void {
    for (const one of this.open) one.kill("SIGKILL");
    this.place.remove();
  }
}

/** Servers take their time to end, so several do at the same time, each in a place of its own. */
const ending = (play: (scene: Scene) => Promise<void>) => async () => {
  const scene = new Scene();
  try {
    await play(scene);
  } finally {
    scene.close();
  }
};

/** The record ends, says that the run was interrupted, and is whole. */
async function expectInterrupted(record: string): Promise<void> {
  while (endOf(record).kind !== "run.end") await sleep(20);
  expect(endOf(record)).toMatchObject({ kind: "run.end", code: "E_INTERRUPTED", exit: 130 });
  expect(verifySegment(readFileSync(record))).toMatchObject({ state: "complete" });
}

describe.each(GENERATIONS)("a client of %s", (_title, connect) => {
  const place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha" });
  /** Runs that were recorded before this test. */
  let before = 0;
  let session: Session;
  beforeAll(async () => {
    session = await connect(place);
  });
  beforeEach(() => {
    before = place.records().length;
  });
  afterAll(() => place.remove());

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
    expect((await session.tools()).length).toBeGreaterThan(3);
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
    await gone([session.pid]);
    await expectInterrupted(record);
  });
});

describe.concurrent("the server ends", () => {
  test(
    "with exit code 0 and no word but its banner when its input is closed",
    ending(async (scene) => {
      const wire = await scene.wireReady();
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
      expect(wire.stderr.split("\n")).toEqual([expect.stringContaining("without a jail"), ""]);
      expect(wire.messages).toHaveLength(1);
    }),
  );

  /** By itself: the server waits only so long for what it has read. */
  test.sequential(
    "with all requests answered that were read before its input was closed",
    ending(async (scene) => {
      const wire = scene.wire();
      const info = { name: "pipe", version: "1" };
      const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: info };
      wire.send({ id: 0, method: "initialize", params });
      wire.send({ method: "notifications/initialized" });
      wire.call(1, "run", { script: 'subprocess.exec(["sleep", "0.3"]); return fs.read("data/a.txt")' });
      wire.call(2, "explain", { on: "fs.read", path: "data/a.txt" });
      wire.call(3, "check", { script: "1" });
      wire.send({ id: 4, method: "tools/list" });
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
      expect(wire.messages.map(({ id }) => id).sort()).toEqual([0, 1, 2, 3, 4]);
      const run = wire.messages.find(({ id }) => id === 1)?.result;
      expect(run).toMatchObject({ structuredContent: { ok: true, value: "alpha" } });
      expect(endOf(scene.place.records()[0] ?? "")).toMatchObject({ kind: "run.end", code: null });
    }),
  );

  test(
    "without waiting for a call that was cancelled",
    ending(async (scene) => {
      const wire = await scene.wireReady();
      wire.call(1, "run", { script: "for (;;) {}" });
      const record = await scene.record();
      wire.send({ method: "notifications/cancelled", params: { requestId: 1 } });
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
      await expectInterrupted(record);
      expect(wire.messages).toHaveLength(1);
    }),
  );

  test(
    "before anything was said",
    ending(async (scene) => {
      const wire = scene.wire();
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
    }),
  );

  test.each(HANGS)("and ends %s some time after its input was closed", (_what, script) =>
    ending(async (scene) => {
      const wire = await scene.wireReady();
      wire.call(1, "run", { script });
      const record = await scene.record();
      const child = script.includes("sleep") ? await childOf(wire.child.pid) : undefined;
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
      await expectInterrupted(record);
      if (child !== undefined) await gone([child]);
      expect(wire.messages).toHaveLength(1);
    })(),
  );

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("with exit code 130 on %s, its runs before it", (signal) =>
    ending(async (scene) => {
      const wire = await scene.wireReady();
      wire.call(1, "run", { script: 'subprocess.exec(["sleep", "600"])' });
      const record = await scene.record();
      const child = await childOf(wire.child.pid);
      wire.child.kill(signal);
      expect(await wire.exited).toBe(130);
      await expectInterrupted(record);
      await gone([child]);
    })(),
  );

  test(
    "when nobody reads its output any more",
    ending(async (scene) => {
      const wire = await scene.wireReady();
      wire.call(1, "run", { script: "for (;;) {}" });
      const record = await scene.record();
      wire.child.stdout?.destroy();
      wire.send({ id: 2, method: "ping" });
      expect(await wire.exited).toBe(0);
      await expectInterrupted(record);
    }),
  );

  test(
    "with all its runs and commands when its client is killed",
    ending(async (scene) => {
      const client = spawn(process.execPath, ["--input-type=module", "-e", CLIENT, COMMAND, ...SERVE], {
        cwd: scene.place.directory,
        env: { PATH: process.env.PATH ?? "", HOME: scene.place.home, XDG_STATE_HOME: scene.place.state },
        stdio: ["ignore", "pipe", "inherit"],
      });
      scene.open.push(client);
      const server = await new Promise<number>((resolve) => {
        client.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number(text)));
      });
      const records = [await scene.record(), await scene.record(1), await scene.record(2)];
      const child = await childOf(server);
      client.kill("SIGKILL");
      await gone([server]);
      await gone([child]);
      for (const record of records) await expectInterrupted(record);
    }),
  );

  test(
    "and with it all that waits for its turn",
    ending(async (scene) => {
      const wire = await scene.wireReady();
      for (let id = 0; id < 60; id++) wire.call(id, "run", { script: 'subprocess.exec(["sleep", "600"])' });
      for (let at = 0; at < BEGUN; at++) await scene.record(at);
      wire.child.stdin?.end();
      expect(await wire.exited).toBe(0);
      for (const record of scene.place.records()) await expectInterrupted(record);
      expect(scene.place.records().length).toBeLessThanOrEqual(60);
      await gone(processesBelow(wire.child.pid ?? -1));
    }),
  );
});

/** Of the sixty: those that have begun when their client goes; the others are beginning or wait. */
const BEGUN = 4;

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
    const child = processesBelow(parent ?? -1).find((pid) => procFile(pid, "comm") === "sleep\n");
    if (child !== undefined) return child;
    await sleep(20);
  }
}
