/** Starts the command as an agent's host would, through the command line or as an MCP server, and gives what it said. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const COMMAND = [fileURLToPath(new URL("../../dist/agent-run.cjs", import.meta.url))];
const FIXED_CHANCE = fileURLToPath(new URL("fixed-chance.cjs", import.meta.url));
/** Longer than any run may take; a run that reaches it is killed and reported as hanging. */
const PATIENCE_MS = 60_000;
const POLICY = ["--policy", "agent-run.toml"];

/**
 * Scripts one after another, `{ exit, stdout, stderr, startMs, endMs }` of each process: of the command one for each
 * script, of an MCP server, which runs all of them, one, whose `stdout` is its frames.
 */
export async function launch(world, scripts, { via, technique, command = COMMAND }) {
  if (via === "mcp") return [await serve(world, command, scripts, technique)];
  const runs = [];
  for (const script of scripts) runs.push(await runOnce(world, command, script, via === "cli" ? ["--json"] : []));
  return runs;
}

async function runOnce(world, command, script, options) {
  const args = [...POLICY, "--seed", "7", "--audit", world.record, ...options, "-"];
  const process = start(world, [...command, ...args]);
  process.child.stdin.end(script);
  return process.ended;
}

/** Initializes, runs the scripts, and closes when the answers are there; or cancels one and closes after an answered ping. */
async function serve(world, command, scripts, { cancelAfterMs }) {
  const { child, ended } = start(world, [
    "--require",
    FIXED_CHANCE,
    ...command,
    "mcp",
    ...POLICY,
    "--audit",
    world.record,
  ]);
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const answered = idsIn(child.stdout);
  const clientInfo = { name: "exfiltration", version: "1" };
  send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
  await Promise.race([answered(1), ended]);
  send({ method: "notifications/initialized" });
  let id = 1;
  for (const script of scripts) {
    const params = { name: "run", arguments: { script }, _meta: { progressToken: `p${++id}` } };
    send({ id, method: "tools/call", params });
    if (cancelAfterMs !== null) {
      await new Promise((resolve) => setTimeout(resolve, cancelAfterMs));
      send({ method: "notifications/cancelled", params: { requestId: id, reason: "tired" } });
      send({ id: ++id, method: "ping" });
    }
    await Promise.race([answered(id), ended]);
  }
  child.stdin.end();
  return ended;
}

function start(world, words) {
  const startMs = Date.now();
  const child = spawn(process.execPath, words, { cwd: world.project, env: world.environment });
  world.running = child.pid;
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
    });
  }
  child.stdin.on("error", () => {});
  const impatient = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const ended = new Promise((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(impatient);
      resolve({ exit: code ?? signal, ...texts, startMs, endMs: Date.now() });
    });
  });
  return { child, ended };
}

/** Waits for the answer to a request. */
function idsIn(stream) {
  let text = "";
  const waiting = [];
  const isThere = (id) => text.split("\n").some((line) => line.startsWith("{") && line.includes(`"id":${id}`));
  stream.on("data", (chunk) => {
    text += chunk;
    for (const { id, resolve } of waiting) if (isThere(id)) resolve();
  });
  return (id) => new Promise((resolve) => (isThere(id) ? resolve() : waiting.push({ id, resolve })));
}
