/*
 * The kernel: the first file in the VM, and the only one that talks to the host. Scripts can never reach `kernel`.
 * (Longer than other files: what talks to the host shares its private names, and half of it is the contract below.)
 *
 * HOW A GUEST FILE RUNS. Each file is the BODY of a function: `(function (kernel) { "use strict"; FILE })(kernel)`, in
 * the order of the names, once, when the image is built. No import, no export, no wrapper in the file, no directive.
 * Top-level `const` are private to the file; what another file needs goes on `kernel` (`kernel.URL = URL`). Inside a
 * file the names of the standard globals (Array, JSON, Map, Promise, ...) are bound to the originals for good: a script
 * that assigns `globalThis.JSON` changes nothing here. Prototypes are frozen after the last file, so `list.push(x)` on an
 * OWN array is safe at run time; methods of a value that came from a script are not (own properties, proxies, getters):
 * use primordials on those. Time, chance and the host do not exist while the image is built: no `kernel.call` then.
 *
 * kernel.call(op, args)       One synchronous host call (JSON-ABI). `args` is read once by JSON.stringify; what JSON
 *                             cannot hold is E_ARGUMENT. Returns the JSON value or throws an AgentRunError.
 * kernel.start(op, args)      The same, started: a Promise of the value. Argument errors reject, too.
 * kernel.AgentRunError        The class (`instanceof Error`; a global for scripts). Own data properties: name, code,
 *                             message, capability, target, rule, hint; null where the host said nothing. `rule` is a
 *                             frozen {id, file?, line?}. What a script constructs itself carries `code: null` outside.
 * kernel.throwError(code, message, extra?)   Throws a genuine one; extra: {capability?, target?, rule?, hint?}.
 * kernel.makeError(code, message, extra?)    Makes one without throwing it.
 * kernel.primordials          Originals under Node's names, prototype methods uncurried: ObjectKeys, JSONStringify,
 *                             ArrayPrototypePush(list, x), StringPrototypeSlice(text, 0, 3), MapPrototypeGetSize(map),
 *                             ArrayPrototypeSymbolIterator(list), SymbolIterator, and the constructors themselves
 *                             (Map, Promise, Uint8Array). Also uncurryThis(f), hidden routes to code closed.
 * kernel.define(name, value)  A global for scripts: writable, configurable, not enumerable. Name clashes throw at build.
 * kernel.harden(value)        Also freeze what only closures reach (a Response class, an iterator's prototype): value and
 *                             everything reachable from it is frozen with the primordials. Build time only.
 * kernel.setup                {args: string[], input: Json, seed: number, startMs: number, grants: Json, root?: string,
 *                             tools?: string[] (names such as "payments.refund"), localOnly: boolean (does the policy declare anything local-only?)}, filled anew at the start of each run; null-prototype. Read it at run time only.
 * kernel.onStart(fn)          fn() runs at the start of each run, after the restore, in the order of registration.
 * kernel.fireTimer            A slot: the timers' file sets `kernel.fireTimer = () => boolean`. Called when no job is
 *                             ready and no started call is in flight; fires one timer, answers whether there was one.
 *                             What its callback throws ends the run as an uncaught error.
 * kernel.main, valueText      Slots: `main(script)` calls what the program's code gave and returns a genuine promise;
 *                             `valueText(value)` is the JSON text of what it resolves to. Compartments set their own.
 * kernel.toText(value)        String(value) for texts that are shown: never throws, never runs the script's code.
 * kernel.uncaughtText         A slot: what 27-uncaught.js says of a thrown value that is no error. May throw.
 * kernel.native(name, length, fn)   Names a function for show (`print`), returns it.
 *
 * Date and Math.random need no wrapper: the engine's clock stands at `startMs` (UTC) and its generator is seeded by
 * `seed` at the start of each run. `kernel.primordials.MathRandom()` draws from the script's own stream.
 * Unhandled rejections are seen by the machine; nobody here has to track promises.
 */

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { host } = kernel;
delete kernel.host;

/* ---- primordials ---- */

const { bind, call: callMethod } = Function.prototype;
const uncurryThis = bind.bind(callMethod);
const primordials = { __proto__: null, uncurryThis };

/** "Iterator" of Symbol.iterator and of "iterator": the last part of a primordial's name. */
function partName(key) {
  const text =
    typeof key === "symbol" ? `Symbol${key.description.slice(7, 8).toUpperCase()}${key.description.slice(8)}` : key;
  return text[0].toUpperCase() + text.slice(1);
}

