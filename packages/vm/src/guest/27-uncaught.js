/*
 * What is said of a thrown value that is no error: `uncaught { a: 1 }`. Showing it must run nothing of the script, whose
 * getters could lie, loop or throw; so its data properties are copied into objects of ours, a bounded number of them,
 * and the copy is inspected. Only a proxy's traps cannot be told from a plain object: the run's limits still end them,
 * and no effect happens any more.
 */

const { inspect, inspecting } = kernel;
const {
  DatePrototypeGetTime,
  MapPrototypeForEach,
  ObjectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  SetPrototypeForEach,
} = kernel.primordials;

const SHOWN = { depth: 2, compact: true, breakLength: Infinity, maxStringLength: 200, maxArrayLength: 20 };
const MAX_TEXT = 2000;
/** Of one object, and of all of them together. */
const MAX_MEMBERS = 20;
const MAX_COPIES = 200;

/** Stands for a value whose members say nothing or could not be read without running code. */
const literally = (text) => ({ [inspect.custom]: () => text });

/** An object of a class of that name, as inspect sees it. */
const instanceOf = (name) => {
  if (name === null) return Object.create(null);
  if (name === "Object") return {};
  const maker = kernel.native(name, 0, class {});
  return new maker();
};

const classOf = (value) => {
  for (let proto = Object.getPrototypeOf(value), up = 0; up < 100; proto = Object.getPrototypeOf(proto), up++) {
    if (proto === null) return up === 0 ? null : "Object";
    if (proto === Object.prototype) return "Object";
    const maker = dataOf(proto, "constructor");
    const name = typeof maker === "function" ? dataOf(maker, "name") : undefined;
    if (typeof name === "string" && name !== "") return name;
  }
  return "Object";
};

const dataOf = (object, key) => ObjectGetOwnPropertyDescriptor(object, key)?.value;

const functionText = (value) => {
  const name = dataOf(value, "name");
  return typeof name === "string" && name !== "" ? `[Function: ${name}]` : "[Function (anonymous)]";
};

/** Its message may be anything by now. */
const errorText = (value) => {
  const text = kernel.toText(value);
  return text === "[object]" ? "[Error]" : `[${text}]`;
};

const copyOf = (value, depth, copies) => {
  if (typeof value === "function") return literally(functionText(value));
  if (typeof value !== "object" || value === null) return value;
  if (kernel.seals.is(value)) return literally(kernel.seals.display(value));
  if (copies.has(value)) return copies.get(value);
  if (copies.size >= MAX_COPIES) return literally("...");
  const kind = inspecting.kindOf(value);
  if (kind === "date") return new Date(DatePrototypeGetTime(value));
  if (kind === "error") return literally(errorText(value));
  if (kind === "array") return arrayOf(value, depth, copies);
  if (kind === "map" || kind === "set") return collectionOf(kind, value, depth, copies);
  return kind === "object" ? objectOf(value, depth, copies) : literally(`[${kind}]`);
};

const objectOf = (value, depth, copies) => {
  const copy = instanceOf(classOf(value));
  copies.set(value, copy);
  let left = MAX_MEMBERS;
  for (const key of ReflectOwnKeys(value)) {
    const property = ObjectGetOwnPropertyDescriptor(value, key);
    if (property === undefined || !property.enumerable) continue;
    if (left-- === 0) {
      Object.defineProperty(copy, "...", { value: literally("more"), enumerable: true });
      break;
    }
    Object.defineProperty(copy, key, propertyOf(property, depth, copies));
  }
  return copy;
};

/** An accessor stays one, so that it is named and not called; what it would do is left out. */
const propertyOf = ({ value, get, set }, depth, copies) => {
  const enumerable = true;
  if (get === undefined && set === undefined) return { value: memberOf(value, depth, copies), enumerable };
  return { get: get && (() => undefined), set: set && (() => undefined), enumerable };
};

/** Below what is shown only whether there are members matters. */
const memberOf = (value, depth, copies) => (depth > SHOWN.depth ? null : copyOf(value, depth + 1, copies));

const arrayOf = (value, depth, copies) => {
  const length = dataOf(value, "length") ?? 0;
  const copy = [];
  copies.set(value, copy);
  const shown = Math.min(length, MAX_MEMBERS);
  for (let index = 0; index < shown; index++) {
    const property = ObjectGetOwnPropertyDescriptor(value, index);
    if (property !== undefined) Object.defineProperty(copy, index, propertyOf(property, depth, copies));
  }
  copy.length = length;
  return copy;
};

const collectionOf = (kind, value, depth, copies) => {
  const copy = kind === "map" ? new Map() : new Set();
  copies.set(value, copy);
  const each = kind === "map" ? MapPrototypeForEach : SetPrototypeForEach;
  each(value, (item, key) => {
    if (copy.size >= MAX_MEMBERS) return;
    if (kind === "map") copy.set(memberOf(key, depth, copies), memberOf(item, depth, copies));
    else copy.add(memberOf(item, depth, copies));
  });
  return copy;
};

kernel.uncaughtText = (value) => {
  const text = inspect(copyOf(value, 0, new Map()), SHOWN);
  return `uncaught ${text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text}`;
};
