/*
 * Globals of the language that know sealed values. They take the places of the originals only in a run whose policy
 * declares something local-only; every other run has the engine's own functions. `$$branch` is what the parser puts
 * around conditions then (source/guard.ts): help for who writes `if (sealed)`, and no wall, since nothing here is secret.
 */

const { seals } = kernel;
const { holds, is } = seals;
const TOKEN_LENGTH = 39;
const { ObjectGetOwnPropertyDescriptors } = kernel.primordials;

const parse = (text, reviver = undefined) => {
  const token = seals.exactly(text);
  if (token === null) return reviver === undefined ? JSON.parse(text) : JSON.parse(text, reviver);
  if (reviver !== undefined) seals.unavailable("a reviver", "JSON.parse(sealed).map(v => …)");
  return seals.as(token, "json");
};

const SealedJson = Object.defineProperties(
  {},
  {
    ...ObjectGetOwnPropertyDescriptors(JSON),
    parse: { value: kernel.native("parse", 2, parse), writable: true, enumerable: false, configurable: true },
  },
);

const encoder = (how, original) => (text) => {
  const given = `${text}`;
  return seals.inText(given) ? seals.encode(how, given) : original(given);
};

/** Of text around a token nothing is lost; a Sealed by itself would come back unchanged, and wrong. */
const refuser =
  (name, original) =>
  (text, ...rest) =>
    seals.exactly(text) === null ? original(text, ...rest) : seals.unavailable(`"${name}"`, `.map(v => ${name}(v))`);

const INSTEAD = {
  encodeURI: encoder("uri", encodeURI),
  encodeURIComponent: encoder("uriComponent", encodeURIComponent),
  decodeURI: refuser("decodeURI", decodeURI),
  decodeURIComponent: refuser("decodeURIComponent", decodeURIComponent),
  parseInt: refuser("parseInt", parseInt),
  parseFloat: refuser("parseFloat", parseFloat),
};
for (const [name, value] of Object.entries(INSTEAD)) kernel.native(name, globalThis[name].length, value);
INSTEAD.JSON = SealedJson;

const DECIDE =
  "put the decision in seal.run([value], (v, io) => {…}), compute with value.map((v) => …), or ask the operator for a release rule";
const LEAVE_OUT =
  "it can be used and not opened, so leave the check out: a request or command fails where it is missing";

const refuseBranch = (value, line) => {
  const what = is(value) ? seals.display(value) : "a text with a sealed value";
  const where = line === undefined ? "" : `line ${line}: `;
  kernel.throwError(
    "E_SEALED_BRANCH",
    `${where}the program cannot branch on ${what}, loop over it or spread it; ${seals.isUseOnly(value) ? LEAVE_OUT : DECIDE}`,
  );
};

/** Runs at every condition of a script, mostly for numbers and booleans: about half a microsecond each time. */
const branch = (value, line) => {
  if (typeof value === "object") {
    if (is(value)) refuseBranch(value, line);
  } else if (typeof value === "string" && value.length >= TOKEN_LENGTH && holds(value)) refuseBranch(value, line);
  return value;
};

kernel.harden(INSTEAD);
kernel.harden(branch);
kernel.onStart(() => {
  if (kernel.setup.localOnly !== true) return;
  for (const name of Object.keys(INSTEAD)) {
    Object.defineProperty(globalThis, name, { value: INSTEAD[name], writable: true, configurable: true });
  }
  kernel.define("$$branch", branch);
});
/** For what decides in a file of ours: assertions and deep equality. */
seals.branch = branch;
