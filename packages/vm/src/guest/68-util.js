/*
 * util, the common part of Node's: format and inspect as `print` uses them, promisify, deep equality.
 */

const { format, inspect, inspecting, take, TextDecoder, TextEncoder } = kernel;
const PROMISIFIED = Symbol.for("nodejs.util.promisify.custom");

const promisify = (original) => {
  if (typeof original !== "function") return take.wrong("util.promisify", "original", "a function", original);
  const custom = original[PROMISIFIED];
  if (typeof custom === "function") return custom;
  return (...values) =>
    new Promise((resolve, reject) => {
      const settle = (error, value) => (error === null || error === undefined ? resolve(value) : reject(error));
      Reflect.apply(original, undefined, [...values, settle]);
    });
};
promisify.custom = PROMISIFIED;

const isKind = (kind) => (value) =>
  ((typeof value === "object" && value !== null) || typeof value === "function") && inspecting.kindOf(value) === kind;

const types = {
  isArrayBuffer: isKind("arraybuffer"),
  isDate: isKind("date"),
  isMap: isKind("map"),
  isNativeError: isKind("error"),
  isPromise: isKind("promise"),
  isRegExp: isKind("regexp"),
  isSet: isKind("set"),
  isTypedArray: isKind("typedarray"),
};

kernel.addModule("util", {
  format,
  inspect,
  promisify: kernel.native("promisify", 1, promisify),
  isDeepStrictEqual: kernel.native("isDeepStrictEqual", 2, (left, right) => kernel.equal(left, right, true)),
  types,
  TextDecoder,
  TextEncoder,
});
