/*
 * print and console. A line goes to the host as one text with its level; all of it is what the script printed, so all
 * of it is standard output. `console.time` shows no durations, as there is no clock in a run (SAME-AGAIN).
 */

const { format, inspect, take } = kernel;

let indent = "";
let counts = new Map();
let timers = new Map();
kernel.onStart(() => {
  indent = "";
  counts = new Map();
  timers = new Map();
});

const send = (text, level) => {
  kernel.call("print", { text, level });
};

const line = (level, text) => send(`${indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`)}\n`, level);

const printer = (name, level) => kernel.native(name, 0, (...values) => line(level, format(...values)));

const label = (value) => (value === undefined ? "default" : `${value}`);

const console = {
  log: printer("log", "log"),
  info: printer("info", "info"),
  debug: printer("debug", "debug"),
  warn: printer("warn", "warn"),
  error: printer("error", "error"),

  assert(condition = undefined, ...values) {
    if (condition) return;
    if (typeof values[0] === "string") line("warn", format(`Assertion failed: ${values[0]}`, ...values.slice(1)));
    else line("warn", values.length === 0 ? "Assertion failed" : format("Assertion failed", ...values));
  },

  dir(value = undefined, options = undefined) {
    line("log", inspect(value, { customInspect: false, ...take.pick(options ?? {}, ["depth", "showHidden"]) }));
  },

  dirxml(...values) {
    line("log", format(...values));
  },

  trace(...values) {
    const error = new Error(format(...values));
    error.name = "Trace";
    line("error", inspect(error).replace(/^\[(Trace.*)\]$/s, "$1"));
  },

  table(data = undefined, columns = undefined) {
    line("log", kernel.table(data, columns) ?? format(data));
  },

  group(...values) {
    if (values.length > 0) line("log", format(...values));
    indent += "  ";
  },

  groupEnd() {
    indent = indent.slice(0, -2);
  },

  count(name = undefined) {
    const key = label(name);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    line("log", `${key}: ${counts.get(key)}`);
  },

  countReset(name = undefined) {
    counts.delete(label(name));
  },

  time(name = undefined) {
    timers.set(label(name), 0);
  },

  timeLog(name = undefined, ...values) {
    line("log", format(`${label(name)}: 0ms`, ...values));
  },

  timeEnd(name = undefined) {
    timers.delete(label(name));
    line("log", `${label(name)}: 0ms`);
  },
};
console.groupCollapsed = console.group;
for (const name of Object.keys(console)) kernel.native(name, 0, console[name]);
console.groupCollapsed = console.group;

kernel.write = (text) => send(text, "log");
kernel.console = console;
kernel.define("print", printer("print", "log"));
kernel.define("console", console);
