/**
 * Drives real coding agents, from npm, against a model that follows a plan, and looks at what they make of our server and
 * our hook. Opt-in, as it installs about a gigabyte: `npm run eval:hosts [-- HOST...] [--log FILE]`.
 *
 * The clients have no network but loopback where bubblewrap can take it away; elsewhere this says so.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CASES } from "./cases.mjs";
import { CLIENTS, installClients } from "./clients.mjs";

const words = process.argv.slice(2);
const logAt = words.indexOf("--log");
const [, logFile] = logAt === -1 ? [] : words.splice(logAt, 2);
const unknown = words.filter((word) => !CLIENTS.some(({ host }) => host === word));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(", ")}; there are ${CLIENTS.map(({ host }) => host).join(", ")}`);
  process.exit(1);
}
const chosen = CLIENTS.filter(({ host }) => words.length === 0 || words.includes(host));

const INSIDE = "EVAL_HOSTS_INSIDE";
if (process.env[INSIDE] === undefined) {
  const problems = await installClients(chosen);
  const isolated = [
    "--dev-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--unshare-net",
    "--unshare-pid",
    "--die-with-parent",
    "--",
  ];
  const canIsolate = spawnSync("bwrap", [...isolated, "true"]).status === 0;
  const again = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const [program, ...rest] = canIsolate ? ["bwrap", ...isolated, ...again] : again;
  const env = { ...process.env, [INSIDE]: canIsolate ? "1" : "0", EVAL_HOSTS_PROBLEMS: JSON.stringify(problems) };
  process.exit(spawnSync(program, rest, { stdio: "inherit", env }).status ?? 1);
}

const problems = JSON.parse(process.env.EVAL_HOSTS_PROBLEMS ?? "{}");
const lines = [];
const say = (line) => {
  lines.push(line);
  console.log(line);
};
const [passed, failed] = [[], []];
say(
  process.env[INSIDE] === "1" ? "network: loopback only" : "network: NOT taken away, as bubblewrap does not work here",
);
for (const client of chosen) {
  say(`\n${client.host}: ${client.package} ${client.version} on ${process.platform} ${process.arch}`);
  const problem = problems[client.host] ?? startProblem(client);
  if (problem !== null) {
    say(`  FAIL does not start here: ${problem}`);
    failed.push(client.host);
    continue;
  }
  for (const { name, judge } of CASES) {
    const start = Date.now();
    const { problem: wrong, read, tries } = await judged(judge, client);
    (wrong === null ? passed : failed).push(name);
    say(
      wrong === null
        ? `  pass ${name} (${seconds(start)} s${tries === 1 ? "" : `, try ${tries}`})`
        : `  FAIL ${name} (${seconds(start)} s): ${wrong}`,
    );
    if (read !== "") say(`       the model read: ${shortened(read)}`);
  }
}
say(`\n${passed.length} passed, ${failed.length} failed`);
if (logFile !== undefined) writeFileSync(logFile, `${lines.join("\n")}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function startProblem({ program, version }) {
  const { status, stdout = "", error } = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 60_000 });
  if (error !== undefined) return error.message;
  if (status !== 0) return `\`--version\` ended with ${status}`;
  return stdout.includes(version) ? null : `it says it is ${stdout.trim()}`;
}

/** One line; paths of this machine say nothing. */
function shortened(text) {
  const place = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
  const plain = text.replaceAll(place, "…");
  return plain.length > 700 ? `${plain.slice(0, 700)}…` : plain;
}

function seconds(start) {
  return ((Date.now() - start) / 1000).toFixed(1);
}

/**
 * On a busy machine a client may ask its model before our server has started, and offers none of our tools: that is tried
 * again, and said.
 */
async function judged(judge, client) {
  for (let tries = 1; ; tries += 1) {
    const ended = await judge(client).catch((error) => ({ problem: String(error), read: "", isOffered: true }));
    if (ended.problem === null || ended.isOffered !== false || tries === 3) return { ...ended, tries };
  }
}
