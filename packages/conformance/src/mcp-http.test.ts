/** The server over HTTP: who gets in, what a hostile client can do, how it ends. Whatever is refused began no run. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { endOf, recordOf, SERVE } from "./mcp-client.fixture.ts";
import { HttpServer, modernSession, olderSession, type Reply, type Sending } from "./mcp-http.fixture.ts";
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

const CLIENTS = [
  ["revision 2026-07-28", modernSession],
  ["the older revisions", olderSession],
] as const;

let place: Workplace;
let server: HttpServer;
let runs = 0;
beforeAll(async () => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha" });
  server = await HttpServer.start(place);
});
beforeEach(() => {
  runs = place.records().length;
});
afterAll(async () => {
  await server.stop();
  place.remove();
});

const message = (method: string, params?: object, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
const INITIALIZE = message("initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "wire", version: "1" },
});
/** A request of the newer revision as it is on the wire. */
const modern = (method: string, params: object, more: Sending["headers"] = {}): [string, Sending] => [
  message(method, {
    ...params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "wire", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  }),
  {
    headers: {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...("name" in params ? { "mcp-name": String(params.name) } : {}),
      ...more,
    },
  },
];
const runOf = (script: string) => modern("tools/call", { name: "run", arguments: { script } });
const answered = ({ text }: Reply) => JSON.parse(/^data: ([^\n]+)\n/m.exec(text)?.[1] ?? text);

async function newSession(): Promise<string> {
  const { status, headers } = await server.send(INITIALIZE);
  expect(status).toBe(200);
  return String(headers["mcp-session-id"]);
}

async function expectSound(): Promise<void> {
  const reply = await server.send(...runOf("return 7"));
  expect(answered(reply).result.structuredContent).toMatchObject({ value: 7 });
}

