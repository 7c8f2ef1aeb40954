/**
 * The log of what the vault says in a run that uses everything, as raw lines, for two secrets that differ in length,
 * content and hazards, in a world that depends on the secret in what it can: four messages, exact members, and the same.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isJsonObject, type Json } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicy } from "../open-policy.ts";
import { Runtime } from "../runtime.ts";

const said = vi.hoisted(() => [] as string[]);
vi.mock("./vault-message.ts", async (original) => {
  const real = await original<typeof import("./vault-message.ts")>();
  return {
    messageOf: (line: string) => {
      said.push(line);
      return real.messageOf(line);
    },
  };
});

let directory: string;
/** One is local-only, the other is where the credential goes. */
let servers: readonly Server[];
let origin: string;
let broker: string;
/** What reached the world, so that the run is seen to have done its work. */
let seen: string[];

beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-diode-")));
  vi.stubEnv("XDG_STATE_HOME", join(directory, "state"));
  mkdirSync(join(directory, "notes"));
  seen = [];
  servers = [createServer(answer), createServer(answer)];
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [one, two] = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  origin = one ?? "";
  broker = two ?? "";
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""} ${body}`);
    if (request.url === "/state") response.end('{"state":"green"}');
    else if (request.url === "/public") response.end("an answer for everybody");
    else {
      // Everything about it depends on what it was sent.
      response.statusCode = body.length % 2 === 0 ? 200 : 203;
      response.setHeader("x-size", String(body.length));
      response.end(body.repeat(3));
    }
  });
}

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

const use = (path: string, more: string) =>
  `[[secret.use]]\nhost = "${broker}"\nmethods = ["GET", "POST"]\npaths = ["${path}"]\nslot = "header:authorization"\nformat = "Bearer {}"\n${more}\n`;

const policyText = () => `version = 1
[local_only]
settle = ["2s", "20s"]
max_waits = 3
[filesystem]
local_only_read = ["notes/**"]
local_only_write = ["notes/**"]
[environment]
local_only_vars = ["DATA"]
[network]
local_only_hosts = ["${origin}"]
[[secret]]
name = "key"
env = "KEY"
${use("/public", 'response = "public"')}
${use("/outcome", 'response = "sealed"\noutcome = "ok"')}
${use("/kept", 'response = "sealed"')}
[[release]]
name = "state"
from = "GET http://${origin}/state"
select = "$.state"
type = { enum = ["green", "red"] }
`;

const SCRIPT = (at: string, brokered: string) => `
const data = env.read("DATA"), key = env.read("KEY"), file = fs.read("notes/a.json");
fs.write("notes/b.txt", \`\${data} \${JSON.parse(file).field}\`);
const answer = net.httpPost("http://${at}/sealed", data);
const size = answer.text().map((text) => text.length);
const block = seal.run([data], (v, io) => io.net.httpPost("http://${at}/sealed", v + v).status);
fs.write("notes/c.txt", size);
fs.write("notes/d.txt", block);
const headers = { Authorization: \`Bearer \${key}\` };
seal.settle();
const open = net.httpGet("http://${brokered}/public", { headers });
const outcome = net.httpPost("http://${brokered}/outcome", "x", { headers });
net.httpPost("http://${brokered}/kept", "x", { headers });
const state = release("state", net.httpGet("http://${at}/state"));
print(data, answer, size, block);
return [open.status, open.text(), outcome.ok, state];
`;

async function run(secret: string) {
  said.length = 0;
  seen = [];
  writeFileSync(join(directory, "notes/a.json"), JSON.stringify({ field: secret }));
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, policyText());
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const environment = { DATA: secret, KEY: `key-${secret.replace(/[^\x21-\x7e]/g, "")}` };
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), environment });
  try {
    const {
      run: id,
      record: _record,
      sealedLog: _log,
      ...report
    } = await runtime.run(SCRIPT(origin, broker), { seed: 1 });
    const log = readFileSync(join(directory, "state/agent-run/sealed", `${id}.jsonl`), "utf8");
    return {
      report,
      log,
      messages: said.map((line) => JSON.parse(line.replaceAll(id, "RUN")) as Json),
      requests: seen,
    };
  } finally {
    await runtime.close();
  }
}

const MEMBERS: Readonly<Record<string, string>> = {
  settled: "id kind run",
  released: "id kind rule run value",
  brokered: "answer id kind run",
  outcome: "id kind ok run",
};

test("the vault says the four messages, with exactly their members, and the same for every secret", async () => {
  const one = await run("short1234567890abcdef");
  expect(one.report).toMatchObject({ ok: true, value: [200, "an answer for everybody", true, "green"] });
  // Everything was done: three sealed requests of data, three with the credential.
  expect(one.requests.filter((request) => request.includes("short1234567890abcdef"))).toHaveLength(5);
  expect(readdirSync(join(directory, "notes")).sort()).toEqual(["a.json", "b.txt", "c.txt", "d.txt"]);
  expect(readFileSync(join(directory, "notes/c.txt"), "utf8")).toBe("63");

  const messages = one.messages.map((message) => (isJsonObject(message) ? message : {}));
  for (const message of messages) expect(Object.keys(message).sort().join(" ")).toBe(MEMBERS[String(message.kind)]);
  expect(new Set(messages.map(({ kind }) => kind))).toEqual(new Set(["settled", "brokered", "outcome", "released"]));

  const other = await run(`a "quoted" value\r\n\0 of 👍 other length ${"x".repeat(500)}`);
  expect(withoutDates(other.messages)).toEqual(withoutDates(one.messages));
  expect(other.report).toEqual(one.report);
  expect(other.requests).not.toEqual(one.requests);
});

/** The server's own header, which tells the time of day. */
const withoutDates = (messages: Json): string => JSON.stringify(messages).replace(/\["date","[^"]*"\]/g, '["date"]');
