/**
 * `npm run bench`: start of the command (B1), a fresh sandbox in a warm host (B2), gated and recorded calls (B3), beside
 * `node -e 0` and the bare engine; decisions (B4) and loading (B5) of policies beside their peers; memory (B8); calls over MCP (B9); local-only values (B11). Prints a table with ratios and writes bench/results.json. Ratios
 * inside one run count; absolute times are this machine's on this day. `--against DIR`: the `dist` of another build, for B11;
 * `--only B4`, `B5`, `B8`, `B9`, `B11` or `hook` (answers to agent hosts): that part alone; the rest of the file stays.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRuntime, loadPolicy } from "../dist/index.js";
import { bareEngine } from "./bare-engine.mjs";
import { hooks } from "./hook.mjs";
import { localOnly } from "./local-only.mjs";
import { mcp } from "./mcp.mjs";
import { inTurn, processOf } from "./measure.mjs";
import { memory } from "./memory.mjs";
import { policies } from "./policy.mjs";

const { values } = parseArgs({ options: { against: { type: "string" }, only: { type: "string" } } });
const against = values.against === undefined ? undefined : resolve(values.against);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const playground = mkdtempSync(here("playground-"));
const policyFile = join(playground, "agent-run.toml");
const policy = `version = 1
[filesystem]
read_allow = ["data/**"]
[environment]
allow_vars = ["LANG"]
[runtime]
max_calls = 1000000
max_seconds = 60
`;
mkdirSync(join(playground, "data"));
writeFileSync(policyFile, policy);
writeFileSync(join(playground, "data/4k.txt"), "x".repeat(4096));
writeFileSync(join(playground, "hello.js"), "print(1)");
process.env.LANG ??= "C";

const audit = join(playground, "record");
const rows = [];
const load = [loadavg()[0]];
const isWanted = (id) => values.only === undefined || values.only === id;
if (values.only === undefined) {
  await start();
  await freshSandbox();
  await calls();
}
if (isWanted("B4") || isWanted("B5")) rows.push(...(await policies(values.only)));
if (isWanted("B8")) rows.push(...memory({ playground, audit }));
if (isWanted("B9")) rows.push(...(await mcp({ playground, audit })));
if (isWanted("B11")) rows.push(...(await localOnly({ playground, open: policyFile, audit, against })));
if (isWanted("hook")) rows.push(...(await hooks(playground)));
load.push(loadavg()[0]);
report();
rmSync(playground, { recursive: true });

async function start() {
  const command = [
    here("../dist/agent-run.cjs"),
    "--audit",
    audit,
    "--quiet",
    "--policy",
    policyFile,
    join(playground, "hello.js"),
  ];
  const times = await inTurn(
    {
      "node -e 0": processOf(["-e", "0"]),
      "agent-run": processOf(command),
      "bare engine": processOf([here("bare-hello.mjs")]),
    },
    21,
  );
  const node = times["node -e 0"].median;
  for (const [name, time] of Object.entries(times)) {
    rows.push({
      id: "B1",
      what: "whole process, print(1)",
      name,
      ...time,
      note: `node + ${(time.median - node).toFixed(1)} ms (${(time.median / node).toFixed(2)}x)`,
    });
  }
}

async function freshSandbox() {
  const runtime = await newRuntime();
  const bare = await bareEngine();
  const run = async () => {
    const { value } = await runtime.run("return 1 + 1");
    if (value !== 2) throw new Error("wrong answer");
  };
  const times = await inTurn(
    { "agent-run (recorded, killable)": run, "bare engine (in thread)": () => bare.fresh("1 + 1") },
    400,
    50,
  );
  const [ours, theirs] = Object.values(times);
  for (const [name, time] of Object.entries(times)) {
    rows.push({
      id: "B2",
      what: "fresh sandbox, warm host",
      name,
      ...time,
      note: name.startsWith("bare") ? "" : `${(ours.median / theirs.median).toFixed(2)}x the bare engine's time`,
    });
  }
  const rate = await throughput(run, 2000, 2);
  rows.push({ id: "B2", what: "runs a second, two at a time", name: "agent-run", rate });
  await runtime.close();
}

async function calls() {
  const runtime = await newRuntime();
  const bare = await bareEngine();
  const count = 10_000;
  const contestants = {
    "agent-run env.read": () => rateInside(runtime, `for (let i = 0; i < ${count}; i++) env.read("LANG")`),
    "agent-run fs.read 4 KB": () => rateInside(runtime, `for (let i = 0; i < ${count}; i++) fs.read("data/4k.txt")`),
    "bare engine, ungated getenv": () => bare.calls("getenv", "LANG", count),
    "bare engine, ungated 4 KB read": () => bare.calls("read", join(playground, "data/4k.txt"), count),
    "node readFileSync 4 KB": () => {
      for (let i = 0; i < count; i += 1) readFileSync(join(playground, "data/4k.txt"), "utf8");
    },
  };
  for (const [name, time] of Object.entries(await inTurn(contestants, 7, 1))) {
    rows.push({ id: "B3", what: "host calls a second", name, rate: count / (time.median / 1000) });
  }
  await runtime.close();
}

async function newRuntime() {
  return createRuntime({ policy: await loadPolicy(policyFile), audit });
}

async function rateInside(runtime, script) {
  const { ok, error } = await runtime.run(script);
  if (!ok) throw new Error(JSON.stringify(error));
}

/** Runs a second with `width` at a time. */
async function throughput(work, total, width) {
  const begin = performance.now();
  const lane = async () => {
    for (let i = 0; i < total / width; i += 1) await work();
  };
  await Promise.all(Array.from({ length: width }, lane));
  return total / ((performance.now() - begin) / 1000);
}

function report() {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  const loads = load.map((one) => Number(one.toFixed(1)));
  console.log(`${machine}, load ${loads.join(" to ")}\n`);
  console.log("| id | work | contestant | median | range | note |\n| --- | --- | --- | --- | --- | --- |");
  for (const { id, what, name, median, min, max, rate, note = "" } of rows) {
    const figure = rate === undefined ? `${digits(median)} ms` : `${Math.round(rate).toLocaleString("en")}/s`;
    const range = rate === undefined ? `${digits(min)} to ${digits(max)}` : "";
    console.log(`| ${id} | ${what} | ${name} | ${figure} | ${range} | ${note} |`);
  }
  const kept = values.only === undefined ? [] : JSON.parse(readFileSync(here("results.json"), "utf8")).rows;
  const all = [...kept.filter(({ id }) => id !== values.only), ...rows.map((row) => ({ ...row, load: loads }))];
  writeFileSync(here("results.json"), `${JSON.stringify({ machine, rows: all }, null, 2)}\n`);
}

function digits(ms) {
  return ms < 0.1 ? ms.toFixed(ms < 0.01 ? 5 : 4) : ms.toFixed(2);
}
