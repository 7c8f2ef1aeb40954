/*
 * env, and Node's habit of it: process.env. Each name is a question to the host; what is not granted throws, whether or
 * not it is set, and an enumeration holds the granted names only.
 */

const { take } = kernel;

const read = (name) => kernel.call("env.read", { name: take.text(name, "env.read", "name") }) ?? undefined;
const has = (name) => kernel.call("env.has", { name: take.text(name, "env.has", "name") });

/** What engines and libraries look up on any object is no variable. */
const isHabit = (key) => typeof key === "symbol" || key === "toJSON" || key === "then" || key in Object.prototype;

const readOnly = (key) =>
  take.refuse(
    `\`process.env.${take.shown(`${String(key)}`)}\` can not be changed`,
    "pass `env` to `subprocess.exec` for a child",
  );

/** None where nothing is granted: to ask what there is, is no offence. */
const grantedNames = () => {
  try {
    return kernel.call("env.names", {});
  } catch (error) {
    if (error.code === "E_CAPABILITY" || error.code === "E_POLICY_DENIED") return [];
    throw error;
  }
};

const variables = new Proxy(Object.create(null), {
  get: (_, key) => (isHabit(key) ? (typeof key === "symbol" ? undefined : Object.prototype[key]) : read(key)),
  has: (_, key) => (isHabit(key) ? key in Object.prototype : has(key)),
  ownKeys: () => grantedNames(),
  getOwnPropertyDescriptor: (_, key) => {
    const value = isHabit(key) ? undefined : read(key);
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
  getPrototypeOf: () => Object.prototype,
  set: (_, key) => readOnly(key),
  defineProperty: (_, key) => readOnly(key),
  deleteProperty: (_, key) => readOnly(key),
  preventExtensions: () => false,
});

/** Given as a getter, so that nothing walks into it while the prelude is hardened. */
kernel.environment = () => variables;
kernel.env = { read: kernel.native("read", 1, read), has: kernel.native("has", 1, has) };
kernel.define("env", kernel.env);
