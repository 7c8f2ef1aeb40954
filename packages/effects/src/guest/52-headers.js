/*
 * Header fields: the Web's Headers class, and the plain object with lower-case names that `Response.headers` is. Names
 * and values are checked here for their form alone; which ones may be sent is the host's to say.
 */

const { take } = kernel;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

const nameOf = (value, call) => {
  const name = `${value}`;
  return NAME.test(name)
    ? name.toLowerCase()
    : take.refuse(`\`${take.shown(name)}\` is not a header name (\`${call}\`)`);
};

const fieldOf = (value, call, name) => {
  const text = take.scalar(value, call, `headers.${name}`).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r]/.test(text)) return take.refuse(`the header \`${name}\` holds a line break or a NUL (\`${call}\`)`);
  return text;
};

const pairOf = (pair, call) => {
  const parts = typeof pair === "object" && pair !== null ? Array.from(pair) : [];
  if (parts.length !== 2) return take.refuse(`each entry of \`headers\` of \`${call}\` must be [name, value]`);
  const name = nameOf(parts[0], call);
  return [name, fieldOf(parts[1], call, name)];
};

/** [name, value] pairs of what a script gives as headers: a Headers, an iterable of pairs, or an object. */
const headerPairs = (init, call) => {
  if (init === undefined || init === null) return [];
  if (typeof init !== "object" || kernel.seals.is(init)) return take.wrong(call, "headers", "an object", init);
  if (isHeaders(init)) return listOf(init).map(([name, value]) => [name, value]);
  if (typeof init[Symbol.iterator] === "function") return Array.from(init, (pair) => pairOf(pair, call));
  return Object.keys(init).flatMap((key) => {
    const value = init[key];
    return value === undefined ? [] : [pairOf([key, value], call)];
  });
};

let isHeaders;
let listOf;

class Headers {
  #list = [];

  static {
    isHeaders = (value) => typeof value === "object" && value !== null && #list in value;
    listOf = (headers) => headers.#list;
  }

  constructor(init = undefined) {
    for (const [name, value] of headerPairs(init, "Headers")) this.append(name, value);
  }

  append(name, value) {
    const key = nameOf(name, "Headers.append");
    this.#list.push([key, fieldOf(value, "Headers.append", key)]);
  }

  set(name, value) {
    const key = nameOf(name, "Headers.set");
    const text = fieldOf(value, "Headers.set", key);
    this.#list = this.#list.filter((pair) => pair[0] !== key);
    this.#list.push([key, text]);
  }

  delete(name) {
    const key = nameOf(name, "Headers.delete");
    this.#list = this.#list.filter((pair) => pair[0] !== key);
  }

  get(name) {
    return found(this.#list, `${name}`.toLowerCase());
  }

  has(name) {
    return this.get(name) !== null;
  }

  getSetCookie() {
    return this.#list.filter((pair) => pair[0] === "set-cookie").map((pair) => pair[1]);
  }

  forEach(callback, self = undefined) {
    if (typeof callback !== "function") take.wrong("Headers.forEach", "callback", "a function", callback);
    for (const [name, value] of sorted(this.#list)) Reflect.apply(callback, self, [value, name, this]);
  }

  *entries() {
    yield* sorted(this.#list);
  }

  *keys() {
    for (const [name] of sorted(this.#list)) yield name;
  }

  *values() {
    for (const [, value] of sorted(this.#list)) yield value;
  }

  [CUSTOM](_depth, options, inspect) {
    return `Headers ${inspect(Object.fromEntries(sorted(this.#list)), options)}`;
  }
}

const found = (list, name) => {
  const values = list.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  return values.length === 0 ? null : values.join(", ");
};

/** By name; fields of one name joined, but for set-cookie, where a comma has another meaning. */
const sorted = (list) => {
  const names = [...new Set(list.map((pair) => pair[0]))].sort();
  return names.flatMap((name) =>
    name === "set-cookie" ? list.filter((pair) => pair[0] === name) : [[name, found(list, name)]],
  );
};

const iterable = (prototype) =>
  Object.defineProperty(prototype, Symbol.iterator, { value: prototype.entries, writable: true, configurable: true });

/** Methods of `Response.headers`; a header of the same name is reached by `get`. */
const lists = new WeakMap();
const listBehind = (fields) => lists.get(fields) ?? take.refuse("these are not the headers of a response");
const FieldsPrototype = {
  get(name) {
    return found(listBehind(this), `${name}`.toLowerCase());
  },
  has(name) {
    return found(listBehind(this), `${name}`.toLowerCase()) !== null;
  },
  getSetCookie() {
    return listBehind(this)
      .filter((pair) => pair[0] === "set-cookie")
      .map((pair) => pair[1]);
  },
  forEach(callback, self = undefined) {
    if (typeof callback !== "function") take.wrong("headers.forEach", "callback", "a function", callback);
    for (const [name, value] of sorted(listBehind(this))) Reflect.apply(callback, self, [value, name, this]);
  },
  *entries() {
    yield* sorted(listBehind(this));
  },
  *keys() {
    for (const [name] of sorted(listBehind(this))) yield name;
  },
  *values() {
    for (const [, value] of sorted(listBehind(this))) yield value;
  },
};
iterable(FieldsPrototype);
for (const key of Object.keys(FieldsPrototype)) {
  Object.defineProperty(FieldsPrototype, key, { enumerable: false });
}

/** A plain object of the fields, by lower-case name. */
const plainFields = (list) => {
  const fields = Object.create(FieldsPrototype);
  for (const [name, value] of sorted(list)) {
    if (Object.hasOwn(FieldsPrototype, name)) continue;
    const joined = name === "set-cookie" ? found(list, name) : value;
    Object.defineProperty(fields, name, { value: joined, writable: true, enumerable: true, configurable: true });
  }
  lists.set(fields, list);
  return fields;
};

iterable(Headers.prototype);
kernel.tagged(Headers, "Headers");
kernel.headers = {
  Headers,
  headerPairs,
  plainFields: (list) => plainFields(list.map(([name, value]) => [`${name}`, `${value}`])),
};
kernel.harden(FieldsPrototype);
kernel.define("Headers", Headers);
