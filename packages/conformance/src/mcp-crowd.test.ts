/** Many calls at once, and calls that are silent for long: none is in another's way, and none looks dead. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS, recordOf, Wire } from "./mcp-client.fixture.ts";
import { HttpServer } from "./mcp-http.fixture.ts";
import { procFile } from "./process-tree.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const POLICY = `version = 1
[filesystem]
read_allow = ["data/**"]
[subprocess]
allow_commands = ["sleep"]
sandbox = "none"
[runtime]
max_seconds = 600
`;
const LONG = 'subprocess.exec(["sleep", "600"])';

describe("over standard input", () => {
  let place: Workplace;
  let wire: Wire;
  beforeEach(async () => {
    place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha" });
    wire = new Wire(place);
    await wire.initialize();
  });
  afterEach(async () => {
    wire.child.kill("SIGKILL");
    await wire.exited;
    place.remove();
  });

  test("a thousand calls of all kinds in one write are all answered, each once", async () => {
    const names = ["explain", "check", "policy", "fs_read", "run"] as const;
    const given = {
      explain: { call: "fs.read data/x" },
      check: { script: "1" },
      policy: {},
      fs_read: { path: "data/a.txt" },
      run: { script: "return 1" },
    };
    const lines = Array.from({ length: 1000 }, (_, id) => {
      const name = names[id % names.length] ?? "run";
      return JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: given[name] } });
    });
    wire.write(`${lines.join("\n")}\n`);
    for (let id = 0; id < 1000; id++) expect((await wire.answer(id)).result).toMatchObject({ isError: false });
    expect(wire.messages).toHaveLength(1001);
    expect(place.records()).toHaveLength(400);
  });

  test("a hundred trivial runs, and one behind runs that only wait, are answered while those wait", async () => {
    const waiting = 20;
    for (let id = 0; id < waiting; id++) wire.call(id, "run", { script: LONG });
    for (let id = 100; id < 200; id++) wire.call(id, "run", { script: "return input", input: id });
    for (let id = 100; id < 200; id++)
      expect((await wire.answer(id)).result).toMatchObject({ structuredContent: { value: id } });
    expect(wire.messages.some(({ id }) => typeof id === "number" && id < waiting)).toBe(false);
    wire.send({ id: "ping", method: "ping" });
    expect((await wire.answer("ping")).result).toEqual({});
  });

  test("ids of every kind come back as they were", async () => {
    for (const id of [0, -1, 2 ** 53 - 1, "", " ", "0", "\u2028", "__proto__", "x".repeat(1000)]) {
      wire.send({ id, method: "ping" });
      expect((await wire.answer(id)).result).toEqual({});
    }
    const before = wire.messages.length;
    for (const id of [null, true, [], {}, 1.5]) wire.send({ id, method: "ping" });
    wire.send({ id: "last", method: "ping" });
    await wire.answer("last");
    const answered = wire.messages.slice(before).map(({ id }) => id);
    expect(answered.filter((id) => id !== "last" && id !== 1.5)).toEqual([]);
  });

  test("large messages that wait together are bounded in memory: what is too much is refused, and the rest goes on", async () => {
    const input = "x".repeat(16 * 1024 * 1024);
    for (let id = 0; id < 24; id++) wire.call(id, "run", { script: LONG, input });
    const refused = await wire.until(() => {
      const errors = wire.messages.filter(({ error }) => error !== undefined);
      return errors.length > 0 ? errors : undefined;
    });
    expect(refused[0]?.error?.message).toContain("too many calls are under way");
    wire.call("after", "explain", { call: "fs.read data/x" });
    expect((await wire.answer("after")).result).toMatchObject({ isError: false });
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(procFile(wire.child.pid ?? -1, "status"))?.[1]);
    expect(kilobytes).toBeLessThan(4_000_000);
  });

  test("twenty clients' worth of wrong calls harm nobody", async () => {
    const wrong = [5, "x", [], null, { script: {} }, { script: 1e300 }, { script: "return 1", input: { a: [[[]]] } }];
    const tools = [
      "run",
      "check",
      "explain",
      "policy",
      "fs_read",
      "fs_write",
      "fs_list",
      "http_request",
      "exec",
      "env_read",
      "tool_routing",
    ];
    let id = 0;
    for (const tool of tools) for (const given of wrong) wire.call(id++, tool, given);
    for (let n = 0; n < id; n++) {
      const { result, error } = await wire.answer(n);
      expect(result !== undefined || error !== undefined).toBe(true);
    }
    wire.call("sound", "run", { script: "return 7" });
    expect((await wire.answer("sound")).result).toMatchObject({ structuredContent: { value: 7 } });
  });
});

describe("a call that is silent for long shows signs of life", () => {
  let place: Workplace;
  let server: HttpServer;
  beforeAll(async () => {
    place = new Workplace({ "agent-run.toml": POLICY });
    server = await HttpServer.start(place);
  });
  afterAll(async () => {
    await server.stop();
    place.remove();
  });

  const headers = () => ({
    authorization: `Bearer ${server.token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  });
  const post = (message: object, more: Record<string, string>, signal?: AbortSignal) =>
    fetch(server.url, {
      method: "POST",
      headers: { ...headers(), ...more },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
      ...(signal === undefined ? {} : { signal }),
    });

  /** The first bytes of the answer's body, before there is an answer. */
  async function firstSign(message: object, more: Record<string, string>): Promise<string> {
    const hangUp = new AbortController();
    const response = await post(message, more, hangUp.signal);
    const reader = response.body?.getReader();
    const first = await reader?.read();
    hangUp.abort();
    return new TextDecoder().decode(first?.value);
  }
  const params = { name: "run", arguments: { script: LONG } };

  test("over HTTP in revision 2026-07-28, without a progress token", async () => {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "w", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const more = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "run" };
    const sign = await firstSign({ id: 1, method: "tools/call", params: { ...params, _meta } }, more);
    expect(sign).toMatch(/^: ?\S/);
  });

  test("over HTTP in the older revisions, without a progress token", async () => {
    const clientInfo = { name: "w", version: "1" };
    const first = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
    const opened = await post({ id: 1, method: "initialize", params: first }, {});
    const session = { "mcp-session-id": String(opened.headers.get("mcp-session-id")) };
    expect(await firstSign({ id: 2, method: "tools/call", params }, session)).toMatch(/^: ?\S/);
  });
});

describe.each(GENERATIONS)("a client of %s that asked for progress", (_title, connect) => {
  test("hears that a run goes on", async () => {
    const place = new Workplace({ "agent-run.toml": POLICY });
    const session = await connect(place);
    const stop = new AbortController();
    const heard: string[] = [];
    const onProgress = ({ message = "" }) => {
      heard.push(message);
    };
    const call = session.call("run", { script: LONG }, { signal: stop.signal, onProgress });
    await recordOf(place);
    while (heard.length < 2) await sleep(50);
    expect(heard.at(-1)).toMatch(/^the script is running \(\d+ s\)$/);
    stop.abort();
    await expect(call).rejects.toThrow();
    await session.close();
    place.remove();
  });
});
