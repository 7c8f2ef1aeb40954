/*
 * events and querystring, which scripts import by habit; both small, both whole inside the VM.
 */

const { take, URLSearchParams } = kernel;

class EventEmitter {
  #listeners = new Map();

  on(name, listener) {
    return this.#add(name, listener, false);
  }

  addListener(name, listener) {
    return this.#add(name, listener, false);
  }

  once(name, listener) {
    return this.#add(name, listener, true);
  }

  off(name, listener) {
    const kept = this.#of(name).filter((entry) => entry.listener !== listener);
    this.#listeners.set(name, kept);
    return this;
  }

  removeListener(name, listener) {
    return this.off(name, listener);
  }

  removeAllListeners(name = undefined) {
    if (name === undefined) this.#listeners.clear();
    else this.#listeners.delete(name);
    return this;
  }

  /** An "error" that nobody listens for is thrown. */
  emit(name, ...values) {
    const called = this.#of(name);
    if (called.length === 0 && name === "error") {
      throw values[0] instanceof Error ? values[0] : new Error(`Unhandled error. (${kernel.inspect(values[0])})`);
    }
    this.#listeners.set(
      name,
      called.filter((entry) => !entry.once),
    );
    for (const { listener } of called) Reflect.apply(listener, this, values);
    return called.length > 0;
  }

  listenerCount(name) {
    return this.#of(name).length;
  }

  listeners(name) {
    return this.#of(name).map((entry) => entry.listener);
  }

  eventNames() {
    return [...this.#listeners.keys()].filter((name) => this.#of(name).length > 0);
  }

  setMaxListeners() {
    return this;
  }

  #of(name) {
    return this.#listeners.get(name) ?? [];
  }

  #add(name, listener, once) {
    if (typeof listener !== "function") return take.wrong("EventEmitter.on", "listener", "a function", listener);
    this.#listeners.set(name, [...this.#of(name), { listener, once }]);
    return this;
  }
}

const once = (emitter, name) =>
  new Promise((resolve, reject) => {
    emitter.once(name, (...values) => resolve(values));
    if (name !== "error") emitter.once("error", reject);
  });

kernel.inspecting.named(EventEmitter);
kernel.addModule("events", Object.assign(EventEmitter, { EventEmitter, once: kernel.native("once", 2, once) }));

/** One value of a name is a string, several an array. */
const parse = (text) => {
  const out = Object.create(null);
  for (const [name, value] of new URLSearchParams(take.text(text, "querystring.parse", "text"))) {
    const before = out[name];
    out[name] = before === undefined ? value : [].concat(before, value);
  }
  return out;
};

const stringify = (object) => {
  const pairs = [];
  for (const name of Object.keys(object ?? {})) {
    const value = object[name];
    for (const item of Array.isArray(value) ? value : [value]) pairs.push([name, `${item ?? ""}`]);
  }
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
};

kernel.addModule("querystring", {
  parse: kernel.native("parse", 1, parse),
  stringify: kernel.native("stringify", 1, stringify),
  decode: parse,
  encode: stringify,
  escape: kernel.native("escape", 1, (text) => encodeURIComponent(text)),
  unescape: kernel.native("unescape", 1, (text) => decodeURIComponent(text)),
});
