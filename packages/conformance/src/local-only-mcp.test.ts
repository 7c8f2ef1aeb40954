/** Local-only values over MCP: a client sees displays, structured results and codes, and never a value in any frame. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { KEYS, LocalOnlyWorld, leakIn } from "./local-only.fixture.ts";
import { GENERATIONS, type Session, Wire } from "./mcp-client.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: LocalOnlyWorld;
let isSlow = false;
let wakeUp: () => void = () => undefined;
beforeAll(async () => {
  world = await LocalOnlyWorld.start(
    ({ api, local }) => `version = 1
[filesystem]
local_only_read = ["private/**"]
local_only_write = ["private/**"]
[network]
local_only_hosts = ["${local}"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[local_only]
settle = ["500ms", "3s", "20s"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "${api}"
methods = ["GET"]
paths = ["/v1/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[secret]]
name = "ledger"
env = "LEDGER_KEY"
data = true
[[secret.use]]
host = "${api}"
methods = ["GET"]
paths = ["/ledger/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[release]]
name = "state"
from = "GET ${local}/state"
select = "$.state"
type = { enum = ["green", "yellow"] }
`,
    {
      local: () =>
        isSlow
          ? new Promise((resolve) => {
              wakeUp = () => resolve({});
            })
          : { body: { state: "green", note: KEYS.note } },
    },
  );
});
afterAll(() => world.close());

describe.each(GENERATIONS)("a client of %s", (_, connect) => {
  let session: Session;
  beforeAll(async () => {
    session = await connect(world.place, world.env);
  });
  afterAll(() => session.close());
  afterEach(() => void world.heard("local"));

  const run = async (script: string) => {
    const answer = await session.call("run", { script: world.fill(script) });
    expect(leakIn(JSON.stringify(answer))).toBe(null);
    return answer;
  };

  test("sees displays in what is printed and returned", async () => {
    const { data, text, isError } = await run(
      'const url = env.read("INTERNAL_URL"); print(url, fs.read("private/note.md")); return { url, n: 1 }',
    );
    expect(isError).toBe(false);
    expect(data).toMatchObject({
      ok: true,
      stdout: "[sealed env:INTERNAL_URL] [sealed file:private/note.md]\n",
      value: { url: "[sealed env:INTERNAL_URL]", n: 1 },
      error: null,
    });
    expect(text).toContain("[sealed env:INTERNAL_URL]");
  });

  test("sees the public answer to a request with a credential, and a release", async () => {
    const { data } = await run(`
      const r = net.httpGet("$API/v1/a", { headers: { authorization: \`Bearer \${env.read("STRIPE_KEY")}\` } });
      return [r.status, r.json().ok, release("state", net.httpGet("$LOCAL/state"))];`);
    expect(data).toMatchObject({ value: [200, true, "green"], error: null });
  });

  test("sees at which tick a run ended, and no sizes", async () => {
    const { data } = await run('fs.write("private/mcp.txt", fs.read("private/note.md"))');
    expect([500, 3000, 20_000]).toContain(data.durationMs);
    expect(world.place.read("private/mcp.txt")).toBe(KEYS.note);
    expect(data.calls).toEqual([
      expect.objectContaining({ capability: "fs.read", decision: "allow", code: null }),
      expect.objectContaining({ capability: "fs.write", decision: "allow", code: null }),
    ]);
  });

  test.each([
    ['if (env.read("INTERNAL_URL")) print(1)', "E_SEALED_BRANCH", "seal.run([value]"],
    ['env.read("INTERNAL_URL").slice(1)', "E_SEALED_METHOD", ".map(v => v.slice(…))"],
    ['const n = 1; env.read("INTERNAL_URL").map((v) => v + n)', "E_CAPTURE", "(v, n) => …, n"],
    ['env.read("INTERNAL_URL").map(String)', "E_FN", "pass a plain function"],
    ['env.read("STRIPE_KEY").map((v) => v)', "E_USE_ONLY", "as the header"],
    ['net.httpGet(`$API/v1/a?k=${env.read("STRIPE_KEY")}`)', "E_SLOT", "in the query string"],
    ['net.httpPost("$LOCAL/", `${env.read("INTERNAL_URL")}`.slice(0, 30))', "E_TOKEN_BROKEN", "sliced"],
    ['fs.write("private/" + env.read("INTERNAL_URL"), "x")', "E_SINK", "file name"],
    ['release("no", net.httpGet("$LOCAL/state"))', "E_RELEASE", "there are: `state`"],
    [
      'const auth = env.read("ledger").map((v) => v); net.httpGet("$API/ledger/a", { headers: { authorization: `Bearer ${auth}` } })',
      "E_NOT_ORIGINAL",
      "must hold the secret itself",
    ],
    ["seal.settle('100ms'); seal.settle('100ms')", "E_WAITS", "max_waits"],
  ])("is told why %s cannot be", async (script, code, says) => {
    const { data, text, isError } = await run(script);
    expect(isError).toBe(true);
    expect(data).toMatchObject({ ok: false, exitCode: 2, error: { code, line: 1 } });
    expect(text).toContain(code);
    expect(text).toContain(says);
  });
});

test("a call that is cancelled while it waits for a tick gets no answer, and the server goes on", async () => {
  const wire = new Wire(world.place, undefined, world.env);
  try {
    await wire.initialize();
    isSlow = true;
    wire.call(1, "run", { script: world.fill('net.httpPost("$LOCAL/", fs.read("private/note.md"))') });
    while (world.servers.local.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    wire.send({ method: "notifications/cancelled", params: { requestId: 1, reason: "tired" } });
    isSlow = false;
    wire.call(2, "run", { script: "return 2" });
    expect(await wire.answer(2)).toMatchObject({ result: { structuredContent: { value: 2 } } });
    expect(wire.messages.filter(({ id }) => id === 1)).toEqual([]);
    expect(leakIn(JSON.stringify(wire.messages) + wire.stderr)).toBe(null);
  } finally {
    wakeUp();
    wire.child.stdin?.end();
    await wire.exited;
  }
});
