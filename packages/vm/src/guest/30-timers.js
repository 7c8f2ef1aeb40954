/*
 * Timers on a virtual clock: no real time passes (SAME-AGAIN). The machine fires one when nothing else can run; the
 * order is (due time, creation), where a timer that is set by a firing timer is due from that one's time on.
 */

const { take } = kernel;
const LONGEST = 2 ** 31 - 1;

let queue = []; // by due time, then creation
let waiting = new Map(); // id to timer
let now = 0;
let created = 0;
kernel.onStart(() => {
  queue = [];
  waiting = new Map();
  now = 0;
  created = 0;
});

/** What is not a delay up to 2^31-1 is 0. */
const delayOf = (value) => {
  const delay = Math.trunc(Number(value));
  return delay >= 0 && delay <= LONGEST ? delay : 0;
};

const enqueue = (timer) => {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle].due <= timer.due) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, timer);
};

const add = (name, callback, delay, values, repeats) => {
  if (typeof callback !== "function") {
    const hint = typeof callback === "string" ? "text is never run as code" : `pass a function: ${name}(() => ..., ms)`;
    return take.wrong(name, "callback", "a function", callback, hint);
  }
  created++;
  const timer = { id: created, due: now + delay, callback, values, repeats: repeats ? Math.max(1, delay) : 0 };
  waiting.set(timer.id, timer);
  enqueue(timer);
  return timer.id;
};

const clear = (id) => {
  const timer = waiting.get(typeof id === "string" ? Number(id) : id);
  if (timer !== undefined) waiting.delete(timer.id);
};

kernel.fireTimer = () => {
  while (queue.length > 0) {
    const timer = queue.shift();
    if (waiting.get(timer.id) !== timer) continue;
    now = timer.due;
    if (timer.repeats > 0) {
      timer.due += timer.repeats;
      enqueue(timer);
    } else waiting.delete(timer.id);
    Reflect.apply(timer.callback, undefined, timer.values);
    return true;
  }
  return false;
};

const setTimeout = (callback, delay = undefined, ...values) =>
  add("setTimeout", callback, delayOf(delay), values, false);
const setInterval = (callback, delay = undefined, ...values) =>
  add("setInterval", callback, delayOf(delay), values, true);
const setImmediate = (callback, ...values) => add("setImmediate", callback, 0, values, false);

const queueMicrotask = (callback) => {
  if (typeof callback !== "function") take.wrong("queueMicrotask", "callback", "a function", callback);
  Promise.resolve().then(() => {
    callback();
  });
};

const sleep = (delay = undefined, value = undefined) =>
  new Promise((resolve) => {
    setTimeout(() => resolve(value), delay);
  });
const soon = (value = undefined) =>
  new Promise((resolve) => {
    setImmediate(() => resolve(value));
  });

const promisified = (timer, promise) =>
  Object.defineProperty(timer, Symbol.for("nodejs.util.promisify.custom"), { value: promise });
promisified(setTimeout, sleep);
promisified(setImmediate, soon);

const functions = {
  setTimeout: kernel.native("setTimeout", 2, setTimeout),
  clearTimeout: kernel.native("clearTimeout", 1, (id = undefined) => clear(id)),
  setInterval: kernel.native("setInterval", 2, setInterval),
  clearInterval: kernel.native("clearInterval", 1, (id = undefined) => clear(id)),
  setImmediate: kernel.native("setImmediate", 1, setImmediate),
  clearImmediate: kernel.native("clearImmediate", 1, (id = undefined) => clear(id)),
};
for (const [name, value] of Object.entries(functions)) kernel.define(name, value);
kernel.define("queueMicrotask", kernel.native("queueMicrotask", 1, queueMicrotask));
kernel.setTimeout = setTimeout;
kernel.queueMicrotask = queueMicrotask;
kernel.addModule("timers", { ...functions });
kernel.addModule("timers/promises", {
  setTimeout: kernel.native("setTimeout", 2, sleep),
  setImmediate: kernel.native("setImmediate", 1, soon),
});
