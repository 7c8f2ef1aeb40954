/*
 * What a value is, for showing it: its kind by internal slot (never by what it says of itself), the name of its
 * constructor, and the prefix made of them. Prototypes of the engine are known by identity, as after hardening their
 * `constructor` is not a plain data property any more.
 */

const {
  ArrayBufferPrototypeGetByteLength,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DataViewPrototypeGetByteLength,
  DatePrototypeGetTime,
  FunctionPrototypeSymbolHasInstance,
  MapPrototypeGetSize,
  NumberPrototypeValueOf,
  ObjectPrototypeToString,
  RegExpPrototypeGetSource,
  SetPrototypeGetSize,
  StringPrototypeValueOf,
  SymbolPrototypeValueOf,
  TypedArrayPrototypeGetSymbolToStringTag,
  WeakMapPrototypeHas,
  WeakSetPrototypeHas,
} = kernel.primordials;

const { inspecting } = kernel;
const probe = {};
/** Prototype to [kind, slot test]; a test throws where the slot is missing. */
const SLOTS = new Map([
  [Map.prototype, ["map", MapPrototypeGetSize]],
  [Set.prototype, ["set", SetPrototypeGetSize]],
  [Date.prototype, ["date", DatePrototypeGetTime]],
  [RegExp.prototype, ["regexp", RegExpPrototypeGetSource]],
  [ArrayBuffer.prototype, ["arraybuffer", ArrayBufferPrototypeGetByteLength]],
  [DataView.prototype, ["dataview", DataViewPrototypeGetByteLength]],
  [WeakMap.prototype, ["weakmap", (value) => WeakMapPrototypeHas(value, probe)]],
  [WeakSet.prototype, ["weakset", (value) => WeakSetPrototypeHas(value, probe)]],
  [Number.prototype, ["number", NumberPrototypeValueOf]],
  [String.prototype, ["string", StringPrototypeValueOf]],
  [Boolean.prototype, ["boolean", BooleanPrototypeValueOf]],
  [BigInt.prototype, ["bigint", BigIntPrototypeValueOf]],
  [Symbol.prototype, ["symbol", SymbolPrototypeValueOf]],
]);

/** Prototypes that are not made by a script: to the name of their constructor. */
const NAMES = new Map();
const named = (type, name = type.name) => NAMES.set(type.prototype, name);
for (const key of Object.getOwnPropertyNames(globalThis)) {
  const { value } = Object.getOwnPropertyDescriptor(globalThis, key);
  if (typeof value === "function" && typeof value.prototype === "object" && key !== "Iterator") named(value, key);
}
NAMES.set(Object.getPrototypeOf(Int8Array.prototype), "TypedArray");
NAMES.set(
  Object.getPrototypeOf(async () => {}),
  "AsyncFunction",
);
NAMES.set(
  Object.getPrototypeOf(function* () {}),
  "GeneratorFunction",
);
NAMES.set(
  Object.getPrototypeOf(async function* () {}),
  "AsyncGeneratorFunction",
);
NAMES.set(Function.prototype, "Function");

const tested = (entry, value) => {
  try {
    entry[1](value);
    return entry[0];
  } catch {
    return null;
  }
};

const kindOf = (value) => {
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return "array";
  if (TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined) return "typedarray";
  if (Error.isError(value)) return "error";
  let rootless = true;
  for (let proto = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const entry = SLOTS.get(proto);
    if (entry !== undefined) return tested(entry, value) ?? "object";
    if (proto === Promise.prototype) return "promise";
    rootless = false;
  }
  if (!rootless) return "object";
  for (const entry of SLOTS.values()) if (tested(entry, value) !== null) return entry[0];
  return "object";
};

const isArguments = (value, tag) => tag === "" && ObjectPrototypeToString(value) === "[object Arguments]";

const inherits = (value, type) => {
  try {
    return FunctionPrototypeSymbolHasInstance(type, value);
  } catch {
    return false;
  }
};

/** A data property, or one that hardening turned into an accessor; a getter of the script is not called. */
const constructorOf = (descriptor) =>
  descriptor?.get === undefined ? descriptor?.value : kernel.repairedValue(descriptor.get);

/** Name of the constructor, or null for an object without a prototype. */
const constructorName = (view, value, depth) => {
  let first;
  for (let object = value; object !== null; object = Object.getPrototypeOf(object)) {
    if (first === undefined && object !== value) first = object;
    const known = object === value ? undefined : NAMES.get(object);
    if (known !== undefined) return known;
    const own = constructorOf(Object.getOwnPropertyDescriptor(object, "constructor"));
    if (typeof own === "function" && own.name !== "" && inherits(value, own)) return `${own.name}`;
  }
  if (first === undefined) return null;
  const tag = ObjectPrototypeToString(value).slice(8, -1);
  if (depth > view.depth) return `${tag} <Complex prototype>`;
  const inner = constructorName(view, first, depth + 1);
  if (inner !== null) return `${tag} <${inner}>`;
  return `${tag} <${inspecting.inspect(first, { depth: -1, customInspect: false })}>`;
};

/** `Foo(2) [tag] `, with a space at its end. */
const prefix = (maker, tag, fallback, size = "") => {
  if (maker === null) {
    const other = tag !== "" && fallback !== tag ? `[${tag}] ` : "";
    return `[${fallback}${size}: null prototype] ${other}`;
  }
  return tag !== "" && maker !== tag ? `${maker}${size} [${tag}] ` : `${maker}${size} `;
};

const isEnumerable = (object, key) => Object.getOwnPropertyDescriptor(object, key)?.enumerable === true;

/** The tag, where it would not be shown as a property anyway. */
const tagOf = (view, value) => {
  const tag = value[Symbol.toStringTag];
  if (typeof tag !== "string" || tag === "") return "";
  const listed = view.showHidden ? Object.hasOwn(value, Symbol.toStringTag) : isEnumerable(value, Symbol.toStringTag);
  return listed ? "" : tag;
};

const keysOf = (view, value) => {
  const symbols = Object.getOwnPropertySymbols(value);
  if (view.showHidden) return [...Object.getOwnPropertyNames(value), ...symbols];
  const keys = Object.keys(value);
  for (const key of symbols) if (isEnumerable(value, key)) keys.push(key);
  return keys;
};

const isIndex = (key) => typeof key === "string" && /^(0|[1-9]\d*)$/.test(key) && key < 2 ** 32 - 1;

/** Keys that are not array indexes; those stand first, so only the end is looked at. */
const extraKeysOf = (view, value) => {
  const keys = keysOf(view, value);
  let start = keys.length;
  while (start > 0 && !isIndex(keys[start - 1])) start--;
  return keys.slice(start);
};

Object.assign(inspecting, {
  kindOf,
  isArguments,
  constructorName,
  named,
  isNamed: (proto) => NAMES.has(proto),
  prefix,
  tagOf,
  keysOf,
  extraKeysOf,
});
