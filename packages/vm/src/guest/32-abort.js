/*
 * AbortController and AbortSignal as the DOM standard has them, as far as a script without pages needs them. A timeout
 * signal remembers its milliseconds, so that `fetch` can hand them to the host: the virtual clock stands still while a
 * request is under way.
 */

const { DOMException, take } = kernel;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const KEY = Symbol("made by the runtime");

/** Routes to the private fields, for this folder alone. */
let is;
let milliseconds;
let fire;
let listen;
let unlisten;

class AbortSignal {
  #aborted = false;
  #reason = undefined;
  #listeners = [];
  #milliseconds = undefined;
  #onabort = null;

  constructor(key = undefined, milliseconds = undefined) {
    if (key !== KEY)
      throw new TypeError("make an AbortSignal with `new AbortController().signal` or AbortSignal.timeout");
    this.#milliseconds = milliseconds;
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(KEY);
    signal.#fire(reason);
    return signal;
  }

  static timeout(milliseconds) {
    const delay = take.milliseconds(milliseconds, "AbortSignal.timeout", "milliseconds");
    const signal = new AbortSignal(KEY, delay);
    kernel.setTimeout(() => signal.#fire(timeoutReason()), delay);
    return signal;
  }

  static any(signals) {
    const all = [...signals];
    const delays = all.map((signal) => milliseconds(signal)).filter((delay) => delay !== undefined);
    const combined = new AbortSignal(KEY, delays.length === 0 ? undefined : Math.min(...delays));
    for (const signal of all) {
      if (signal.#aborted) combined.#fire(signal.#reason);
      else signal.#listeners.push({ call: () => combined.#fire(signal.#reason), once: true });
    }
    return combined;
  }

  static {
    is = (value) => typeof value === "object" && value !== null && #aborted in value;
    milliseconds = (signal) => signal.#milliseconds;
    fire = (signal, reason) => signal.#fire(reason);
    listen = (signal, call) => signal.#listeners.push({ listener: call, call, once: true });
    unlisten = (signal, call) => signal.removeEventListener("abort", call);
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  get onabort() {
    return this.#onabort;
  }

  set onabort(listener) {
    this.#onabort = typeof listener === "function" ? listener : null;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  addEventListener(type, listener, options = undefined) {
    if (`${type}` !== "abort" || listener === null || listener === undefined) return;
    const once = typeof options === "object" && options !== null && Boolean(options.once);
    if (!this.#listeners.some((entry) => entry.listener === listener)) {
      this.#listeners.push({ listener, call: (event) => notify(listener, this, event), once });
    }
  }

  removeEventListener(type, listener) {
    if (`${type}` === "abort") this.#listeners = this.#listeners.filter((entry) => entry.listener !== listener);
  }

  [CUSTOM]() {
    return `AbortSignal { aborted: ${this.#aborted} }`;
  }

  #fire(reason) {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason === undefined ? new DOMException("the operation was aborted", "AbortError") : reason;
    const event = Object.freeze({ type: "abort", target: this, currentTarget: this });
    const called = this.#listeners;
    this.#listeners = called.filter((entry) => !entry.once);
    if (this.#onabort !== null) Reflect.apply(this.#onabort, this, [event]);
    for (const entry of called) entry.call(event);
  }
}

const notify = (listener, signal, event) => {
  if (typeof listener === "function") Reflect.apply(listener, signal, [event]);
  else if (typeof listener.handleEvent === "function") listener.handleEvent(event);
};

const timeoutReason = () => new DOMException("the operation took longer than its timeout", "TimeoutError");

class AbortController {
  #signal = new AbortSignal(KEY);

  get signal() {
    return this.#signal;
  }

  abort(reason = undefined) {
    fire(this.#signal, reason);
  }
}

kernel.tagged(AbortSignal, "AbortSignal");
kernel.tagged(AbortController, "AbortController");
kernel.signals = { is, milliseconds, listen, unlisten };
kernel.define("AbortSignal", AbortSignal);
kernel.define("AbortController", AbortController);
