/**
 * B9: a `run` of a trivial script over MCP, warm, beside a call of an SDK server that only echoes; both over pipes, asked
 * by the same few lines, in turn. Then a hundred at once, alone and behind runs that wait.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { inTurn, quietEnvironment, summary } from "./measure.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const POLICY = `version = 1
[subprocess]
allow_commands = ["sleep"]
sandbox = "none"
[runtime]
max_seconds = 600
`;
const WAITING = 32;

export async function mcp({ playground, audit }) {
  const policy = join(playground, "mcp.toml");
  writeFileSync(policy, POLICY);
  const serve = [here("../dist/agent-run.cjs"), "mcp", "--policy", policy, "--audit", audit];
  const ours = await connected(serve);
  const echo = await connected([here("mcp-echo.mjs")]);
  const call = (to) => to.call("return 1");
  const times = await inTurn({ "agent-run": () => call(ours), "SDK echo": () => call(echo) }, 400, 50);
  const [mine, theirs] = Object.values(times);
  const rows = Object.entries(times).map(([name, time]) => ({
    ...{ id: "B9", what: "MCP call, a trivial script, warm", name, ...time },
    note: name === "agent-run" ? `echo + ${(mine.median - theirs.median).toFixed(2)} ms` : "",
  }));
  rows.push({ ...row("100 calls at once, all answered", "agent-run"), ...(await crowd(ours)) });
  rows.push({ ...row("100 calls at once, all answered", "SDK echo"), ...(await crowd(echo)) });
  const waiting = Array.from({ length: WAITING }, () =>
    ours.call('subprocess.exec(["sleep", "600"])').catch(() => null),
  );
  await ours.call("return 1");
  rows.push({ ...row(`the same, behind ${WAITING} runs that wait`, "agent-run"), ...(await crowd(ours)) });
  ours.close();
  echo.close();
  await Promise.all(waiting);
  return rows;
}

const row = (what, name) => ({ id: "B9", what, name });

/** From the first request to the last answer; nine times. */
async function crowd(server) {
  const times = [];
  for (let round = -2; round < 9; round += 1) {
    const start = performance.now();
    await Promise.all(Array.from({ length: 100 }, () => server.call("return 1")));
    if (round >= 0) times.push(performance.now() - start);
  }
  return summary(times);
}

async function connected(args) {
  const child = spawn(process.execPath, args, { env: quietEnvironment(), stdio: ["pipe", "pipe", "ignore"] });
  const open = new Map();
  let next = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    open.get(message.id)?.(message);
    open.delete(message.id);
  });
  child.once("exit", () => {
    for (const settle of open.values()) settle({ error: { message: "the server ended" } });
  });
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      next += 1;
      open.set(next, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: next, method, params })}\n`);
    });
  const clientInfo = { name: "bench", version: "1" };
  await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  const call = async (script) => {
    const { structuredContent, isError } = await ask("tools/call", { name: "run", arguments: { script } });
    if (isError || structuredContent.value === undefined) throw new Error("the call failed");
  };
  return { call, close: () => child.kill("SIGTERM") };
}
