/**
 * Writes V8's compiled code of command.cjs, hook.cjs, worker.cjs and vault.cjs beside them: loads them as the product does, runs
 * scripts that use what scripts use, and keeps what was compiled by then. Called by the build, with the directory of the
 * bundles.
 */
const childProcess = require("node:child_process");
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

const HOOK_POLICY = `${POLICY.replace('["secure-defaults"]', '["secure-defaults", "node"]')}
[subprocess]
allow_commands = ["git", "head"]
`;

/** A second run, for the vault alone: what every run compiles has nothing of it. */
const SEALED_POLICY = `version = 1
[filesystem]
local_only_read = ["data/**"]
local_only_write = ["data/**"]
[environment]
local_only_vars = ["KEY"]
[local_only]
profile = "relaxed"
`;
const SEALED_SCRIPT = `const { key } = JSON.parse(env.read("KEY"));
fs.write("data/b.txt", fs.read("data/a.txt") + key);
seal.settle();
`;

/** The compiled script of a file that is loaded from now on. */
function spyOnScripts(name) {
  const vm = require("node:vm");
  let found;
  vm.Script = class extends Script {
    constructor(text, options) {
      super(text, options);
      if (options.filename.endsWith(name)) found = this;
    }
  };
  return () => found;
}

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
  const { keep, code } = await ran(directory, POLICY, SCRIPT, true);
  if (code !== 0) throw new Error(`the run ended with ${code}`);
  keep();
  const { status } = childProcess.spawnSync(process.execPath, [__filename, directory, "sealed"], { stdio: "inherit" });
  if (status !== 0) throw new Error(`the sealed run ended with ${status}`);
  hookSide(directory);
}

/** A call of a shell, by a process of its own, as hosts start it: it takes the most of the code. */
function hookSide(directory) {
  const playground = mkdtempSync(join(tmpdir(), "agent-run-build-"));
  const policy = join(playground, "p.toml");
  writeFileSync(policy, HOOK_POLICY);
  const input = JSON.stringify({
    hook_event_name: "PreToolUse",
    tool_name: "Bash",
    tool_input: { command: 'cd data && git log "$LANG" | head -3 > ../out/b.txt; FOO=1 rg x a.txt' },
    cwd: playground,
  });
  const words = [__filename, directory, "hook", policy];
  const { status, stdout } = childProcess.spawnSync(process.execPath, words, { input, encoding: "utf8" });
  rmSync(playground, { recursive: true });
  if (status !== 0 || !stdout.includes("permissionDecision")) throw new Error("the hook did not answer");
}

/** The grammar is loaded by the hook, so what is kept of it is what `Script` was asked to compile. */
async function hookAnswers(directory, policy) {
  const { keep, exports } = load(directory, "hook.cjs");
  const grammar = spyOnScripts("unbash.cjs");
  const code = await exports.hookLine(["claude-code", "--policy", policy]);
  keep();
  writeFileSync(join(directory, "unbash.cjs.cache"), grammar().createCachedData());
  process.exitCode = code;
}

/** Its vault is this file, too. */
async function sealedSide(directory) {
  const { spawn } = childProcess;
  childProcess.spawn = (file, words, options) => {
    const own = words.flatMap((word) =>
      word.endsWith("vault-process.cjs") ? [__filename, directory, "vault"] : [word],
    );
    return spawn(file, own, options);
  };
  process.env.KEY = '{"key":"k"}';
  const { code } = await ran(directory, SEALED_POLICY, SEALED_SCRIPT, false);
  if (code !== 0) throw new Error(`the run ended with ${code}`);
}

async function ran(directory, policy, script, keeps) {
  const playground = mkdtempSync(join(tmpdir(), "agent-run-build-"));
  const at = (name) => join(playground, name);
  mkdirSync(at("data"));
  mkdirSync(at("out"));
  process.env.HOME = at("home");
  for (const [name, text] of Object.entries({ "p.toml": policy, "s.js": script, "data/a.txt": "a" })) {
    writeFileSync(at(name), text);
  }
  process.env.LANG = "C";
  const settings = { oneShot: true, directory, keeps };
  const thread = new Worker(__filename, { workerData: settings, env: {}, resourceLimits: { stackSizeMb: 32 } });
  const { keep, exports } = load(directory, "command.cjs");
  const code = await exports.commandLine(
    ["--quiet", "--policy", at("p.toml"), "--audit", at("record"), at("s.js")],
    thread,
  );
  rmSync(playground, { recursive: true });
  return { keep, code };
}

function vaultSide(directory) {
  const { keep } = load(directory, "vault.cjs");
  process.once("exit", keep);
}

/** The end of the run is the last thing that a worker tells. */
function workerSide({ directory, keeps }) {
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.kind === "end" && keeps) bundle.keep();
    return postMessage.call(this, message, ...rest);
  };
  const bundle = load(directory, "worker.cjs");
}

const [, , directory, part, file] = process.argv;
if (!isMainThread) workerSide(workerData);
else if (part === "vault") vaultSide(directory);
else if (part === "hook") void hookAnswers(directory, file);
else void (part === "sealed" ? sealedSide(directory) : commandSide(directory));
