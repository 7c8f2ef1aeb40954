/** A project, a home and a record of its own for one client, and what is done in it. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startModel } from "./model.mjs";

const COMMAND = fileURLToPath(new URL("../../dist/agent-run.cjs", import.meta.url));
const WORK = fileURLToPath(new URL("../../.eval-hosts/work", import.meta.url));
/** Milliseconds; a client that takes longer is killed with all that it started. */
const PATIENCE = 120_000;

/** Stands in no file of the project but the local-only one, and in nothing that a plan says. */
export const SECRET = "tangerine-7f3a91c4-observatory";
export const OPEN = "the harbour opens at nine";

/** No jail: the clients are in one themselves, and jails in jails are not what is tried here. No script starts a command. */
const POLICY = `version = 1
inherits = ["secure-defaults"]

[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
local_only_read = ["private/**"]

[subprocess]
allow_commands = ["cat"]
sandbox = "none"
accept_unsandboxed_commands = true
`;

export function makeWorld(client, name) {
  const base = join(WORK, `${client.host}-${name}`);
  rmSync(base, { recursive: true, force: true });
  const [project, home] = [join(base, "project"), join(base, "home")];
  for (const directory of [join(project, "data"), join(project, "private"), home])
    mkdirSync(directory, { recursive: true });
  writeFileSync(join(project, "agent-run.toml"), POLICY);
  writeFileSync(join(project, "data/hours.txt"), OPEN);
  writeFileSync(join(project, "private/token.txt"), SECRET);
  return { client, base, project, home };
}

/** Runs the client once over a plan: what the model was sent, what our record holds, how the client ended. */
export async function drive(world, plan, { before = async () => {} } = {}) {
  const model = await startModel(plan);
  const environment = {
    HOME: world.home,
    PATH: `${world.client.program.slice(0, world.client.program.lastIndexOf("/"))}:${process.env.PATH}`,
    TERM: "dumb",
    LANG: "C.UTF-8",
    ...world.client.environment({ ...world, model: model.url }),
  };
  const all = { ...world, environment, model: model.url, wrapped };
  try {
    world.client.prepare(all);
    await before(all);
    const ended = await start(all, wrapped([world.client.program, ...world.client.words]));
    return {
      ...ended,
      requests: model.requests,
      left: model.left(),
      records: recordsOf(world),
      leaks: leaksOf(world, model),
    };
  } finally {
    await model.close();
  }
}

/** Our command, as a person would call it in the project. */
export function agentRun(world, ...words) {
  return start(world, [process.execPath, COMMAND, ...words]);
}

/** All that a client starts dies with it: it has a namespace of processes of its own, where the system can make one. */
const wrapped = (words) =>
  process.env.EVAL_HOSTS_INSIDE === "1"
    ? ["bwrap", "--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--die-with-parent", "--", ...words]
    : words;

function start({ project, environment, home }, [program, ...words]) {
  const env = environment ?? { HOME: home, PATH: process.env.PATH };
  const child = spawn(program, words, { cwd: project, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      texts[name] += text;
    });
  }
  const stop = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it is gone
    }
  };
  return new Promise((resolve) => {
    let isLate = false;
    const clock = setTimeout(() => {
      isLate = true;
      stop();
    }, PATIENCE);
    child.on("error", (error) => resolve({ exit: error.message, ...texts }));
    child.on("close", (code, signal) => {
      clearTimeout(clock);
      stop();
      resolve({ exit: isLate ? "killed: it took too long" : (code ?? signal), ...texts });
    });
  });
}

/** Every line of every record of the run. */
function recordsOf({ home }) {
  const directory = join(home, ".local/state/agent-run/runs");
  return filesBelow(directory)
    .filter((path) => path.endsWith(".jsonl"))
    .flatMap((path) => readFileSync(path, "utf8").trim().split("\n"))
    .map((line) => JSON.parse(line));
}

/** Where the secret stands that should stand nowhere: files of the client and of ours, and what the model was sent. */
function leaksOf({ home, project }, { requests }) {
  const own = join(project, "private/token.txt");
  const files = [...filesBelow(home), ...filesBelow(project)].filter((path) => path !== own);
  return [
    ...files.filter((path) => readFileSync(path).includes(SECRET)),
    ...requests.filter(({ text }) => text.includes(SECRET)).map(({ path }) => `request ${path}`),
  ];
}

function filesBelow(directory) {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
      .map((name) => join(directory, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  } catch {
    return [];
  }
}
