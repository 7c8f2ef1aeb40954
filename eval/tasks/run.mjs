/** Runs the ten tasks through the built command and prints one line each and the totals. Exit 1 if one fails. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TASKS } from "./tasks.mjs";

const COMMAND = fileURLToPath(new URL("../../dist/agent-run.cjs", import.meta.url));
const CANARY = "canary-7f3a";

const world = await makeWorld();
let failed = 0;
for (const task of TASKS) {
  const problem = await judge(task);
  if (problem !== null) failed += 1;
  console.log(`${problem === null ? "pass" : "FAIL"} ${task.name}${problem === null ? "" : `: ${problem}`}`);
}
await world.close();
console.log(`${TASKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** What is wrong with a task's outcome, or null. */
async function judge({ script, expect, happened }) {
  const { report, text } = await run(script(world));
  if (text.includes(CANARY)) return "a secret is in the report";
  if (report.exitCode !== expect.exitCode) return `exit ${report.exitCode}: ${JSON.stringify(report.error)}`;
  if (expect.code !== undefined && report.error?.code !== expect.code) return `code ${report.error?.code}`;
  const { stdout } = expect;
  const printed =
    stdout === undefined || (stdout instanceof RegExp ? stdout.test(report.stdout) : stdout === report.stdout);
  if (!printed) return `printed ${JSON.stringify(report.stdout)}`;
  return happened?.(world) ?? null;
}

function run(script) {
  const options = { cwd: world.project, env: world.env, stdio: ["pipe", "pipe", "inherit"] };
  const child = spawn(process.execPath, [COMMAND, "--policy", "agent-run.toml", "--json", "-"], options);
  child.stdin.end(script);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.once("close", () => resolve({ text, report: JSON.parse(text) })));
}

/** A project with a remote, a home without anything in it, and a server. */
async function makeWorld() {
  const base = mkdtempSync(join(tmpdir(), "agent-run-tasks-"));
  const [project, home, remote] = ["project", "home", "remote.git"].map((name) => join(base, name));
  for (const folder of [project, home, join(project, "keep"), join(project, "tmp")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(project, "hostname"), "build-7\n");
  writeFileSync(join(project, "keep/me.txt"), "keep");
  const git = (...args) => execFileSync("git", args, { cwd: project, encoding: "utf8", env: gitEnv(home) }).trim();
  execFileSync("git", ["init", "-q", "--bare", remote]);
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  git("remote", "add", "origin", remote);
  git("push", "-q", "origin", "HEAD:main");
  const head = git("rev-parse", "HEAD");
  git("commit", "-q", "--amend", "-m", "rewritten");
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end("Keep it logically awesome.");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  writeFileSync(join(project, "agent-run.toml"), policyFor(server.address().port));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    USER: "ada",
    AWS_SECRET_ACCESS_KEY: CANARY,
    XDG_STATE_HOME: join(base, "state"),
  };
  const remoteHead = () => execFileSync("git", ["--git-dir", remote, "rev-parse", "main"], { encoding: "utf8" }).trim();
  const close = async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(base, { recursive: true });
  };
  return { project, home, url, requests, env, head, remoteHead, close };
}

function gitEnv(home) {
  const who = { NAME: "ada", EMAIL: "ada@example.com" };
  const author = { GIT_AUTHOR_NAME: who.NAME, GIT_AUTHOR_EMAIL: who.EMAIL };
  return {
    PATH: process.env.PATH,
    HOME: home,
    ...author,
    GIT_COMMITTER_NAME: who.NAME,
    GIT_COMMITTER_EMAIL: who.EMAIL,
  };
}

/** Commands are open here, so that the tasks judge the policy and not whether this machine has a jail. */
function policyFor(port) {
  return `version = 1
inherits = ["secure-defaults"]
[filesystem]
read_allow = ["**"]
write_allow = ["tmp/**"]
[network]
http_get_allow = ["http://127.0.0.1:${port}"]
[environment]
allow_vars = ["USER", "HOME", "PATH"]
[subprocess]
allow_commands = ["git", "date", "uname"]
sandbox = "none"
[subprocess.deny_args]
git = ["push --force", "reset --hard"]
`;
}