function keepStatics(prefix, source) {
  for (const key of ownKeys(source)) {
    const { value, get } = getOwnPropertyDescriptor(source, key);
    if (typeof value === "function") primordials[prefix + partName(key)] = value.prototype ? value : value.bind(source);
    else if (get !== undefined) primordials[`${prefix}Get${partName(key)}`] = get.bind(source);
    else if (key !== "prototype") primordials[prefix + partName(key)] = value;
  }
}

function keepPrototype(prefix, prototype) {
  for (const key of ownKeys(prototype)) {
    const { value, get, set } = getOwnPropertyDescriptor(prototype, key);
    const name = partName(key);
    if (typeof value === "function" && key !== "constructor") primordials[prefix + name] = uncurryThis(value);
    if (get !== undefined) primordials[`${prefix}Get${name}`] = uncurryThis(get);
    if (set !== undefined) primordials[`${prefix}Set${name}`] = uncurryThis(set);
  }
}

function keep(name, value) {
  primordials[name] = value;
  if (typeof value === "object" || typeof value === "function") keepStatics(name, value);
  if (typeof value === "function" && value.prototype) keepPrototype(`${name}Prototype`, value.prototype);
}

for (const name of ownKeys(kernel.standard)) keep(name, kernel.standard[name]);
keep("TypedArray", getPrototypeOf(Uint8Array));
keepPrototype("FunctionPrototype", Function.prototype);
keepPrototype("ArrayIteratorPrototype", getPrototypeOf([][Symbol.iterator]()));
keepPrototype("StringIteratorPrototype", getPrototypeOf(""[Symbol.iterator]()));
keepPrototype("MapIteratorPrototype", getPrototypeOf(new Map().entries()));
keepPrototype("SetIteratorPrototype", getPrototypeOf(new Set().values()));
kernel.primordials = primordials;

const { ArrayPrototypePush, JSONParse, JSONStringify, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet } =
  primordials;
const { ObjectFreeze, ObjectHasOwn, PromisePrototypeThen } = primordials;
const { StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypeSlice, StringPrototypeStartsWith } =
  primordials;

/* ---- globals and hardening ---- */

kernel.define = (name, value) => {
  if (ObjectHasOwn(globalThis, name)) throw new TypeError(`the global ${name} is defined twice`);
  defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
};

/** Roots for 99-harden.js, besides the global object. */
kernel.hardenRoots = [];
kernel.harden = (value) => {
  ArrayPrototypePush(kernel.hardenRoots, value);
  return value;
};

kernel.native = (name, length, fn) => {
  defineProperty(fn, "name", { value: name, writable: false, enumerable: false, configurable: true });
  defineProperty(fn, "length", { value: length, writable: false, enumerable: false, configurable: true });
  return fn;
};

/* ---- errors ---- */

/** Sets the facts of a genuine error; only the kernel has it, so a script cannot forge a code. */
let certify;
/** The facts of a genuine error, else null. */
let factsOf;

class AgentRunError extends Error {
  #facts = null;

  constructor(message, options) {
    super(message, options);
    const own = (key, value) =>
      defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true });
    own("code", null);
    own("capability", null);
    own("target", null);
    own("rule", null);
    own("hint", null);
  }

  static {
    certify = (error, facts) => {
      error.#facts = facts;
    };
    factsOf = (error) => (typeof error === "object" && error !== null && #facts in error ? error.#facts : null);
  }
}
defineProperty(AgentRunError.prototype, "name", {
  value: "AgentRunError",
  writable: true,
  enumerable: false,
  configurable: true,
});
kernel.AgentRunError = AgentRunError;
kernel.define("AgentRunError", AgentRunError);

const FACTS = ["capability", "target", "rule", "hint"];

kernel.makeError = (code, message, extra) => {
  const error = new AgentRunError(message);
  const facts = { __proto__: null, code, message, capability: null, target: null, rule: null, hint: null };
  if (extra !== undefined && extra !== null) {
    for (let i = 0; i < FACTS.length; i++) {
      const key = FACTS[i];
      if (ObjectHasOwn(extra, key) && extra[key] !== undefined) facts[key] = extra[key];
    }
  }
  if (facts.rule !== null) ObjectFreeze(facts.rule);
  error.code = code;
  error.capability = facts.capability;
  error.target = facts.target;
  error.rule = facts.rule;
  error.hint = facts.hint;
  certify(error, facts);
  return error;
};

kernel.throwError = (code, message, extra) => {
  throw kernel.makeError(code, message, extra);
};

/* ---- calls to the host (JSON-ABI) ---- */

/** What QuickJS says when JSON cannot hold a value. */
const isCyclic = (error) => error instanceof TypeError && error.message === "circular reference";
const isBigInt = (error) => error instanceof TypeError && StringPrototypeIncludes(String(error.message), "BigInt");

