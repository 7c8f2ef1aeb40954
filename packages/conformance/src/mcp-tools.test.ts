/** The tools beside `run`, and the resources, as clients of both generations see them: one policy, one wall, one form of answer. */

import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS, type Session } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const policyFor = (port: number) => `version = 1
name = "widgets"
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
local_only_read = ["private/**"]
[environment]
allow_vars = ["COLOUR"]
[network]
http_get_allow = ["http://localhost:${port}"]
http_post_allow = ["http://localhost:${port}"]
[subprocess]
allow_commands = ["cat"]
sandbox = "none"
accept_unsandboxed_commands = true
[budget]
calls = 1000
[tools.search]
capabilities = ["net.http_get"]
backend_url = "http://localhost:${port}/search?q={q}"
description = "finds widgets"
[tools.erase]
capabilities = ["fs.read", "fs.delete"]
`;

let server: Server;
let port = 0;
let seen: { method: string; body: string; headers: IncomingHttpHeaders }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      seen.push({ method: request.method ?? "", body, headers: request.headers });
      response.setHeader("x-widget", "7").writeHead(201).end(`got ${request.method}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

describe.each(GENERATIONS)("for a client of %s", (_title, connect) => {
  let place: Workplace;
  let session: Session;
  beforeAll(async () => {
    seen = [];
    const files = { "data/a.txt": 'alpha\n\u0000\u202e"`${x}', "private/key": "canary-1234567890", "data/in/b": "b" };
    place = new Workplace({ "agent-run.toml": policyFor(port), ...files });
    session = await connect(place);
  });
  afterAll(async () => {
    await session.close();
    place.remove();
  });
  const call = (name: string, given: Record<string, unknown>) => session.call(name, given);

  test("a file is read, whole and in part, and its text is the answer", async () => {
    const whole = await call("fs_read", { path: "data/a.txt" });
    expect(whole).toMatchObject({
      isError: false,
      data: { ok: true, value: 'alpha\n\u0000\u202e"`${x}', error: null },
    });
    expect(whole.text).toBe(whole.data.value);
    expect(whole.data.calls).toMatchObject([{ capability: "fs.read", target: "data/a.txt", decision: "allow" }]);
    const part = await call("fs_read", { path: "data/a.txt", offset: 1, length: 3, encoding: "base64" });
    expect(part.data.value).toBe(Buffer.from("lph").toString("base64"));
  });

  test("a file is written, added to and listed", async () => {
    const script = "`${1}\\u0000 '; return 1; //";
    expect(await call("fs_write", { path: "out/x/a.md", data: script, createParents: true })).toMatchObject({
      isError: false,
      data: { value: { bytes: Buffer.byteLength(script) } },
    });
    await call("fs_write", { path: "out/x/a.md", data: "!", append: true });
    await call("fs_write", { path: "out/x/b", data: "AAH/", base64: true });
    expect(place.read("out/x/a.md")).toBe(`${script}!`);
    const { data } = await call("fs_list", { path: "data", recursive: true });
    expect((data.value as { path: string }[]).map(({ path }) => path)).toEqual(["data/a.txt", "data/in", "data/in/b"]);
  });

  test("a request is sent as it was given, and its answer comes back", async () => {
    const url = `http://localhost:${port}/x`;
    const given = { url, method: "POST", headers: { "x-a": "1" }, body: '{"q":1}' };
    const { data, isError } = await call("http_request", given);
    expect(isError).toBe(false);
    expect(data.value).toMatchObject({ status: 201, ok: true, url, headers: { "x-widget": "7" }, body: "got POST" });
    expect(seen.at(-1)).toMatchObject({ method: "POST", body: '{"q":1}', headers: { "x-a": "1" } });
    expect((await call("http_request", { url })).data.value).toMatchObject({ body: "got GET" });
    expect(await call("http_request", { url, method: "DELETE" })).toMatchObject({
      isError: true,
      data: { error: { code: "E_CAPABILITY", capability: "net.http_delete" } },
    });
    expect(seen.filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  test("a command runs without a shell, and its failure is a result", async () => {
    const echoed = await call("exec", { argv: ["cat", "-"], stdin: "$(id)" });
    expect(echoed.data.value).toMatchObject({ exitCode: 0, stdout: "$(id)" });
    const failed = await call("exec", { argv: ["cat", "data/none"] });
    expect(failed).toMatchObject({ isError: false, data: { ok: true } });
    expect((failed.data.value as { exitCode: number }).exitCode).toBeGreaterThan(0);
  });

  test("a variable is read, and one that is not set is null", async () => {
    expect((await call("env_read", { name: "COLOUR" })).data.value).toBe("green");
    expect(await call("env_read", { name: "PATH" })).toMatchObject({ isError: true });
  });

  const denied: readonly [string, Record<string, unknown>, object][] = [
    [
      "fs_read",
      { path: "other" },
      { code: "E_POLICY_DENIED", target: "other", hint: expect.stringContaining("data/**") },
    ],
    ["fs_read", { path: "data/none" }, { code: "E_NOT_FOUND" }],
    ["fs_write", { path: "data/a.txt", data: "" }, { code: "E_POLICY_DENIED" }],
    ["fs_list", { path: "/" }, { code: "E_POLICY_DENIED" }],
    ["http_request", { url: "https://example.com/" }, { code: "E_POLICY_DENIED", capability: "net.http_get" }],
    ["exec", { argv: ["rm", "-r", "data"] }, { code: "E_POLICY_DENIED" }],
    ["env_read", { name: "HOME" }, { code: "E_POLICY_DENIED" }],
  ];
  test.each(denied)("%s of what is not granted has the code and hint of a run: %j", async (tool, given, wanted) => {
    const { data, text, isError } = await call(tool, given);
    expect(isError).toBe(true);
    expect(data).toMatchObject({ ok: false, value: null, error: wanted });
    // Nothing of our own script.
    for (const own of ["frame", "line", "column"]) expect(data.error).not.toHaveProperty(own);
    expect(text).toMatch(/^E_/);
    expect(text).not.toContain("input");
  });

  const wrong: readonly [string, Record<string, unknown>, RegExp][] = [
    ["fs_read", {}, /`path` is missing/],
    ["fs_read", { path: 5 }, /`path` must be a string/],
    ["fs_read", { path: "a", length: -1 }, /length/],
    ["fs_read", { path: "a", encoding: "latin1" }, /`encoding` must be one of utf8, base64/],
    ["fs_read", { path: "a", root: "/" }, /`fs_read` has no argument "root"/],
    ["fs_write", { path: "out/a" }, /`data` is missing/],
    ["fs_write", { path: "out/a", data: "x", append: "yes" }, /`append` must be true or false/],
    ["http_request", { url: "u", headers: ["a"] }, /`headers` must be an object of strings/],
    ["http_request", { url: "u", headers: { a: 1 } }, /`headers` must be an object of strings/],
    ["http_request", { url: "u", method: "TRACE" }, /`method` must be one of GET/],
    ["http_request", { url: "no url" }, /url|URL/],
    ["exec", { argv: "cat data" }, /`argv` must be an array of strings/],
    ["exec", { argv: [] }, /argv/],
    ["env_read", { name: null }, /`name` must be a string/],
    ["policy", { name: "x" }, /`policy` has no argument "name"; it takes none/],
    ["tool_routing", { name: "fly" }, /routes no tool "fly"; it has: erase, search/],
    ["tool_routing", { name: 5 }, /`name` must be a string/],
    ["run", { script: "1", task_id: "a b" }, /task id/],
    ["fs_read", { path: "data/a.txt", task_id: "\u202e" }, /task id/],
    ["fs_read", { path: "data/a.txt", task_id: 5 }, /`task_id` must be a string/],
  ];
  test.each(wrong)("%s with wrong arguments is a tool error: %j", async (tool, given, message) => {
    const { text, isError } = await call(tool, given);
    expect(isError).toBe(true);
    expect(text).toMatch(/^E_ARGUMENT: /);
    expect(text).toMatch(message);
  });

  test("what is sealed is shown as a display, and no value of it", async () => {
    const { data, text } = await call("fs_read", { path: "private/key" });
    expect(data).toMatchObject({ ok: true, value: "[sealed file:private/key]", sealed: 1 });
    expect(text).toContain("local-only");
    expect(JSON.stringify(data) + text).not.toContain("canary");
  });

  test("the policy is told as it grants, without a name of the operator's", async () => {
    const { data, text } = await call("policy", {});
    expect(data.grants).toContainEqual({ capability: "fs.read", allows: '"data/**"' });
    expect(data).toMatchObject({ asks: [], limits: { max_seconds: 30 }, budget: { calls: 1000 } });
    expect(String(data.sealed)).toContain("private/**");
    const told = JSON.stringify(data) + text;
    for (const own of [place.base, "agent-run.toml", "canary", "widgets"]) expect(told).not.toContain(own);
  });

  test("a tool is routed by the policy's hints, and allowed where all of its capabilities are granted", async () => {
    const { data, text } = await call("tool_routing", {});
    expect(data).toEqual({
      tools: [
        {
          name: "erase",
          allowed: false,
          capabilities: ["fs.read", "fs.delete"],
          ...{ backend_url: null, backend_method: null, description: null },
        },
        {
          name: "search",
          allowed: true,
          capabilities: ["net.http_get"],
          backend_url: `http://localhost:${port}/search?q={q}`,
          backend_method: "GET",
          description: "finds widgets",
        },
      ],
      error: null,
    });
    expect(text).toContain("search (allowed; net.http_get, GET http");
    expect((await call("tool_routing", { name: "erase" })).data.tools).toHaveLength(1);
  });

  test("a task id groups runs in the answer and on the record", async () => {
    const before = place.records().length;
    expect((await call("run", { script: "return 1", task_id: "fix-1" })).data.task_id).toBe("fix-1");
    expect((await call("fs_read", { path: "data/in/b", task_id: "fix-1" })).data.task_id).toBe("fix-1");
    const records = place.records().slice(before);
    expect(records).toHaveLength(2);
    for (const record of records) expect(readFileSync(record, "utf8")).toContain('"task":"fix-1"');
  });

  test("the policy can be read as a resource, without the operator's places", async () => {
    expect((await session.resources())[0]).toMatchObject({ uri: "agent-run://policy", name: "policy" });
    const { text, mimeType } = await session.read("agent-run://policy");
    expect(mimeType).toBe("text/plain");
    for (const part of [
      "policy widgets",
      "fs.read  data/**",
      "filesystem.read_allow[0], agent-run.toml:4",
      "max_calls",
    ])
      expect(text).toContain(part);
    for (const own of [place.base, "canary"]) expect(text).not.toContain(own);
  });

  test("a run can be read as a resource; of one that may have sealed something, the record is not told", async () => {
    const { data } = await call("run", { script: 'print("hi"); return fs.read("data/in/b")', task_id: "t" });
    const uri = `agent-run://run/${data.run}`;
    expect((await session.resources())[1]).toMatchObject({ uri, name: data.run });
    const { text, mimeType } = await session.read(uri);
    expect(mimeType).toBe("application/json");
    expect(JSON.parse(text)).toEqual({ report: data, record: null });
    expect(text).not.toContain(place.base);
  });

  test.each([
    "agent-run://run/none",
    "agent-run://run/",
    "agent-run://run/../policy",
    "file:///etc/passwd",
    "x",
    "agent-run://policy/",
  ])("there is no other resource: %s", async (uri) => {
    await expect(session.read(uri)).rejects.toThrow(/not found/i);
  });
});

describe("where nothing is local-only", () => {
  test("a run's resource has what its record says: decisions, outcomes and hashes, and no place of the operator's", async () => {
    const place = new Workplace({
      "agent-run.toml": 'version = 1\n[filesystem]\nread_allow = ["data/**"]\n',
      "data/a": "alpha",
    });
    const session = await (GENERATIONS[0]?.[1] ?? never)(place);
    const { data } = await session.call("run", {
      script: 'try { fs.read("other") } catch {}; return fs.read("data/a")',
    });
    const { text } = await session.read(`agent-run://run/${data.run}`);
    const { report, record } = JSON.parse(text);
    expect(report).toEqual(data);
    expect(record.state).toBe("complete");
    expect(record.records).toMatchObject([
      { kind: "run.start", script_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { kind: "verify", ok: true },
      { kind: "intent", op: "fs.read", decision: "deny", code: "E_POLICY_DENIED", rule: "default" },
      { kind: "intent", op: "fs.read", decision: "allow", rule: "filesystem.read_allow[0]" },
      { kind: "outcome", ok: true, bytes: 5 },
      { kind: "run.end", exit: 0 },
    ]);
    expect(text).not.toContain(place.base);
    await session.close();
    place.remove();
  });

  test("tools that the policy never allows are not listed, and a call of one says what the policy would need", async () => {
    const place = new Workplace({ "agent-run.toml": "version = 1\n" });
    const session = await (GENERATIONS[1]?.[1] ?? never)(place);
    expect((await session.tools()).map(({ name }) => name)).toEqual(["run", "check", "explain", "policy"]);
    for (const { annotations } of await session.tools())
      expect(annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
    const { data, isError } = await session.call("fs_write", { path: "a", data: "b" });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: "E_CAPABILITY", hint: expect.stringContaining("write_allow") });
    expect((await session.call("tool_routing", {})).data).toEqual({ tools: [], error: null });
    await session.close();
    place.remove();
  });
});

const never = (): never => {
  throw new Error("there is no such connection");
};
