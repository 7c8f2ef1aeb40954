/**
 * A runtime that leaks on purpose, in one way at a time (`--leak=KIND`), for the tests of the harness: it must find each,
 * and nothing where there is none. It takes the options of the real command and runs no script; what it does and says is
 * the same for all secrets but for the leak.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { behaviourOf } from "./secrets.mjs";

const [kind, ...words] = process.argv.slice(2).map((word) => word.replace(/^--leak=/, ""));
const secret = process.env.API_KEY;
const { bit, delayMs } = behaviourOf(secret);
const audit = words[words.indexOf("--audit") + 1];
const RUN = `0${"ABCDEFGHJKMNP"[Math.floor(Math.random() * 13)]}${"1".repeat(24)}`;
const startMs = Date.now();
const TICK_MS = 300;

/** What depends on the secret, by kind; the empty string and 0 where that is not the leak. */
const when = (name, value, otherwise = "") => (kind === name ? value : otherwise);
const said = [
  when("print", secret),
  when("base64", Buffer.from(secret).toString("base64")),
  when("length", String(secret.length)),
  when("noise", String(Math.random())),
].join("");

if (words[0] === "mcp") await serve();
else await runOnce();

async function runOnce() {
  let script = "";
  for await (const chunk of process.stdin) script += chunk;
  await act(/http:\/\/127\.0\.0\.1:\d+/.exec(script)?.[0]);
  const report = {
    ...{ ok: true, exitCode: 0, value: null, stdout: `done ${said}\n`, error: null, run: RUN },
    durationMs: when("duration", delayMs, TICK_MS),
  };
  process.stdout.write(words.includes("--json") ? JSON.stringify(report) : report.stdout);
  process.stderr.write(when("stderr", `${bit} local-only failures\n`));
  process.exitCode = when("exit", bit, 0);
}

/** Public effects, a record: what others see. `site` is the public server. */
async function act(site) {
  writeFileSync(when("file-name", `out/${bit}.txt`, "out/same.txt"), when("file", String(bit), "same"), {
    mode: when("file-mode", bit ? 0o600 : 0o644, 0o644),
  });
  // As the product does: times that others see are ticks.
  const at = new Date(startMs + when("file-time", bit * 4 * TICK_MS, 0));
  for (const name of readdirSync("out")) utimesSync(join("out", name), at, at);
  utimesSync("out", new Date(startMs), new Date(startMs));
  execFileSync(join("bin", "show"), ["same", when("argv", String(bit), "same")], {
    env: { LANG: "C" },
    input: when("stdin", String(bit)),
  });
  if (["order", "path", "header", "body"].includes(kind)) await ask(site);
  writeRecord();
}

async function ask(site) {
  const paths = when("order", bit ? ["/b", "/a"] : ["/a", "/b"], ["/a", when("path", `/${bit}`, "/b")]);
  await fetch(site + paths[0], { headers: { "x-same": when("header", String(bit), "same") } });
  await fetch(site + paths[1], { method: "POST", body: when("body", String(bit), "same") });
}

function writeRecord() {
  mkdirSync(`${audit}/runs`, { recursive: true });
  const records = [
    { kind: "run.start", prev: "0".repeat(64), run: RUN, start_ms: startMs, ts: new Date(startMs).toISOString() },
    { call: 1, kind: "intent", request: { labels: ["local"] }, run: RUN },
    { bytes: when("record", secret.length, 0), call: 1, kind: "outcome", ms: when("latency", bit * 900, 1), run: RUN },
  ];
  writeFileSync(`${audit}/runs/${RUN}.jsonl`, records.map((record) => JSON.stringify(record)).join("\n"));
}

async function serve() {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, method } = JSON.parse(line);
    const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    if (method === "tools/call" && kind === "frames" && bit) send({ method: "notifications/progress", params: {} });
    if (id !== undefined) send({ id, result: method === "tools/call" ? { run: RUN, exitCode: 0, stdout: said } : {} });
  }
}
