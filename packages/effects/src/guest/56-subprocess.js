/*
 * subprocess.exec: runs a command from an array of arguments, never through a shell, so nothing in an argument is ever
 * code. A command that fails is a result like any other, unless `check: true` asks for an error.
 */

const { bytes, seals, take } = kernel;
const OPTIONS = ["cwd", "stdin", "env", "timeoutMs", "check"];
const SHOWN_LINES = 5;

/** Words of a command line without any mark that a shell would read; else undefined. */
const plainWords = (line) => (/^[\w./:=@+,-]+( +[\w./:=@+,-]+)*$/.test(line) ? line.split(/ +/) : undefined);

/** What to write instead of a command line. */
const asArray = (line) => {
  const words = plainWords(line) ?? ["command", "argument", "argument"];
  return JSON.stringify(words);
};

const argvOf = (argv) => {
  if (typeof argv === "string") {
    const hint = `there is no shell: pass an array, subprocess.exec(${asArray(argv)})`;
    return take.wrong("subprocess.exec", "argv", "an array of strings", argv, hint);
  }
  const words = take.strings(
    argv,
    "subprocess.exec",
    "argv",
    "pass every argument as a string, String(n) for a number",
  );
  return words.length > 0
    ? words
    : take.refuse("`argv` of `subprocess.exec` is empty: its first element is the command");
};

const stdinOf = (stdin, call) => {
  if (stdin === undefined || typeof stdin === "string") return stdin;
  if (seals.is(stdin)) return seals.token(stdin);
  const view = bytes.view(stdin);
  if (view === null) return take.wrong(call, "stdin", "a string", stdin);
  return bytes.utf8Decode(view, () => take.refuse(`\`stdin\` of \`${call}\` must be text; these bytes are not UTF-8`));
};

const exec = (argv, options = undefined) => {
  const call = "subprocess.exec";
  const words = argvOf(argv);
  const { cwd, stdin, env, timeoutMs, check } = take.options(options, call, OPTIONS);
  const mustSucceed = take.optionalFlag(check, call, "check") === true;
  const result = kernel.call(call, {
    argv: words,
    cwd: cwd === undefined ? undefined : take.path(cwd, call, "cwd"),
    stdin: stdinOf(stdin, call),
    env: env === undefined ? undefined : Object.fromEntries(take.entries(env, call, "env")),
    timeoutMs: take.optionalMilliseconds(timeoutMs, call, "timeoutMs"),
  });
  // Of a sealed result nobody here knows whether the command failed.
  if (seals.is(result)) return result;
  if (mustSucceed && result.exitCode !== 0) return kernel.commandFailed(words, result);
  return result;
};

/** Throws E_EXEC; the error also has `exitCode`, `stdout` and `stderr`. */
kernel.commandFailed = (argv, result) => {
  const command = take.shown(argv.join(" "));
  const said = result.stderr.trim().split("\n").slice(0, SHOWN_LINES).join("\n");
  const how = result.signal ? `was ended by ${result.signal}` : `ended with exit code ${result.exitCode}`;
  const error = kernel.makeError("E_EXEC", `\`${command}\` ${how}${said === "" ? "" : `: ${take.shown(said, 500)}`}`, {
    capability: "subprocess.exec",
    target: argv.join(" "),
    hint: "read `exitCode` and `stderr` of the error, or leave out `check` to get them as a result",
  });
  const { exitCode, stdout, stderr } = result;
  throw Object.assign(error, { exitCode, stdout, stderr });
};

kernel.asArray = asArray;
kernel.plainWords = plainWords;
kernel.subprocess = { exec: kernel.native("exec", 1, exec) };
kernel.define("subprocess", kernel.subprocess);
