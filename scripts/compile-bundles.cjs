/**
 * Writes V8's compiled code of command.cjs and worker.cjs beside them: loads both as the product does, runs a script that
 * uses what scripts use, and keeps what was compiled by then. Called by the build, with the directory of the bundles.
 */
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Script } = require("node:vm");
const { isMainThread, MessagePort, Worker, workerData } = require("node:worker_threads");

const POLICY = `version = 1
inherits = ["secure-defaults"]
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
[environment]
allow_vars = ["LANG"]
`;
const SCRIPT = `const text = fs.read("data/a.txt");
fs.write("out/b.txt", JSON.stringify({ text, lang: env.read("LANG"), files: fs.list("data") }));
try { fs.read("secret"); } catch (error) { print(error.code); }
print(text);
return args;
`;

/** As packages/runtime/src/bundle.ts does. */
function load(directory, name) {
  const file = join(directory, name);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "utf8")}\n})`;
  const script = new Script(text, { filename: file });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, directory);
  return { keep: () => writeFileSync(`${file}.cache`, script.createCachedData()), exports: module.exports };
}

async function commandSide(directory) {
  const playground = mkdtempSync(join(tmpdir(), "agent-run-build-"));
  const at = (name) => join(playground, name);
  mkdirSync(at("data"));
  mkdirSync(at("out"));
  for (const [name, text] of Object.entries({ "p.toml": POLICY, "s.js": SCRIPT, "data/a.txt": "a" })) {
    writeFileSync(at(name), text);
  }
  process.env.LANG = "C";
  const settings = { oneShot: true, directory };
  const thread = new Worker(__filename, { workerData: settings, env: {}, resourceLimits: { stackSizeMb: 32 } });
  const { keep, exports } = load(directory, "command.cjs");
  const code = await exports.commandLine(
    ["--quiet", "--policy", at("p.toml"), "--audit", at("record"), at("s.js")],
    thread,
  );
  rmSync(playground, { recursive: true });
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  keep();
}

/** The end of the run is the last thing that a worker tells. */
function workerSide({ directory }) {
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.kind === "end") bundle.keep();
    return postMessage.call(this, message, ...rest);
  };
  const bundle = load(directory, "worker.cjs");
}

if (isMainThread) void commandSide(process.argv[2]);
else workerSide(workerData);
