/**
 * Ways around the seal, each with two values that differ in what the way would tell: whatever a script does with a value,
 * what can be seen of the run is the same. Real processes, files and sockets.
 */
import { readdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test as one, vi } from "vitest";
import { type Ended, Workplace } from "./command.ts";

/** Each run waits for its tick, which is what takes the time: so they wait at the same time. */
const test = one.concurrent;
vi.setConfig({ testTimeout: 120_000 });

const places: Workplace[] = [];
const servers: Server[] = [];

afterAll(() => {
  for (const place of places.splice(0)) place.remove();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The port of a server that takes down the bodies it gets. */
async function listening(bodies: string[] = []): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.end("{}");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const STRICT = '[local_only]\nprofile = "strict"\nsettle = ["3s"]\n[environment]\nlocal_only_vars = ["PIN"]\n';

interface World {
  readonly policy: string;
  readonly script: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly prepare?: (directory: string) => void;
}

async function runWith(pin: string, { policy, script, files = {}, prepare }: World): Promise<[Ended, Workplace]> {
  const place = new Workplace({ ...files, "agent-run.toml": `version = 1\n${policy}`, "s.js": script });
  places.push(place);
  prepare?.(place.directory);
  const env = { PIN: pin, KEY: "sk_live_0123456789abcdefXYZ" };
  const ended = await place.run(["--policy", "agent-run.toml", "--seed", "1", "s.js"], { env });
  return [ended, place];
}

/** The same with several values, at the same time. */
const runsWith = (pins: readonly string[], world: World) => Promise.all(pins.map((pin) => runWith(pin, world)));

const PUBLIC_TREE = `${STRICT}[filesystem]
read_allow = ["top/**"]
write_allow = ["top/**"]
local_only_read = ["private/**"]
local_only_write = ["private/**", "top/out/private/**"]
`;

/** By itself, as it keeps the machine busy and a request must be answered within its time. */
one("a vault that a value keeps busy holds up no answer that is told", async () => {
  const port = await listening();
  const policy = `${STRICT}[network]
timeout_seconds = 1
[runtime]
max_seconds = 60
[filesystem]
local_only_write = ["private/**"]
[[secret]]
name = "key"
env = "KEY"
[[secret.use]]
host = "localhost:${port}"
methods = ["GET"]
paths = ["/**"]
slot = "header:x-key"
response = "public"
`;
  const script = `
const large = env.read("PIN").map((pin) => (pin === "busy" ? "é".repeat(2000000) : ""));
for (let i = 0; i < 60; i++) fs.write("private/" + i, btoa(i + ":" + \`\${large}\`.repeat(30)));
const key = env.read("KEY");
print(net.httpGet("http://localhost:${port}/x", { headers: { "x-key": key } }).status);
`;
  for (const pin of ["idle", "busy"]) {
    const [ended] = await runWith(pin, { policy, script });
    expect(ended).toMatchObject({ code: 0, stdout: "200\n" });
  }
});

test("a private block that makes the first directory of its place shows in no time of the directory above", async () => {
  const script = `
seal.run([env.read("PIN")], (pin, io) => { if (pin === "a") io.fs.mkdir("top/out/private/d"); });
seal.settle();
print(fs.stat("top/out").mtime > 1e12);
`;
  const prepare = (directory: string) => utimesSync(join(directory, "top/out"), 1e9, 1e9);
  const world = { policy: PUBLIC_TREE, script, files: { "top/out/x": "" }, prepare };
  for (const [ended] of await runsWith(["a", "b"], world)) {
    expect(ended).toMatchObject({ code: 0, stdout: "true\n" });
  }
});

test("nor does one whose place hangs in a directory that the script makes itself", async () => {
  const script = `
// The vault is there by then.
seal.settle();
fs.mkdir("top/out");
seal.run([env.read("PIN")], (pin, io) => { if (pin === "a") io.fs.mkdir("top/out/private"); });
`;
  const world = { policy: PUBLIC_TREE, script, files: { "top/x": "" } };
  for (const [ended, place] of await runsWith(["a", "b"], world)) {
    expect(ended.code).toBe(0);
    expect([place.has("top/out"), place.has("top/out/private")]).toEqual([true, false]);
  }
});

test("a public link that leads through a private directory tells not whether that is there", async () => {
  const script = `
seal.run([env.read("PIN")], (pin, io) => io.fs.mkdir("private/" + pin));
seal.settle();
for (const look of [fs.exists, fs.read, fs.stat, (path) => fs.write(path, "")]) {
  for (const path of ["top/through", "top/directory/through"]) {
    try { print(look(path)); } catch ({ code }) { print(code); }
  }
}
print(fs.glob("top/*"), fs.list("top").length);
`;
  const prepare = (directory: string) => {
    symlinkSync("../private/a/../../top/public", join(directory, "top/through"));
    symlinkSync("../private/a/../../top", join(directory, "top/directory"));
  };
  const world = { policy: PUBLIC_TREE, script, files: { "top/public": "text", "private/x": "" }, prepare };
  for (const [ended] of await runsWith(["a", "b"], world)) {
    expect(ended.stdout).toBe(`${"E_POLICY_DENIED\n".repeat(8)}[ 'top/public' ] 1\n`);
  }
});

test("a private block leaves no time of access at public files", async () => {
  const script = `
seal.run([env.read("PIN")], (pin, io) => io.fs.read("top/" + pin));
`;
  const old = new Date("2001-01-01");
  const prepare = (directory: string) => utimesSync(join(directory, "top/a"), old, new Date("2002-01-01"));
  const [, place] = await runWith("a", { policy: PUBLIC_TREE, script, files: { "top/a": "text" }, prepare });
  expect(statSync(join(place.directory, "top/a")).atime).toEqual(old);
});

test("a link from one local-only place to another gives the data no other label", async () => {
  const bodies: string[] = [];
  const port = await listening(bodies);
  const policy = `${STRICT}[[label]]
name = "a"
sources = ["file:a/**"]
sinks = ["file:a/**", "host:localhost:${port}"]
[[label]]
name = "b"
sources = ["file:b/**"]
sinks = ["file:b/**"]
[filesystem]
local_only_read = ["a/**", "b/**"]
local_only_write = ["a/**", "b/**"]
[network]
local_only_hosts = ["localhost:${port}"]
`;
  const script = `
fs.copy("a/link", "a/copy");
for (const path of ["a/link", "a/copy", "a/plain"]) net.httpPost("http://localhost:${port}/", \`data: \${fs.read(path)}\`);
`;
  const prepare = (directory: string) => symlinkSync("../b/secret", join(directory, "a/link"));
  const files = { "a/plain": "of a", "b/secret": "of b" };
  const [ended] = await runWith("x", { policy, script, files, prepare });
  expect(ended.code).toBe(0);
  expect(bodies).toEqual(["data: of a"]);
});

test("a value that nests too deeply is a failure that the operator reads, and ends nothing", async () => {
  const script = `
const deep = JSON.parse(env.read("PIN").map((pin) => "[".repeat(500000) + "]".repeat(500000)));
fs.write("private/deep", deep);
fs.write("private/after", env.read("PIN"));
`;
  const [, place] = await runWith("x", { policy: PUBLIC_TREE, script });
  expect(place.read("private/after")).toBe("x");
  const logs = join(place.state, "agent-run/sealed");
  const text = readdirSync(logs).map((name) => readFileSync(join(logs, name), "utf8"));
  expect(text.join("")).toContain("it could not be computed");
});
