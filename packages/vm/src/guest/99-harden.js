/*
 * The last file: takes away what the language subset does not have, and freezes every object that scripts share with
 * the guest files, so that no script can change what a wrapper of ours relies on. Freezing alone breaks honest code:
 * where a prototype's property is read-only, `object.toString = f` throws (the "override mistake"). So the properties
 * that programs do override become accessors whose setter defines the property on the receiver, as SES does it.
 */

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { MapPrototypeGet, ObjectHasOwn } = kernel.primordials;

/* ---- what is gone ---- */

/** Stands where a constructor of code was: `instanceof` works, calling it does not, by whatever route it was found. */
function refuseCode(name, prototype) {
  function refuse() {
    kernel.throwError("E_SUBSET", "code cannot be made from text", { hint: "write the function in the script itself" });
  }
  kernel.native(name, 1, refuse);
  defineProperty(refuse, "prototype", { value: prototype, writable: false, enumerable: false, configurable: false });
  defineProperty(prototype, "constructor", { value: refuse, writable: false, enumerable: false, configurable: true });
  return refuse;
}

const samples = [async () => {}, function* () {}, async function* () {}];
const functionPrototype = getPrototypeOf(refuseCode);
const Refused = refuseCode("Function", functionPrototype);
refuseCode("AsyncFunction", getPrototypeOf(samples[0]));
refuseCode("GeneratorFunction", getPrototypeOf(samples[1]));
refuseCode("AsyncGeneratorFunction", getPrototypeOf(samples[2]));
for (const name of ["eval", "Function", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"]) {
  delete globalThis[name];
}
kernel.define("Function", Refused);

/* ---- what Node has ---- */

/** Custom error classes call it in their constructors. */
const captureStackTrace = kernel.native("captureStackTrace", 2, (target) => {
  defineProperty(target, "stack", { value: new Error().stack, writable: true, enumerable: false, configurable: true });
});
defineProperty(Error, "captureStackTrace", { value: captureStackTrace, writable: true, configurable: true });
/** Assignable, without effect. */
defineProperty(Error, "stackTraceLimit", { get: () => 10, set: () => {}, enumerable: false, configurable: true });

/* ---- the override mistake ---- */

/** Getter to what it returns: errors are read without running accessors, but for these. */
const repaired = new Map();
kernel.repairedValue = (getter) => MapPrototypeGet(repaired, getter);

function repair(holder, key) {
  const property = getOwnPropertyDescriptor(holder, key);
  if (property === undefined || !ObjectHasOwn(property, "value") || !property.configurable) return;
  const { value, enumerable } = property;
  const get = () => value;
  function set(next) {
    const own = { value: next, writable: true, enumerable: true, configurable: true };
    if (
      this === holder ||
      !(typeof this === "object" || typeof this === "function") ||
      !defineProperty(this, key, own)
    ) {
      throw new TypeError(`cannot assign to read only property '${String(key)}'`);
    }
  }
  defineProperty(holder, key, { get, set, enumerable, configurable: false });
  repaired.set(get, value);
}

/** What programs set on their own objects and subclasses; whole prototypes would make `list.push` a getter call. */
const OVERRIDDEN = ["constructor", "toString", "toLocaleString", "valueOf", "toJSON"];

for (const key of ownKeys(Object.prototype)) repair(Object.prototype, key);
const everyGlobal = ownKeys(globalThis).map((name) => globalThis[name]);
for (const value of [...everyGlobal, kernel.primordials.TypedArray]) {
  if (typeof value !== "function" || typeof value.prototype !== "object") continue;
  const { prototype } = value;
  // Every `await` reads the constructor of its promise: that one stays a plain property.
  if (prototype === Promise.prototype) continue;
  const keys = prototype === Error.prototype || prototype instanceof Error ? ownKeys(prototype) : OVERRIDDEN;
  for (const key of keys) repair(prototype, key);
}
repair(functionPrototype, "constructor");
repair(functionPrototype, "toString");

/* ---- freezing ---- */

/** Objects that no global leads to: prototypes of functions and iterators. */
const hidden = [
  ...samples,
  samples[1](),
  samples[2](),
  [].values(),
  ""[Symbol.iterator](),
  new Map().keys(),
  new Set().keys(),
  "a".matchAll(/a/g),
  [].values().map((item) => item),
  Iterator.from({ next() {} }),
];

const seen = new Set([globalThis]);
const queue = [...everyGlobal, getPrototypeOf(globalThis), ...hidden, ...kernel.hardenRoots];
while (queue.length > 0) {
  const value = queue.pop();
  if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
  seen.add(value);
  Object.freeze(value);
  queue.push(getPrototypeOf(value));
  for (const key of ownKeys(value)) {
    const property = getOwnPropertyDescriptor(value, key);
    queue.push(property.value, property.get, property.set);
  }
}