describe("the token", () => {
  test("has 256 bits, is in a file of its owner's alone, and is in no argument and no variable", () => {
    expect(server.token).toMatch(/^[0-9a-f]{64}$/);
    expect(server.tokenFile.startsWith(`${place.state}/agent-run/`)).toBe(true);
    expect(statSync(server.tokenFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(`${place.state}/agent-run/mcp`)).toHaveLength(1);
    const pid = server.child.pid ?? -1;
    for (const name of ["cmdline", "environ"]) expect(procFile(pid, name)).not.toContain(server.token);
    expect(server.stderr).not.toContain(server.token);
    expect(server.stderr).toContain(server.tokenFile);
  });

  test("can be read by no script, whatever the policy grants", async () => {
    const other = new Workplace({ "agent-run.toml": 'version = 1\n[filesystem]\nread_allow = ["/**"]\n' });
    const generous = await HttpServer.start(other);
    const session = await modernSession(generous);
    const { data, text } = await session.call("run", {
      script: `return fs.read(${JSON.stringify(generous.tokenFile)})`,
    });
    expect(data.error).toMatchObject({ code: "E_POLICY_DENIED" });
    expect(text).not.toContain(generous.token);
    await session.close();
    await generous.stop();
    other.remove();
  });

  test("is another one with every start, and is gone when the server has ended", async () => {
    const other = await HttpServer.start(place);
    expect(other.token).not.toBe(server.token);
    other.child.kill("SIGTERM");
    expect(await other.exited).toBe(130);
    expect(existsSync(other.tokenFile)).toBe(false);
    expect(existsSync(server.tokenFile)).toBe(true);
  });
});

describe("a request is refused before anything of it is read", () => {
  const own = () => `127.0.0.1:${server.port}`;
  const refused: readonly [string, number, () => Sending][] = [
    ["without a token", 401, () => ({ headers: { authorization: null } })],
    ["with a wrong token", 401, () => ({ headers: { authorization: `Bearer ${"0".repeat(64)}` } })],
    [
      "with the beginning of the token",
      401,
      () => ({ headers: { authorization: `Bearer ${server.token.slice(0, 63)}` } }),
    ],
    ["with more than the token", 401, () => ({ headers: { authorization: `Bearer ${server.token}0` } })],
    ["with the token in another scheme", 401, () => ({ headers: { authorization: `Basic ${server.token}` } })],
    ["with the bare token", 401, () => ({ headers: { authorization: server.token } })],
    [
      "with the token in the URL",
      401,
      () => ({ path: `/mcp?token=${server.token}`, headers: { authorization: null } }),
    ],
    ["for another host", 403, () => ({ headers: { host: "evil.example" } })],
    ["for a host that begins like ours", 403, () => ({ headers: { host: `${own()}.evil.example` } })],
    ["for our host at another port", 403, () => ({ headers: { host: "127.0.0.1:1" } })],
    ["for our host without a port", 403, () => ({ headers: { host: "127.0.0.1" } })],
    ["from a page of another origin", 403, () => ({ headers: { origin: "https://evil.example" } })],
    ["from a page of this machine at another port", 403, () => ({ headers: { origin: "http://localhost:3000" } })],
    ["from a page without an origin of its own", 403, () => ({ headers: { origin: "null" } })],
    ["for another path", 404, () => ({ path: "/" })],
    ["with a query", 404, () => ({ path: "/mcp?a=1" })],
    ["for metadata of an authorization server", 404, () => ({ path: "/.well-known/oauth-protected-resource" })],
    ["by another method", 405, () => ({ method: "PUT" })],
    ["by a browser that asks first", 401, () => ({ method: "OPTIONS", headers: { authorization: null } })],
  ];
  test.each(refused)("%s: %i", async (_title, status, sending) => {
    const [body, { headers }] = runOf("return 1");
    const { headers: more = {}, ...rest } = sending();
    const reply = await server.send(body, { ...rest, headers: { ...headers, ...more } });
    expect(reply.status).toBe(status);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(reply.text).not.toContain(server.token);
    expect(place.records()).toHaveLength(runs);
  });

  test("but is taken under both names of this machine, and from our own origin", async () => {
    for (const host of ["127.0.0.1", "localhost", "LOCALHOST"]) {
      const [body, { headers }] = runOf("return 1");
      const names = { host: `${host}:${server.port}`, origin: `http://${host}:${server.port}` };
      expect((await server.send(body, { headers: { ...headers, ...names } })).status).toBe(200);
    }
  });

  test("if a field that decides is there twice", async () => {
    const raw = await rawReply(
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nHost: evil.example\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
  });
});

/** What the server says to bytes of any kind, up to the end of the connection. */
function rawReply(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connectSocket(server.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("error", () => undefined);
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("close", () => resolve(text));
  });
}

describe("what no client would send", () => {
  const bodies: readonly [string, string | Buffer, number][] = [
    ["nothing", "", 400],
    ["half a message", '{"jsonrpc":"2.0","id":1,', 400],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400],
    ["JSON that is no message", "5", 400],
    ["a message without a version", '{"id":1,"method":"ping"}', 400],
    ["an empty batch", "[]", 400],
    ["deep brackets", `${"[".repeat(200_000)}${"]".repeat(200_000)}`, 400],
    ["a batch of calls without a session", `[${message("tools/list")}]`, 400],
    ["a call without a session", message("tools/list"), 400],
    ["a message of more than the bound", `"${"x".repeat(33 * 1024 * 1024)}"`, 413],
  ];
  test.each(bodies)("%s", async (_title, body, status) => {
    // A server that ends the connection in the middle of a large body may be seen as just that.
    const reply = await server.send(body).catch(() => null);
    if (reply !== null) expect(reply.status).toBe(status);
    else expect(status).toBe(413);
    expect(place.records()).toHaveLength(runs);
    await expectSound();
  });

  test("a body without a length that is larger than the bound is not read to its end", async () => {
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `${(1 << 20).toString(16)}\r\n${"x".repeat(1 << 20)}\r\n`;
    expect(await rawReply(head + chunk.repeat(40))).toMatch(/^(HTTP\/1\.1 413 |$)/);
    await expectSound();
  });

  test.each(["gzip", "br"])("a body in the coding %s", async (coding) => {
    expect((await server.send(INITIALIZE, { headers: { "content-encoding": coding } })).status).toBe(415);
  });

  test("another type of content", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const [body, { headers }] = runOf("return 1");
      expect((await server.send(body, { headers: { ...headers, "content-type": type } })).status).toBe(415);
    }
    expect(place.records()).toHaveLength(runs);
  });

  test("no HTTP at all", async () => {
    expect(await rawReply("\0\0\0\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await rawReply(`GET /mcp HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    await expectSound();
  });

  test("ids of every kind come back as they were, or are refused", async () => {
    const session = await newSession();
    const headers = { "mcp-session-id": session };
    for (const id of [0, -1, "", "x", "\u2028", 2 ** 53 - 1])
      expect(answered(await server.send(message("ping", {}, id), { headers }))).toMatchObject({ id, result: {} });
    for (const id of [{}, [], true, null]) {
      const { status } = await server.send(message("ping", {}, id), { headers });
      expect(status).toBe(400);
    }
  });

  test("a notification, whatever it asks for, has no answer and no effect", async () => {
    const headers = { "mcp-session-id": await newSession() };
    const call = { jsonrpc: "2.0", method: "tools/call", params: { name: "run", arguments: { script: "return 1" } } };
    const reply = await server.send(JSON.stringify(call), { headers });
    expect(reply).toMatchObject({ status: 202, text: "" });
    await expectSound();
    expect(place.records()).toHaveLength(runs + 1);
  });
});

