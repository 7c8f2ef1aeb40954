/*
 * Compartments: a VM that is given values and one function, and nothing else. Where the setup of a run says so, every
 * global that is no builtin of the language is taken away before any code of the function's is read, and so are clock and
 * chance. That is for clear errors and the same result every time; what holds effects back is the host, which answers none.
 * The originals of `Date` and `Math` can still be found (`date.constructor`): they tell the start of the run, which is
 * public, and a stream with a fixed seed.
 */

const { ownKeys, deleteProperty, defineProperty } = Reflect;
const { ObjectHasOwn } = kernel.primordials;

/* ---- what is left of the global object ---- */

const BUILTINS = new Set(
  `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
  Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator JSON
  Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError
  TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent
  encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat parseInt undefined unescape`.split(/\s+/),
);

const removeGlobals = () => {
  for (const name of ownKeys(globalThis)) {
    if (typeof name === "symbol" || BUILTINS.has(name)) continue;
    if (!deleteProperty(globalThis, name)) throw new TypeError(`the global ${name} cannot be removed`);
  }
};

const place = (name, value) => {
  defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
};

/* ---- clock and chance ---- */

const noClock = () =>
  kernel.throwError("E_SUBSET", "there is no clock in a compartment", { hint: "pass the time as an argument" });
const noChance = () =>
  kernel.throwError("E_SUBSET", "there is no chance in a compartment", { hint: "pass random numbers as arguments" });

function ClocklessDate(...parts) {
  if (new.target === undefined || parts.length === 0) return noClock();
  return Reflect.construct(Date, parts, new.target);
}
kernel.native("Date", 7, ClocklessDate);
defineProperty(ClocklessDate, "prototype", { value: Date.prototype, writable: false });
for (const [name, value] of Object.entries({
  now: kernel.native("now", 0, noClock),
  parse: Date.parse,
  UTC: Date.UTC,
})) {
  defineProperty(ClocklessDate, name, { value, writable: true, enumerable: false, configurable: true });
}
kernel.harden(ClocklessDate);

const StillMath = Object.defineProperties({}, Object.getOwnPropertyDescriptors(Math));
defineProperty(StillMath, "random", { value: kernel.native("random", 0, noChance) });
kernel.harden(StillMath);

/* ---- the function ---- */

/** `inputs`: each an array of one value, or of none where it is undefined. */
const callWith = async (fn, { inputs, args, effects }) => {
  if (typeof fn !== "function") return kernel.throwError("E_FN", "the source is no function");
  const values = inputs.map((input) => input[0]);
  if (effects) values.push(Object.freeze({ fs: kernel.fs, net: kernel.net, subprocess: kernel.subprocess }));
  return Reflect.apply(fn, undefined, [...values, ...args]);
};

/** Where JSON.stringify would leave something out, or put null for it, without a word. */
const refuseWhatJsonLacks = (_key, value) => {
  const kind = value instanceof Promise ? "a promise (put `await` before it)" : kernel.kindWithoutJson(value);
  return kind === null
    ? value
    : kernel.throwError("E_ARGUMENT", `the result is or holds ${kind}, which JSON does not have`);
};

/** `[value]`, or `[]` for undefined: JSON has no word for it. */
const resultText = (value) => `[${kernel.encode(value, "the result", refuseWhatJsonLacks) ?? ""}]`;

kernel.onStart(() => {
  if (!ObjectHasOwn(kernel.setup, "compartment")) return;
  const { compartment } = kernel.setup;
  removeGlobals();
  place("Date", ClocklessDate);
  place("Math", StillMath);
  kernel.main = (fn) => callWith(fn, compartment);
  kernel.valueText = resultText;
});
