/** Sealed data arrives byte by byte, in the encoding of the place that the script put it into, through the built command. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Asked } from "../../../examples/servers.mjs";
import { KEYS, LocalOnlyWorld, TICKS } from "./local-only.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let world: LocalOnlyWorld;
beforeAll(async () => {
  world = await LocalOnlyWorld.start(
    ({ local }) => `version = 1
[filesystem]
local_only_read = ["private/**"]
local_only_write = ["private/**"]
[network]
local_only_hosts = ["${local}"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[subprocess]
local_only_commands = ["./keep"]
set_env = ["VALUE"]
sandbox = "none"
accept_unsandboxed_commands = true
[local_only]
${TICKS}
`,
  );
  const kept = join(world.place.directory, "private/kept.txt");
  const program = world.place.write("keep", `#!/bin/sh\n{ printf '%s|' "$VALUE"; cat; } > '${kept}'\n`);
  chmodSync(program, 0o755);
});
afterEach(() => void world.heard("local"));
afterAll(() => world.close());

const V = KEYS.hazard;
const run = async (code: string) => {
  const { error } = await world.report(`const v = env.read("INTERNAL_URL"); ${code}`);
  expect(error).toBe(null);
};
const asked = () =>
  world.heard("local").map(({ url, headers, body }) => ({ url, headers, body: body.toString("utf8") }))[0];
const form = (name: string, text = "") => new URLSearchParams(text).get(name);

type Body = [title: string, body: string, type: RegExp, read: (body: string) => unknown, wanted: unknown];
const BODIES: readonly Body[] = [
  ["text", "`<${v}>`", /^text\/plain/, (body) => body, `<${V}>`],
  ["text with a hex digit right behind it", "`${v}abc${v}1`", /./, (body) => body, `${V}abc${V}1`],
  ["a JSON body", "{ a: [`<${v}>`], b: v }", /^application\/json/, JSON.parse, { a: [`<${V}>`], b: V }],
  ["JSON.stringify", "JSON.stringify({ v, n: `${v}${v}` })", /./, JSON.parse, { v: V, n: V + V }],
  ["JSON in JSON", "{ inner: JSON.stringify({ v }) }", /^application\/json/, innerOf, { v: V }],
  ["a form", "new URLSearchParams({ a: '&', v: `${v}` })", /urlencoded/, (body) => form("v", body), V],
  ["btoa", "btoa(`me:${v}`)", /./, (body) => Buffer.from(body, "base64").toString("utf8"), `me:${V}`],
  ["encodeURIComponent", "encodeURIComponent(`${v}`)", /./, (body) => body, encodeURIComponent(V)],
  ["a compartment's text", "v.map((text) => text.toUpperCase())", /./, (body) => body, V.toUpperCase()],
  ["a number of a file", "`n=${fs.readJson('private/config.json').count}`", /./, (body) => body, "n=7"],
  ["an object of a file", "fs.readJson('private/config.json').db", /./, JSON.parse, { password: V }],
];

function innerOf(body: string): unknown {
  return JSON.parse((JSON.parse(body) as { inner: string }).inner);
}

describe("in a body", () => {
  let sent: readonly Asked[] = [];
  beforeAll(async () => {
    await run(BODIES.map(([, body], index) => `net.httpPost("$LOCAL/${index}", ${body});`).join("\n"));
    sent = world.heard("local");
  });

  test.each(BODIES.map((body, index) => [...body, index] as const))(
    "%s",
    (_title, _body, type, read, wanted, index) => {
      const { body, headers } = sent[index] ?? {};
      const text = body?.toString("utf8") ?? "";
      expect(read(text)).toEqual(wanted);
      expect(headers?.["content-type"]).toMatch(type);
      expect(headers?.["content-length"]).toBe(String(Buffer.byteLength(text)));
    },
  );
});

test("the path and the query of a URL, percent-encoded", async () => {
  await run("net.httpGet(`$LOCAL/a/${v}/b?x=1&v=${v}#f`)");
  const { pathname, searchParams } = new URL(asked()?.url ?? "", world.at.local);
  expect(decodeURIComponent(pathname)).toBe(`/a/${V}/b`);
  expect(pathname.split("/")).toHaveLength(4);
  expect([...searchParams]).toEqual([
    ["x", "1"],
    ["v", V],
  ]);
});

test("a URL made by URLSearchParams is not encoded twice", async () => {
  await run(
    'net.httpGet("$LOCAL/?" + new URLSearchParams({ v: `${v}` })); net.httpGet(`$LOCAL/?v=${encodeURIComponent(v)}`)',
  );
  const values = world.heard("local").map(({ url }) => new URL(url, world.at.local).searchParams.get("v"));
  expect(values).toEqual([V, V]);
});

test("a header, as it is; where it would end the header, nothing is sent, and nobody is told", async () => {
  await run(`const ascii = v.map((text) => text.replace(/[^ -~]/g, ""));
    net.httpGet("$LOCAL/fine", { headers: { "X-Value": \`<\${ascii}>\` } });
    net.httpGet("$LOCAL/broken", { headers: { "X-Value": ascii.map((text) => text + "\\r\\nx: y") } });`);
  const requests = world.heard("local");
  expect(requests.map(({ url }) => url)).toEqual(["/fine"]);
  expect(requests[0]?.headers["x-value"]).toBe(`<${V.replace(/[^ -~]/g, "")}>`);
});

test("a multipart body that the script wrote itself", async () => {
  await run(`const body = ["--XyX", 'content-disposition: form-data; name="v"', "", \`\${v}\`, "--XyX--", ""].join("\\r\\n");
    net.httpPost("$LOCAL/", body, { headers: { "content-type": "multipart/form-data; boundary=XyX" } })`);
  expect(asked()?.body).toBe(`--XyX\r\ncontent-disposition: form-data; name="v"\r\n\r\n${V}\r\n--XyX--\r\n`);
});

test("a file: text and JSON", async () => {
  await run('fs.write("private/a.txt", `<${v}>`); fs.write("private/b.json", JSON.stringify({ v }))');
  expect(world.place.read("private/a.txt")).toBe(`<${V}>`);
  expect(JSON.parse(world.place.read("private/b.json"))).toEqual({ v: V });
});

test("standard input and a variable of a local-only command, raw", async () => {
  await run('subprocess.exec(["./keep"], { stdin: `<${v}>`, env: { VALUE: `=${v}` } })');
  expect(readFileSync(join(world.place.directory, "private/kept.txt"), "utf8")).toBe(`=${V}|<${V}>`);
});

test("text that looks like a token stays as it is, in what the script says and in what it read", async () => {
  const forged = `sealed0${"ab".repeat(16)}`;
  world.place.write("private/forged.txt", forged);
  await run(`net.httpPost("$LOCAL/", \`${forged} \${fs.read("private/forged.txt")} \${v}\`)`);
  expect(asked()?.body).toBe(`${forged} ${forged} ${V}`);
});