describe("sessions of the older revisions", () => {
  test("are needed, and end when their client says so", async () => {
    const session = await newSession();
    const headers = { "mcp-session-id": session };
    expect((await server.send(message("tools/list"), { headers })).status).toBe(200);
    expect((await server.send(null, { method: "DELETE", headers })).status).toBe(200);
    expect((await server.send(message("tools/list"), { headers })).status).toBe(404);
    expect((await server.send(message("tools/list"), { headers: { "mcp-session-id": "guess" } })).status).toBe(404);
  });

  test("are bounded: a new one takes the place of the one that was idle longest", async () => {
    const first = await newSession();
    const sessions: string[] = [];
    for (let n = 0; n < 64; n++) sessions.push(await newSession());
    const isThere = async (id: string) =>
      (await server.send(message("ping"), { headers: { "mcp-session-id": id } })).status === 200;
    expect(await isThere(first)).toBe(false);
    expect(await isThere(sessions[63] ?? "")).toBe(true);
  });

  test("opened hundreds at a time harm nobody", async () => {
    const replies = await Promise.all(Array.from({ length: 300 }, () => server.send(INITIALIZE)));
    for (const { status } of replies) expect([200, 503]).toContain(status);
    await expectSound();
  });
});

describe("several clients at once", () => {
  test("have one runtime, and each its own answers", async () => {
    const sessions = await Promise.all([modernSession(server), olderSession(server), modernSession(server)]);
    const values = await Promise.all(
      sessions.flatMap((session, n) =>
        [1, 2, 3].map(async (m) => (await session.call("run", { script: "return input", input: [n, m] })).data.value),
      ),
    );
    expect(values).toEqual([0, 1, 2].flatMap((n) => [1, 2, 3].map((m) => [n, m])));
    for (const session of sessions) await session.close();
  });

  test("a thousand calls at once are all answered", async () => {
    const replies = await Promise.all(
      Array.from({ length: 1000 }, () =>
        server.send(...modern("tools/call", { name: "explain", arguments: { call: "fs.read data/x" } })),
      ),
    );
    for (const reply of replies) expect(answered(reply).result.structuredContent.decision).toBe("allow");
  });
});

const childOf = async (): Promise<number> => {
  for (;;) {
    const child = processesBelow(server.child.pid ?? -1).find((pid) => procFile(pid, "comm") === "sleep\n");
    if (child !== undefined) return child;
    await sleep(20);
  }
};

describe.each(CLIENTS)("a client of %s", (_title, connect) => {
  test.each([
    ["a script that loops", "for (;;) {}"],
    ["a script that waits for a command", 'subprocess.exec(["sleep", "600"])'],
  ])("that cancels %s ends it, with its children", async (_what, script) => {
    const session = await connect(server);
    const cancel = new AbortController();
    const call = session.call("run", { script }, { signal: cancel.signal });
    const record = await recordOf(place, runs);
    const child = script.includes("sleep") ? await childOf() : null;
    cancel.abort();
    await expect(call).rejects.toThrow();
    while (endOf(record).kind !== "run.end") await sleep(20);
    expect(endOf(record)).toMatchObject({ code: "E_INTERRUPTED" });
    if (child !== null) await gone([child]);
    await session.close();
  });

  test("hears of the progress of a long run, and is answered meanwhile", async () => {
    const session = await connect(server);
    const stop = new AbortController();
    const heard: string[] = [];
    const long = session.call(
      "run",
      { script: "for (;;) {}" },
      {
        signal: stop.signal,
        onProgress: ({ message: says = "" }) => {
          heard.push(says);
        },
      },
    );
    await recordOf(place, runs);
    await session.ping();
    expect((await session.call("run", { script: "return 1" })).data.value).toBe(1);
    while (heard.length < 2) await sleep(50);
    expect(heard[0]).toMatch(/^the script is running \(\d+ s\)$/);
    stop.abort();
    await expect(long).rejects.toThrow();
    await session.close();
  });
});