/** JSON text of a value, read exactly once. `what` names it in errors. */
function encode(value, what, replacer) {
  try {
    return JSONStringify(value, replacer);
  } catch (error) {
    if (isCyclic(error)) kernel.throwError("E_ARGUMENT", `${what} contains itself, so JSON cannot hold it`);
    if (isBigInt(error))
      kernel.throwError("E_ARGUMENT", `${what} holds a BigInt, which JSON does not have; use \`String(value)\``);
    if (isTooDeep(error)) kernel.throwError("E_ARGUMENT", `${what} is nested too deeply`);
    throw error;
  }
}

/** The last overflow that was the script's own; it passes through every call that it was thrown in. */
let ownOverflow;

/** Whether the stack ran out in JSON.stringify itself, so by the value's depth, and not by the script's recursion. */
function isTooDeep(error) {
  if (!(error instanceof InternalError) || error === ownOverflow) return false;
  const stack = dataValue(error, "stack");
  if (typeof stack === "string" && StringPrototypeStartsWith(stack, "    at stringify (native)") && hasRoom())
    return true;
  ownOverflow = error;
  return false;
}

function hasRoom() {
  try {
    return frames(200) === 0;
  } catch {
    return false;
  }
}

kernel.encode = encode;

const frames = (left) => (left === 0 ? 0 : frames(left - 1));

/** The value of an answer, a Sealed for one that stays with the vault, or its error thrown. After `fatal` nothing of the script runs: the host ends this loop. */
function open(answer) {
  if (ObjectHasOwn(answer, "ok")) return answer.ok;
  if (ObjectHasOwn(answer, "error")) throw kernel.makeError(answer.error.code, answer.error.message, answer.error);
  if (ObjectHasOwn(answer, "sealed")) return kernel.sealed(answer.sealed);
  for (;;);
}

/** An answer that is one long string comes as itself after an "s"; all others are JSON. */
const isPlain = (text) => StringPrototypeCharCodeAt(text, 0) === 115;

kernel.call = (op, args) => {
  const text = host(encode({ __proto__: null, op, args }, "the argument"));
  return isPlain(text) ? StringPrototypeSlice(text, 1) : open(JSONParse(text));
};

let lastId = 0;
const inFlight = new Map();

kernel.start = (op, args) =>
  new Promise((resolve, reject) => {
    // Taken first: a `toJSON` in the arguments may start calls of its own.
    lastId++;
    const id = lastId;
    const { stack } = new Error();
    const text = host(encode({ __proto__: null, op, args, id }, "the argument"));
    if (isPlain(text)) return resolve(StringPrototypeSlice(text, 1));
    const answer = JSONParse(text);
    if (ObjectHasOwn(answer, "started")) MapPrototypeSet(inFlight, id, { __proto__: null, resolve, reject, stack });
    else resolve(open(answer));
  });

function settle(text) {
  const answer = JSONParse(text);
  const waiting = MapPrototypeGet(inFlight, answer.id);
  if (waiting === undefined) return;
  MapPrototypeDelete(inFlight, answer.id);
  try {
    waiting.resolve(open(answer));
  } catch (error) {
    // It was made here, where no line of the script runs; it is about the line that asked.
    defineProperty(error, "stack", { value: waiting.stack, writable: true, enumerable: false, configurable: true });
    waiting.reject(error);
  }
}

/* ---- texts and errors for people ---- */

