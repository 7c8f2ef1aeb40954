/**
 * `npm run eval:inspector`: the MCP Inspector's command line against the built server, over stdio and over HTTP. It
 * installs the Inspector (110 MB, no install scripts) into this folder, hence is not part of the tests. Prints a line a
 * check; exit 1 if one fails.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const INSPECTOR = here("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");
const COMMAND = here("../../dist/agent-run.cjs");

const place = mkdtempSync(join(tmpdir(), "agent-run-inspector-"));
const policy = join(place, "agent-run.toml");
mkdirSync(join(place, "data"));
writeFileSync(join(place, "data/a.txt"), "alpha");
writeFileSync(
  policy,
  'version = 1\n[filesystem]\nread_allow = ["data/**"]\n[tools.search]\ncapabilities = ["fs.read"]\n',
);
const env = { PATH: process.env.PATH, HOME: place, XDG_STATE_HOME: join(place, "state") };
const SERVE = [COMMAND, "mcp", "--policy", policy];

const server = spawn(process.execPath, [...SERVE, "--http", "0"], { env, stdio: ["ignore", "inherit", "pipe"] });
const [url, tokenFile] = await new Promise((resolve, reject) => {
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
    const found = /serving (\S+); its bearer token is in (.+)\n/.exec(said);
    if (found !== null) resolve([found[1], found[2]]);
  });
  server.once("exit", () => reject(new Error(said)));
});
const token = readFileSync(tokenFile, "utf8").trim();

const WAYS = [
  ["stdio", [process.execPath, ...SERVE]],
  ["HTTP", [url, "--transport", "http", "--header", `Authorization: Bearer ${token}`]],
];
const LISTED = ["run", "check", "explain", "policy", "fs_read", "fs_list", "tool_routing"];
const call = (tool, ...given) => ["tools/call", "--tool-name", tool, ...given.flatMap((one) => ["--tool-arg", one])];
const CHECKS = [
  [
    "lists its tools, and no schema is one that hosts refuse",
    ["tools/list", "--strict"],
    ({ tools }) => tools.map(({ name }) => name).join() === LISTED.join(),
  ],
  ["runs a script", call("run", "script=return 6 * 7"), ({ structuredContent: { value } }) => value === 42],
  ["reads a file", call("fs_read", "path=data/a.txt"), ({ content: [{ text }] }) => text === "alpha"],
  [
    "is refused by the policy, with a hint",
    call("fs_read", "path=other"),
    ({ isError, structuredContent: { error } }) => isError && error.code === "E_POLICY_DENIED" && error.hint !== "",
  ],
  [
    "asks what a call would get",
    call("explain", "call=fs.read data/x"),
    ({ content }) => content[0].text.startsWith("allow"),
  ],
  ["lists resources", ["resources/list"], ({ resources }) => resources[0].uri === "agent-run://policy"],
  ["lists templates", ["resources/templates/list"], ({ resourceTemplates }) => resourceTemplates.length === 1],
  [
    "reads the policy",
    ["resources/read", "--uri", "agent-run://policy"],
    ({ contents: [{ text }] }) => text.includes("fs.read  data/**") && !text.includes(place),
  ],
];

let failed = 0;
for (const [way, target] of WAYS) {
  for (const [title, method, holds] of CHECKS) {
    const args = [INSPECTOR, "--cli", ...target, "--method", ...method];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { env, cwd: place, encoding: "utf8" });
    const isGood = holdsFor(holds, stdout);
    if (!isGood) failed += 1;
    console.log(`${isGood ? "ok    " : "FAILED"} ${way}: ${title}`);
    if (!isGood) console.log(`exit ${status}\n${stdout}\n${stderr}`);
  }
}
server.kill();
rmSync(place, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;

function holdsFor(holds, stdout) {
  try {
    const told = JSON.parse(stdout);
    return holds(told.result ?? told);
  } catch {
    return false;
  }
}
