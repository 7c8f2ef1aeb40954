/*
 * format(...): what `print` and `console.log` write. Node's util.format: a first string with % marks takes the arguments
 * after it, all else is joined by spaces, strings as they are, other values inspected.
 */

const { inspect, inspecting, seals } = kernel;

const numberText = (value, parse) => {
  if (typeof value === "bigint" && parse !== Number.parseFloat) return `${value}n`;
  return typeof value === "symbol" ? "NaN" : inspecting.number(parse(value));
};

/** An object that says how it reads (own or inherited toString of its class) is asked; others are inspected flat. */
const hasBuiltInToString = (value) => {
  if (typeof value.toString !== "function") return true;
  if (Object.hasOwn(value, "toString")) return false;
  let object = value;
  while (object !== null && !Object.hasOwn(object, "toString")) object = Object.getPrototypeOf(object);
  return object === null || inspecting.isNamed(object);
};

const stringText = (value) => {
  if (typeof value === "number") return inspecting.number(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null || !hasBuiltInToString(value)) return String(value);
  return inspect(value, { depth: 0, compact: 3 });
};

const jsonText = (value) => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError && /circular/i.test(error.message)) return "[Circular]";
    throw error;
  }
};

/** A Sealed is shown under every mark; only `%c` shows nothing. */
const markText = (mark, value) => (seals.is(value) && mark !== "c" ? seals.display(value) : MARKS[mark](value));

const MARKS = {
  s: stringText,
  j: jsonText,
  d: (value) => numberText(value, Number),
  i: (value) => numberText(value, Number.parseInt),
  f: (value) => numberText(value, Number.parseFloat),
  o: (value) => inspect(value, { showHidden: true, depth: 4 }),
  O: (value) => inspect(value),
  c: () => "",
};

/** Fills the marks of the first argument; answers the text and how many arguments it used. */
const filled = (values) => {
  const [pattern] = values;
  let out = "";
  let done = 0;
  let used = 1;
  for (let at = pattern.indexOf("%"); at !== -1 && at < pattern.length - 1; at = pattern.indexOf("%", at)) {
    const mark = pattern[at + 1];
    if (mark === "%") out += pattern.slice(done, at + 1);
    else if (used < values.length && Object.hasOwn(MARKS, mark)) {
      out += `${pattern.slice(done, at)}${markText(mark, values[used++])}`;
    } else {
      at += mark === "%" ? 2 : 1;
      continue;
    }
    at += 2;
    done = at;
  }
  return { text: out + pattern.slice(done), used };
};

const format = (...values) => {
  if (values.length === 1 && typeof values[0] === "string") return values[0];
  const start = values.length > 0 && typeof values[0] === "string" ? filled(values) : { text: "", used: 0 };
  const parts = start.used === 0 ? [] : [start.text];
  for (let index = start.used; index < values.length; index++) {
    const value = values[index];
    parts.push(typeof value === "string" ? value : inspect(value));
  }
  return parts.join(" ");
};

kernel.format = kernel.native("format", 0, format);