/** A data property, own or inherited, without running the script's code (but for a proxy's traps). */
function dataValue(object, key) {
  for (let holder = object, depth = 0; holder !== null && depth < 100; depth++, holder = getPrototypeOf(holder)) {
    const property = getOwnPropertyDescriptor(holder, key);
    if (property === undefined) continue;
    if (ObjectHasOwn(property, "value")) return property.value;
    return kernel.repairedValue === undefined ? undefined : kernel.repairedValue(property.get);
  }
  return undefined;
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
const MAX_TEXT = 20_000;
const clip = (text) => (text.length > MAX_TEXT ? `${StringPrototypeSlice(text, 0, MAX_TEXT)}…` : text);

kernel.toText = (value) => {
  try {
    if (!isObject(value))
      return clip(typeof value === "symbol" ? primordials.SymbolPrototypeToString(value) : String(value));
    if (kernel.seals.is(value)) return kernel.seals.display(value);
    const message = dataValue(value, "message");
    if (typeof message === "string") {
      const name = dataValue(value, "name");
      return clip(typeof name === "string" && name !== "" ? `${name}: ${message}` : message);
    }
    if (typeof value === "function") return "[function]";
    return primordials.ArrayIsArray(value) ? "[array]" : "[object]";
  } catch {
    return "[object]";
  }
};

/** What stands behind an error: its `cause`, or the errors that an AggregateError gathers. */
function causesOf(error) {
  const texts = [];
  const gathered = dataValue(error, "errors");
  if (primordials.ArrayIsArray(gathered)) {
    const length = primordials.MathMin(gathered.length, 5);
    for (let i = 0; i < length; i++) ArrayPrototypePush(texts, kernel.toText(dataValue(gathered, i)));
  }
  let cause = dataValue(error, "cause");
  for (let depth = 0; depth < 5 && cause !== undefined && cause !== null; depth++) {
    ArrayPrototypePush(texts, kernel.toText(cause));
    cause = isObject(cause) ? dataValue(cause, "cause") : undefined;
  }
  return texts;
}

/** Names of the classes that an error is made by: their frames stand above the line that made it. */
function constructorsOf(error) {
  const names = [];
  for (let holder = getPrototypeOf(error), depth = 0; holder !== null && depth < 20; depth++) {
    const maker = getOwnPropertyDescriptor(holder, "constructor")?.value;
    const name = typeof maker === "function" ? getOwnPropertyDescriptor(maker, "name")?.value : undefined;
    if (typeof name === "string" && name.length < 200) ArrayPrototypePush(names, name);
    holder = getPrototypeOf(holder);
  }
  return names;
}

const textOr = (value, fallback) => (typeof value === "string" ? clip(value) : fallback);

/** A thrown value that is no error. Where it cannot be shown (a proxy that throws), what kind it is. */
function uncaughtText(value) {
  try {
    return kernel.uncaughtText(value);
  } catch {
    return kernel.toText(value);
  }
}

/** An uncaught value as JSON for the host. Code, rule and the rest only of genuine errors; the stack is text. */
function describe(error) {
  const out = {
    __proto__: null,
    name: "Error",
    message: "",
    stack: "",
    constructors: [],
    causes: [],
    overflow: false,
    exhausted: false,
  };
  try {
    if (isObject(error)) {
      const message = dataValue(error, "message");
      const isError = typeof message === "string";
      out.name = (isError && textOr(dataValue(error, "name"), "")) || "Error";
      out.message = isError ? clip(message) : uncaughtText(error);
      out.stack = textOr(dataValue(error, "stack"), "");
      out.constructors = constructorsOf(error);
      out.causes = causesOf(error);
      // The parsers of scripts, JSON and patterns report a stack that ran out as a SyntaxError.
      const ours = error instanceof InternalError || error instanceof SyntaxError;
      out.overflow = ours && out.message === "stack overflow";
      out.exhausted = ours && out.message === "out of memory";
    } else {
      out.message = kernel.toText(error);
    }
  } catch {
    out.message = "an error that cannot be read";
  }
  const facts = factsOf(error);
  if (facts !== null) out.facts = facts;
  return JSONStringify(out);
}

/* ---- the machine's side ---- */

const starters = [];
kernel.onStart = (fn) => {
  ArrayPrototypePush(starters, fn);
};
kernel.setup = { __proto__: null, args: [], input: null, seed: 0, startMs: 0, grants: null, localOnly: false };
kernel.fireTimer = () => false;

function start(text) {
  const setup = JSONParse(text);
  const names = ownKeys(setup);
  for (let i = 0; i < names.length; i++) kernel.setup[names[i]] = setup[names[i]];
  for (let i = 0; i < starters.length; i++) starters[i]();
}

/** Of a whole value. Inside of one JSON.stringify's own rules hold: NaN becomes null, functions are left out. */
function kindWithoutJson(value) {
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  if (typeof value === "number") return primordials.NumberIsFinite(value) ? null : `the number ${value}`;
  if (value instanceof Map) return "a Map (give `Object.fromEntries(map)` or `[...map]`)";
  if (value instanceof Set) return "a Set (give `[...set]`)";
  return null;
}

kernel.kindWithoutJson = kindWithoutJson;

kernel.main = (script) => script();

kernel.valueText = (value) => {
  const kind = kindWithoutJson(value);
  if (kind !== null) kernel.throwError("E_ARGUMENT", `the script's value is ${kind}, which JSON does not have`);
  return encode(value, "the script's value") ?? "null";
};

/** "p": the script waits for what nobody settles; "v" and a JSON text: its value. Errors end the run elsewhere. */
let outcome = "p";

function begin(script) {
  PromisePrototypeThen(kernel.main(script), (value) => {
    outcome = `v${kernel.valueText(value)}`;
  });
}

kernel.machine = {
  __proto__: null,
  start,
  begin,
  settle,
  fireTimer: () => kernel.fireTimer() === true,
  finish: () => outcome,
  describe,
};
