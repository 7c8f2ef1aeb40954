/*
 * Node's child_process over subprocess.exec. Only the forms with an array of arguments exist: there is no shell, so a
 * command line has nobody to read it.
 */

const { encoding, seals, subprocess, take } = kernel;
const OPTIONS = ["cwd", "input", "env", "timeout", "encoding", "shell", "stdio"];

const noShell = (call, line) => {
  const words =
    typeof line === "string" ? (kernel.plainWords(line) ?? ["command", "argument"]) : ["command", "argument"];
  const [command, ...rest] = words;
  return kernel.throwError("E_ARGUMENT", `\`child_process.${call}\` needs a shell, and there is none`, {
    capability: "subprocess.exec",
    hint: `pass the arguments as an array: execFileSync(${JSON.stringify(command)}, ${JSON.stringify(rest)})`,
  });
};

/** (file, args?, options?) of Node to a result of subprocess.exec. */
const run = (call, file, second, third) => {
  const command = take.text(file, `child_process.${call}`, "file");
  const isList = Array.isArray(second) || second === undefined || second === null;
  const words = Array.isArray(second) ? take.strings(second, `child_process.${call}`, "args") : [];
  const options = take.pick((isList ? third : second) ?? {}, OPTIONS);
  if (options.shell) return noShell(call, [command, ...words].join(" "));
  const argv = [command, ...words];
  const { cwd, input, env, timeout } = options;
  const result = subprocess.exec(argv, {
    cwd,
    stdin: input,
    env: env === kernel.environment() ? undefined : env,
    timeoutMs: timeout === 0 ? undefined : timeout,
  });
  // What a script's child would inherit is where the script prints.
  if (inherits(options.stdio, 1)) kernel.write(result.stdout);
  if (inherits(options.stdio, 2)) kernel.write(result.stderr);
  return { argv, result, encoding: options.encoding };
};

const inherits = (stdio, index) => stdio === "inherit" || (Array.isArray(stdio) && stdio[index] === "inherit");

/** Text where an encoding was asked for, else a Buffer, as in Node. */
const output = (text, wanted) => {
  if (seals.is(text)) return text;
  if (wanted === "utf8" || wanted === "utf-8") return text;
  const bytes = encoding.toBytes(text, "utf8", "child_process");
  return wanted === undefined || wanted === null || wanted === "buffer"
    ? kernel.asBuffer(bytes)
    : encoding.toText(bytes, wanted, "child_process");
};

const execFileSync = (file, args = undefined, options = undefined) => {
  const { argv, result, encoding: wanted } = run("execFileSync", file, args, options);
  if (seals.is(result) || result.exitCode === 0) return output(result.stdout, wanted);
  try {
    return kernel.commandFailed(argv, result);
  } catch (error) {
    throw Object.assign(error, { status: result.exitCode, signal: result.signal ?? null });
  }
};

const spawnSync = (file, args = undefined, options = undefined) => {
  const { result, encoding: wanted } = run("spawnSync", file, args, options);
  const stdout = output(result.stdout, wanted);
  const stderr = output(result.stderr, wanted);
  if (seals.is(result)) {
    return { status: result.exitCode, signal: result.signal, stdout, stderr, output: [null, stdout, stderr] };
  }
  const signal = result.signal ?? null;
  return { status: signal === null ? result.exitCode : null, signal, stdout, stderr, output: [null, stdout, stderr] };
};

const asText = (options) =>
  typeof options === "object" && options !== null
    ? { encoding: "utf8", ...take.pick(options, OPTIONS) }
    : { encoding: "utf8" };

const execFileAsync = async (file, args = undefined, options = undefined) => {
  const isList = Array.isArray(args) || args === undefined || args === null;
  const { argv, result } = run("execFile", file, isList ? args : [], asText(isList ? options : args));
  if (!seals.is(result) && result.exitCode !== 0) return kernel.commandFailed(argv, result);
  return { stdout: result.stdout, stderr: result.stderr };
};

const execFile = (...values) => {
  const callback = typeof values[values.length - 1] === "function" ? values.pop() : undefined;
  if (callback === undefined) {
    return take.refuse(
      "`child_process.execFile` needs a callback",
      "use execFileSync(file, args), which returns the output",
    );
  }
  Reflect.apply(execFileAsync, undefined, values).then(
    ({ stdout, stderr }) => callback(null, stdout, stderr),
    (error) => callback(error, error.stdout ?? "", error.stderr ?? ""),
  );
  return undefined;
};
Object.defineProperty(execFile, Symbol.for("nodejs.util.promisify.custom"), {
  value: kernel.native("execFile", 2, execFileAsync),
});

const noProcess = (name) =>
  kernel.native(name, 1, () =>
    kernel.throwError("E_SUBSET", `\`child_process.${name}\` is not there: a command runs to its end`, {
      hint: "use subprocess.exec([command, ...args], { stdin })",
    }),
  );

kernel.addModule("child_process", {
  execFileSync: kernel.native("execFileSync", 3, execFileSync),
  spawnSync: kernel.native("spawnSync", 3, spawnSync),
  execFile: kernel.native("execFile", 4, execFile),
  exec: kernel.native("exec", 2, (line) => noShell("exec", line)),
  execSync: kernel.native("execSync", 2, (line) => noShell("execSync", line)),
  spawn: noProcess("spawn"),
  fork: noProcess("fork"),
});
