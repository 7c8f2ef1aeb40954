/*
 * Globals that each run fills anew (args, input), and process as far as a script in a box has one: no signals, no clock,
 * no exit. What is missing on purpose says what to do instead.
 */

const { take } = kernel;

const PROGRAM = "agent-run";
const stream = (name) => ({
  write: kernel.native("write", 1, (chunk) => {
    kernel.write(kernel.encoding.toText(kernel.encoding.toBytes(chunk, undefined, `process.${name}.write`), "utf8"));
    return true;
  }),
  isTTY: false,
});

/** Ends the run at once; nothing of the script runs after it. */
const exit = (code = undefined) => {
  const number = Number(code ?? exitCode ?? 0);
  kernel.call("exit", { code: Number.isInteger(number) ? number : 1 });
};

const nextTick = (callback, ...values) => {
  if (typeof callback !== "function") return take.wrong("process.nextTick", "callback", "a function", callback);
  kernel.queueMicrotask(() => Reflect.apply(callback, undefined, values));
};

const process = {
  get argv() {
    return argv;
  },
  get env() {
    return kernel.environment();
  },
  /** What `exit` without a number ends with; a run that ends by itself has ended well. */
  get exitCode() {
    return exitCode;
  },
  set exitCode(code) {
    exitCode = code;
  },
  platform: "linux",
  versions: {},
  stdout: stream("stdout"),
  stderr: stream("stderr"),
  cwd: kernel.native("cwd", 0, () => kernel.cwd()),
  exit: kernel.native("exit", 1, exit),
  nextTick: kernel.native("nextTick", 1, nextTick),
};

let argv = [];
let exitCode;
kernel.onStart(() => {
  exitCode = undefined;
  argv = [PROGRAM, "script", ...kernel.setup.args];
  kernel.define("args", kernel.setup.args);
  kernel.define("input", kernel.setup.input);
});

/** A clock that stands still: differences are 0, as those of Date.now() (SAME-AGAIN). */
const performance = { now: kernel.native("now", 0, () => 0), timeOrigin: 0 };

const os = {
  EOL: "\n",
  platform: kernel.native("platform", 0, () => "linux"),
  homedir: kernel.native("homedir", 0, () => "~"),
  tmpdir: kernel.native("tmpdir", 0, () => "/tmp"),
};

kernel.define("process", process);
kernel.define("performance", performance);
kernel.addModule("process", process);
kernel.addModule("perf_hooks", { performance });
kernel.addModule("os", os);
