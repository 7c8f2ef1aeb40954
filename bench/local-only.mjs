/**
 * B11, what local-only values cost: nothing where a policy declares none (beside another build, with `--against`), the time
 * to the first sealed value, what is done with one, and a request whose credential the vault fills in.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { createRuntime, loadPolicy } from "../dist/index.js";
import { inTurn, processOf, quietEnvironment, summary } from "./measure.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SEALED = `version = 1
[environment]
allow_vars = ["LANG"]
local_only_vars = ["BENCH_SEALED"]
[local_only]
profile = "relaxed"
[runtime]
max_calls = 1000000
max_seconds = 60
`;
/** A plain request and one with a credential, to the same server. */
const broker = (port) => `${SEALED}
[network]
http_get_allow = ["http://127.0.0.1:${port}/plain"]
[[secret]]
name = "key"
env = "BENCH_SECRET"
[[secret.use]]
host = "http://127.0.0.1:${port}"
methods = ["GET"]
paths = ["/brokered"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
`;
const SERVER = `const { parentPort } = require("node:worker_threads");
const server = require("node:http").createServer((request, response) => {
  if (request.url === "/brokered" && request.headers.authorization !== "Bearer " + ${JSON.stringify("k".repeat(32))}) response.statusCode = 401;
  response.end('{"ok":true}');
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;

/** Rows of the table. `open`: a policy that declares nothing; `against`: the `dist` of another build, or undefined. */
export async function localOnly({ playground, open, audit, against }) {
  process.env.BENCH_SEALED = JSON.stringify({ url: "http://wiki.internal" });
  process.env.BENCH_SECRET = "k".repeat(32);
  const at = (name, text) => {
    const file = join(playground, name);
    writeFileSync(file, text);
    return file;
  };
  const sealed = at("sealed.toml", SEALED);
  return [
    ...(against === undefined ? [] : await withoutSealed(open, at("one.js", "print(1)"), audit, against)),
    ...(await firstSealed(open, sealed, at, audit)),
    ...(await handles(sealed, audit)),
    ...(await brokered(at, audit)),
  ];
}

const command = (dist, policy, audit, script) => [
  join(dist, "agent-run.cjs"),
  "--quiet",
  "--audit",
  audit,
  "--policy",
  policy,
  script,
];

async function withoutSealed(open, script, audit, against) {
  const run = (dist) => processOf(command(dist, open, audit, script));
  const times = await inTurn({ "the build beside it": run(against), "this build": run(here("../dist")) }, 41);
  const [before, now] = Object.values(times);
  const note = `${signed(now.median - before.median)} ms (${(now.median / before.median).toFixed(2)}x)`;
  return rowsOf("nothing local-only declared: whole process, print(1)", times, { "this build": note });
}

/** From the start of the process to the first byte of its output. */
async function firstSealed(open, sealed, at, audit) {
  const one = at("one.js", "print(1)");
  const read = at("sealed.js", 'print(env.read("BENCH_SEALED"))');
  const settled = at("settled.js", 'const url = JSON.parse(env.read("BENCH_SEALED")).url; seal.settle(); print(url)');
  const dist = here("../dist");
  const contestants = {
    node: ["-e", "process.stdout.write('1')"],
    "print(1), nothing declared": command(dist, open, audit, one),
    "print(env.read(...)), sealed": command(dist, sealed, audit, read),
    "the vault has answered": command(dist, sealed, audit, settled),
  };
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -3; round < 31; round += 1)
    for (const [name, words] of Object.entries(contestants)) {
      const time = await firstByte(words);
      if (round >= 0) times[name].push(time);
    }
  const found = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]));
  const { node } = found;
  const floor = found["print(1), nothing declared"];
  const note = ({ median }) => `node ${signed(median - node.median)} ms, print(1) ${signed(median - floor.median)} ms`;
  const notes = Object.fromEntries(
    Object.entries(found)
      .slice(2)
      .map(([name, time]) => [name, note(time)]),
  );
  return rowsOf("start to first output", found, notes);
}

function firstByte(words) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let first;
    const child = spawn(process.execPath, words, { env: quietEnvironment(), stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => {
      first = performance.now() - start;
    });
    child.once("close", (status) =>
      status === 0 ? resolve(first) : reject(new Error(`${words.join(" ")}: ${status}`)),
    );
  });
}

async function handles(policy, audit) {
  const runtime = await createRuntime({ policy: await loadPolicy(policy), audit });
  const count = 5_000;
  const loop = (body) => async () => {
    await good(runtime, `const v = env.read("BENCH_SEALED"); let x; for (let i = 0; i < ${count}; i++) x = ${body};`);
  };
  const contestants = {
    nothing: loop("i"),
    property: loop('v["url" + i]'),
    "String(handle)": loop("String(v)"),
    "JSON.parse(handle)": loop("JSON.parse(v)"),
    "btoa of a text with one": loop('btoa("me:" + v)'),
  };
  const times = await inTurn(contestants, 7, 1);
  await runtime.close();
  const { nothing, ...ours } = times;
  return Object.entries(ours).map(([name, { median, min, max }]) => {
    const each = (time) => (time - nothing.median) / count;
    return {
      id: "B11",
      what: "one operation on a sealed value",
      name,
      median: each(median),
      min: each(min),
      max: each(max),
    };
  });
}

async function brokered(at, audit) {
  const server = new Worker(SERVER, { eval: true });
  const port = await new Promise((resolve) => server.once("message", resolve));
  const policy = at("broker.toml", broker(port));
  const runtime = await createRuntime({ policy: await loadPolicy(policy), audit });
  const count = 100;
  const ask = (path, headers) => async () => {
    const get = `net.httpGet("http://127.0.0.1:${port}${path}", { headers: ${headers} })`;
    await good(
      runtime,
      `const key = env.read("key"); for (let i = 0; i < ${count}; i++) { const r = ${get}; if (r.status !== 200) throw new Error(String(r.status)); }`,
    );
  };
  const times = await inTurn(
    {
      "a gated request": ask("/plain", '{ authorization: "Bearer none" }'),
      "a credential in its slot": ask("/brokered", "{ authorization: `Bearer ${key}` }"),
    },
    15,
    2,
  );
  await runtime.close();
  await server.terminate();
  const each = Object.fromEntries(
    Object.entries(times).map(([name, { median, min, max }]) => [
      name,
      { median: median / count, min: min / count, max: max / count },
    ]),
  );
  const [plain, filled] = Object.values(each);
  const note = `${signed(filled.median - plain.median)} ms (${(filled.median / plain.median).toFixed(2)}x)`;
  return rowsOf("one request, local server, warm", each, { "a credential in its slot": note });
}

async function good(runtime, script) {
  const { ok, error } = await runtime.run(script);
  if (!ok) throw new Error(JSON.stringify(error));
}

const rowsOf = (what, times, notes) =>
  Object.entries(times).map(([name, time]) => ({ id: "B11", what, name, ...time, note: notes[name] ?? "" }));

const signed = (ms) => `${ms < 0 ? "-" : "+"} ${Math.abs(ms).toFixed(2)}`;
