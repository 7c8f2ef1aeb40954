/** Plays one example: its servers on free ports, its files in a temporary project and home, and the built command. */
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STORIES } from "./stories.mjs";

const COMMAND = fileURLToPath(new URL("../dist/agent-run.cjs", import.meta.url));

/** `{ code, stdout, stderr, happened }`, with the ports that the example's files name. */
export async function play(name) {
  const story = STORIES[name];
  const place = makePlace(name);
  const running = [];
  try {
    story.prepare(place);
    for (const { port, start } of story.servers(place)) running.push({ port, server: await start() });
    for (const { port, server } of running) renumber(place.project, port, server.port);
    const ended = await run(place, story.env);
    const named = (text) => running.reduce((all, one) => all.replaceAll(`:${one.server.port}`, `:${one.port}`), text);
    return { code: ended.code, stdout: named(ended.stdout), stderr: named(ended.stderr), happened: story.look(place) };
  } finally {
    await Promise.all(running.map(({ server }) => server.close()));
    rmSync(place.base, { recursive: true, force: true });
  }
}

function makePlace(name) {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-example-")));
  const [project, home, state] = ["project", "home", "state"].map((folder) => join(base, folder));
  for (const folder of [project, home]) mkdirSync(folder);
  for (const file of ["policy.toml", "script.js"])
    cpSync(fileURLToPath(new URL(`${name}/${file}`, import.meta.url)), join(project, file));
  return { base, project, home, state };
}

/** The ports that the files name may be taken. */
function renumber(project, from, to) {
  for (const file of readdirSync(project).filter((one) => /\.(toml|js)$/.test(one))) {
    const path = join(project, file);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(`:${from}`, `:${to}`));
  }
}

function run({ project, home, state }, more) {
  const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: state, ...more };
  const child = spawn(process.execPath, [COMMAND, "--policy", "policy.toml", "script.js"], { cwd: project, env });
  child.stdin.end();
  const texts = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      texts[stream] += text;
    });
  }
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...texts })));
}
