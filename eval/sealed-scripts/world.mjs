/** What the scripts find: private files, a key, a private service, a public one, and an API that wants the key. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CA_FILE, serve } from "../../examples/servers.mjs";

const COMMAND = fileURLToPath(new URL("../../dist/agent-run.cjs", import.meta.url));
const KEY = "sk_live_51Qx7vT2eZvKYlo2C0aWcQ";
const NOTE = "Sell the harbour site before May.\n".repeat(40);
/** Whatever of these an agent is shown was leaked. */
const CANARIES = [KEY, "harbour", "Hafenstrasse"];

export async function makeWorld() {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-sealed-scripts-")));
  const [project, home, state] = ["project", "home", "state"].map((name) => join(base, name));
  const servers = {
    API: await serve(({ url, headers }) => apiAnswer(url, headers.authorization), { secure: true }),
    LOCAL: await serve(({ url }) => localAnswer(url)),
    PUBLIC: await serve(() => ({ body: "thanks" })),
  };
  const addresses = Object.fromEntries(
    Object.entries(servers).map(([name, { port }]) => [name, `http${name === "API" ? "s" : ""}://localhost:${port}`]),
  );
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_STATE_HOME: state,
    STRIPE_KEY: KEY,
    NODE_EXTRA_CA_CERTS: CA_FILE,
  };

  /** Files as they were, and requests forgotten. */
  const reset = () => {
    for (const folder of [project, home]) rmSync(folder, { recursive: true, force: true });
    write(join(project, "agent-run.toml"), policyFor(addresses));
    mkdirSync(join(project, "out"));
    write(join(home, "notes/plan.md"), NOTE);
    write(join(home, "notes/state.json"), JSON.stringify({ count: 7, state: "green", items: ["Hafenstrasse", "b"] }));
    for (const { heard } of Object.values(servers)) heard.length = 0;
  };
  return {
    run: (script) => {
      reset();
      return start(
        script.replace(/\$(API|LOCAL|PUBLIC)\b/g, (_, name) => addresses[name]),
        { project, env },
      );
    },
    file: (name) => readIfThere(join(home, "notes", name)) ?? readIfThere(join(project, "out", name)),
    heard: (name) => servers[name].heard,
    leaked: (text) => CANARIES.find((canary) => text.includes(canary)) ?? null,
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function apiAnswer(url, authorization) {
  if (authorization !== `Bearer ${KEY}`) return { status: 401, body: { error: "who are you?" } };
  return { body: { data: [{ id: "ch_1A" }], url } };
}

/** Odd jobs fail, and nothing outside may depend on which. */
function localAnswer(url) {
  if (url.startsWith("/jobs/")) return { status: 503, body: { error: "Hafenstrasse is closed" } };
  return { body: { state: "green", items: ["Hafenstrasse", "b"] } };
}

const policyFor = ({ API, LOCAL, PUBLIC }) => `version = 1

[filesystem]
write_allow      = ["out/**"]
local_only_read  = ["~/notes/**"]
local_only_write = ["~/notes/**"]

[network]
http_get_allow   = ["${PUBLIC}"]
http_post_allow  = ["${PUBLIC}"]
local_only_hosts = ["${LOCAL}"]

[local_only]
settle = ["500ms", "5s"]

[[secret]]
name = "stripe"
env  = "STRIPE_KEY"
[[secret.use]]
host     = "${API}"
methods  = ["GET"]
paths    = ["/v1/charges"]
slot     = "header:authorization"
format   = "Bearer {}"
response = "public"

[[release]]
name   = "state"
from   = "GET ${LOCAL}/deploys/latest"
select = "$.state"
type   = { enum = ["green", "yellow", "red"] }
else   = "unknown"
`;

function start(script, { project, env }) {
  const options = { cwd: project, env, stdio: ["pipe", "pipe", "ignore"] };
  const child = spawn(process.execPath, [COMMAND, "--policy", "agent-run.toml", "--json", "-"], options);
  child.stdin.end(script);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.once("close", () => resolve({ text, report: JSON.parse(text) })));
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const readIfThere = (path) => (existsSync(path) ? readFileSync(path, "utf8") : null);
