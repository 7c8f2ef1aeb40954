/*
 * The one-line heads of values that are more than their properties: functions, classes, errors, dates, patterns, boxed
 * primitives. A stack shows the frames of the script alone; the frames of this prelude say nothing to its author.
 */

const {
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeGetTime,
  DatePrototypeToISOString,
  FunctionPrototypeToString,
  NumberPrototypeValueOf,
  RegExpPrototypeToString,
  StringPrototypeValueOf,
  SymbolPrototypeValueOf,
} = kernel.primordials;

const { inspecting } = kernel;
const FRAME = /^ {4}at /;
const OWN_FRAME = /\((?:native|guest[/:]|agent-run[/:])|^ {4}at (?:guest|agent-run)[/:]/;
const UNBOX = {
  number: ["Number", NumberPrototypeValueOf],
  string: ["String", StringPrototypeValueOf],
  boolean: ["Boolean", BooleanPrototypeValueOf],
  bigint: ["BigInt", BigIntPrototypeValueOf],
  symbol: ["Symbol", SymbolPrototypeValueOf],
};
const AsyncFunction = Object.getPrototypeOf(async () => {});
const GeneratorFunction = Object.getPrototypeOf(function* () {});
const AsyncGeneratorFunction = Object.getPrototypeOf(async function* () {});

const functionBase = (value, maker, tag) => {
  if (isClass(value)) return classBase(value, maker, tag);
  const type = functionType(value);
  let base = `[${type}`;
  if (maker === null) base += " (null prototype)";
  base += value.name === "" ? " (anonymous)" : `: ${named(value.name)}`;
  base += "]";
  if (maker !== type && maker !== null) base += ` ${maker}`;
  return tag !== "" && maker !== tag ? `${base} [${tag}]` : base;
};

const named = (name) => (typeof name === "string" ? name : inspecting.inspect(name, { depth: -1 }));

const isClass = (value) => {
  const source = FunctionPrototypeToString(value);
  return /^class\b(?!\s*\()/.test(source) && source.endsWith("}");
};

const functionType = (value) => {
  for (let proto = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (proto === AsyncFunction) return "AsyncFunction";
    if (proto === GeneratorFunction) return "GeneratorFunction";
    if (proto === AsyncGeneratorFunction) return "AsyncGeneratorFunction";
  }
  return "Function";
};

const classBase = (value, maker, tag) => {
  const name = (Object.hasOwn(value, "name") && value.name) || "(anonymous)";
  let base = `class ${named(name)}`;
  if (maker !== "Function" && maker !== null) base += ` [${maker}]`;
  if (tag !== "" && maker !== tag) base += ` [${tag}]`;
  const parent = maker === null ? { name: "null" } : Object.getPrototypeOf(value);
  if (parent?.name) base += ` extends ${named(parent.name)}`;
  return `[${base}]`;
};

/** The error's head and frames; drops from `keys` what the text already says, adds `cause` and `errors`. */
const errorBase = (view, error, maker, tag, keys) => {
  const name = error.name === undefined || error.name === null ? "Error" : `${error.name}`;
  const { head, frames } = stackOf(error, name);
  const text = betterHead(head, maker, name, tag);
  dropSaid(view, keys, error, head + frames);
  if ("cause" in error && !keys.includes("cause")) keys.push("cause");
  if (Array.isArray(error.errors) && !keys.includes("errors")) keys.push("errors");
  const whole = frames === "" ? `[${text}]` : text + frames;
  return view.indentation === 0 ? whole : whole.replaceAll("\n", `\n${" ".repeat(view.indentation)}`);
};

/** A stack that a script wrote itself is shown as it is. */
const stackOf = (error, name) => {
  const { stack } = error;
  const message = error.message === undefined ? "" : `${error.message}`;
  const head = message === "" ? name : name === "" ? message : `${name}: ${message}`;
  if (typeof stack !== "string" || stack === "") return { head: stack ? `${stack}` : head, frames: "" };
  const lines = stack.split("\n").filter((line) => line !== "" && !OWN_FRAME.test(line));
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first === -1) return { head: lines.length === 0 ? head : lines.join("\n"), frames: "" };
  return {
    head: first === 0 ? head : lines.slice(0, first).join("\n"),
    frames: lines
      .slice(first)
      .map((line) => `\n${line}`)
      .join(""),
  };
};

/** The class of an error stands in its first line, also where its `name` was never set. */
const betterHead = (head, maker, name, tag) => {
  let known = name;
  if (maker === null) {
    const start = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/.exec(head) ?? /^([a-z_A-Z0-9-]*Error)$/.exec(head);
    known = start?.[1] ?? "";
  } else if (!name.endsWith("Error") || !head.startsWith(name)) return head;
  else if (head.length !== name.length && head[name.length] !== ":" && head[name.length] !== "\n") return head;
  const { length } = known;
  const better = inspecting.prefix(maker, tag, known || "Error").slice(0, -1);
  if (name === better) return head;
  if (!better.includes(name)) return `${better} [${name}]${head.slice(length)}`;
  return length === 0 ? `${better}: ${head}` : better + head.slice(length);
};

const dropSaid = (view, keys, error, stack) => {
  if (view.showHidden) return;
  for (const name of ["name", "message", "stack"]) {
    const index = keys.indexOf(name);
    if (index !== -1 && (typeof error[name] !== "string" || stack.includes(error[name]))) keys.splice(index, 1);
  }
};

const boxedBase = (view, value, kind, keys, maker, tag) => {
  const [type, unbox] = UNBOX[kind];
  const inner = unbox(value);
  if (kind === "string") keys.splice(0, inner.length);
  let base = `[${type}`;
  if (type !== maker) base += maker === null ? " (null prototype)" : ` (${maker})`;
  base += `: ${inspecting.primitive({ ...view, compact: true, maxStringLength: Infinity }, inner)}]`;
  return tag !== "" && tag !== maker ? `${base} [${tag}]` : base;
};

const dateBase = (value, maker, tag) => {
  const time = DatePrototypeGetTime(value);
  const base = Number.isNaN(time) ? "Invalid Date" : DatePrototypeToISOString(value);
  return headed(base, maker, tag, "Date");
};

const regexpBase = (value, maker, tag) => headed(RegExpPrototypeToString(value), maker, tag, "RegExp");

const headed = (base, maker, tag, type) => {
  const head = inspecting.prefix(maker, tag, type);
  return head === `${type} ` ? base : head + base;
};

Object.assign(inspecting, {
  functionBase,
  errorBase,
  boxedBase,
  dateBase,
  regexpBase,
  isBoxed: (kind) => kind in UNBOX,
});