describe("a client that hangs up in the middle of a call", () => {
  const call = (id: number, session: string | null) => {
    const given = { name: "run", arguments: { script: 'subprocess.exec(["sleep", "600"])' } };
    const [body, { headers = {} }] =
      session === null
        ? modern("tools/call", given)
        : [message("tools/call", given, id), { headers: { "mcp-session-id": session } }];
    const fields = Object.entries({ accept: "application/json, text/event-stream", ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\n${fields.join("")}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  test.each(["revision 2026-07-28", "the older revisions"])(
    "of %s ends its run and the run's children",
    async (title) => {
      const session = title.startsWith("revision") ? null : await newSession();
      const socket = connectSocket(server.port, "127.0.0.1", () => socket.write(call(1, session)));
      socket.on("error", () => undefined);
      const record = await recordOf(place, runs);
      const child = await childOf();
      socket.destroy();
      await gone([child]);
      while (endOf(record).kind !== "run.end") await sleep(20);
      expect(endOf(record)).toMatchObject({ code: "E_INTERRUPTED" });
      await expectSound();
    },
  );
});

test("no script reaches the server, although the policy grants its port and the script knows the token", async () => {
  const port = 20_000 + (process.pid % 20_000);
  const grant = `version = 1\n[network]\nhttp_get_allow = ["http://127.0.0.1:${port}", "http://localhost:${port}"]\nhttp_post_allow = ["http://127.0.0.1:${port}", "http://localhost:${port}"]\n`;
  const other = new Workplace({ "agent-run.toml": grant });
  const reachable = await HttpServer.start(other, {}, ["--http", String(port)]);
  expect(reachable.port).toBe(port);
  const session = await modernSession(reachable);
  for (const host of ["127.0.0.1", "localhost"]) {
    const script = `return net.httpPost("http://${host}:${port}/mcp", ${JSON.stringify(INITIALIZE)}, { headers: { authorization: input } }).status`;
    const { data } = await session.call("run", { script, input: `Bearer ${reachable.token}` });
    expect(data.error).toMatchObject({ code: "E_POLICY_DENIED", rule: { id: "builtin.listener" } });
  }
  const single = await session.call("http_request", { url: `http://127.0.0.1:${port}/mcp` });
  expect(single.data.error).toMatchObject({ rule: { id: "builtin.listener" } });
  await session.close();
  await reachable.stop();
  other.remove();
});

describe("the server", () => {
  test("listens on loopback alone, and writes nothing to standard output", async () => {
    const listening = readFileSync("/proc/net/tcp", "utf8")
      .split("\n")
      .filter((line) => line.includes(`:${server.port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`));
    expect(listening.map((line) => line.trim().split(/\s+/)[1])).toEqual([
      `0100007F:${server.port.toString(16).toUpperCase().padStart(4, "0")}`,
    ]);
    expect(readFileSync("/proc/net/tcp6", "utf8")).not.toContain(
      `:${server.port.toString(16).toUpperCase().padStart(4, "0")} 0`,
    );
    const session = await modernSession(server);
    let printed = "";
    server.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    await session.call("run", { script: 'print("to nobody"); console.error("x"); return 1' });
    await session.close();
    expect(printed).toBe("");
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends on %s with exit code 130, its runs and their children before it",
    async (signal) => {
      const other = new Workplace({ "agent-run.toml": POLICY });
      const ending = await HttpServer.start(other);
      const session = await olderSession(ending);
      const call = session.call("run", { script: 'subprocess.exec(["sleep", "600"])' });
      const record = await recordOf(other);
      let child: number | undefined;
      while (child === undefined) {
        child = processesBelow(ending.child.pid ?? -1).find((pid) => procFile(pid, "comm") === "sleep\n");
        await sleep(20);
      }
      ending.child.kill(signal);
      expect(await ending.exited).toBe(130);
      await gone([child]);
      expect(endOf(record)).toMatchObject({ kind: "run.end", code: "E_INTERRUPTED" });
      expect((await call).data.error).toMatchObject({ code: "E_INTERRUPTED" });
      await session.close().catch(() => undefined);
      other.remove();
    },
  );

  test("says so if its port is taken, with exit code 5, and leaves no token", async () => {
    const before = readdirSync(`${place.state}/agent-run/mcp`);
    const { code, stdout, stderr } = await place.run([...SERVE, "--http", String(server.port)]);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toContain("another program listens there");
    expect(readdirSync(`${place.state}/agent-run/mcp`)).toEqual(before);
    expect(readFileSync(server.tokenFile, "utf8")).toContain(server.token);
  });

  test.each(["-1", "65536", "x", "1e3", ""])("takes no %j for a port", async (port) => {
    const { code, stderr } = await place.run([...SERVE, "--http", port]);
    expect(code).toBe(5);
    expect(stderr).toContain("must be a port");
  });
});
