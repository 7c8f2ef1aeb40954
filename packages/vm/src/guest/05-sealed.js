/*
 * Sealed: what a script holds in the place of a local-only value. Nothing secret is in this VM (NO-PLAINTEXT): a Sealed
 * is a token, a display form and a label, all minted by the public side and independent of the value. So nothing here
 * guards a secret; what is guarded is that a Sealed looks the same whatever it stands for, and that its face is the
 * host's: faces lie in a WeakMap that only this file reaches, so a script can forge none, nor show one as another.
 *
 * kernel.sealed(face)          {token, display, kind, label, outcome?} of a host answer to a Sealed.
 * kernel.seals.is(value)       Is it one? False at once while the run has none; so are the others.
 * kernel.seals.isToken(text)   Is this text exactly the token of a Sealed of this run?
 * kernel.seals.any()           Has this run met a Sealed?
 * kernel.seals.token(sealed), .display(sealed)
 * kernel.seals.isUseOnly(value)                    Is it a credential, which nothing may open?
 * kernel.seals.as(token, how), .encode(how, text)   New ones: the vault does the work, later, and tells nobody.
 * kernel.seals.bodyAs(sealed, type)                 A response whose `body` is what `responseType` asked for.
 * kernel.seals.unavailable(what, instead)           Throws E_SEALED_METHOD.
 */

const { MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, ObjectFreeze, ReflectGetOwnPropertyDescriptor } =
  kernel.primordials;
const { ReflectOwnKeys, SetPrototypeHas, StringPrototypeToLowerCase } = kernel.primordials;
const { WeakMapPrototypeGet, WeakMapPrototypeHas, WeakMapPrototypeSet } = kernel.primordials;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

/** A Sealed, and the target of its proxy, to its face. Targets never leave this file. */
const faces = new WeakMap();
/** Token to Sealed. */
const byToken = new Map();
let isAny = false;

const is = (value) => isAny && typeof value === "object" && value !== null && WeakMapPrototypeHas(faces, value);

const faceOf = (value) =>
  (is(value) ? WeakMapPrototypeGet(faces, value) : undefined) ??
  kernel.throwError("E_ARGUMENT", "this is no sealed value, but something that was made of one");

const unavailable = (what, instead) =>
  kernel.throwError("E_SEALED_METHOD", `${what} is not available on a sealed value; use ${instead}`);

const as = (token, how) => kernel.call("seal.as", { token, how });
const encode = (how, text) => kernel.call("seal.encode", { how, text });

/** A property, whether or not the value has it. Asked for once, so that `a.b === a.b`. */
const memberOf = (face, given) => {
  const key = face.isHeaders ? StringPrototypeToLowerCase(given) : given;
  const found = MapPrototypeGet(face.members, key);
  if (found !== undefined) return found;
  const made =
    key === "body" && face.bodyAs !== "text" ? bodyOf(face) : kernel.call("seal.get", { token: face.token, key });
  if (key === "headers" && face.kind === "response") WeakMapPrototypeGet(faces, made).isHeaders = true;
  MapPrototypeSet(face.members, key, made);
  return made;
};

const bodyOf = ({ token, bodyAs }) =>
  bodyAs === "json" ? as(token, "json") : encode("base64", faceOf(as(token, "text")).token);

/* ---- what every Sealed has ---- */

const method = (name, length, fn) => ObjectFreeze(kernel.native(name, length, fn));

const OWN = {
  map: method("map", 1, function (fn, ...args) {
    return kernel.seals.compute([faceOf(this).token], fn, args, "map");
  }),
  get: method("get", 1, function (key) {
    const face = faceOf(this);
    return memberOf(face, typeof key === "number" ? `${key}` : kernel.take.text(key, "sealed.get", "key"));
  }),
  text: method("text", 0, function () {
    return as(faceOf(this).token, "text");
  }),
  json: method("json", 0, function () {
    return as(faceOf(this).token, "json");
  }),
  toString: method("toString", 0, function (encoding = undefined) {
    const { token } = faceOf(this);
    if (encoding === undefined || encoding === "utf8" || encoding === "utf-8") return token;
    if (encoding === "base64") return encode("base64", token);
    return unavailable('"toString" with this encoding', 'toString() or toString("base64")');
  }),
};

const ARITHMETIC = ".map((v) => …), or seal.run([value], (v, io) => {…}) where it decides something";

const iterate = method("[Symbol.iterator]", 0, () => unavailable("iterating", ".map(list => …)"));

/** Found on a Sealed, and not its own. `then` is not there, so that `await sealed` gives the Sealed. */
const BESIDES = new Map([
  ["then", undefined],
  ["constructor", undefined],
  ["__proto__", undefined],
  [
    "toJSON",
    method("toJSON", 0, function () {
      return faceOf(this).token;
    }),
  ],
  [
    "valueOf",
    method("valueOf", 0, function () {
      faceOf(this);
      return this;
    }),
  ],
  [
    Symbol.toPrimitive,
    method("[Symbol.toPrimitive]", 1, function (hint) {
      const { token } = faceOf(this);
      return hint === "number" ? unavailable("arithmetic", ARITHMETIC) : token;
    }),
  ],
  [
    CUSTOM,
    method("[inspect]", 0, function () {
      return faceOf(this).display;
    }),
  ],
  [Symbol.toStringTag, "Sealed"],
  [Symbol.iterator, iterate],
  [Symbol.asyncIterator, iterate],
]);

/* ---- methods of other things ---- */

/** Of these nobody calls, and a field of JSON may be called so. */
const MARKUP = [
  "anchor",
  "big",
  "blink",
  "bold",
  "fixed",
  "fontcolor",
  "fontsize",
  "italics",
  "link",
  "small",
  "strike",
];
const FIELDS = new Set(["length", "constructor", "__proto__", "then", ...MARKUP, "sub", "sup"]);
const prototypes = [String, Array, Number, Promise, Object].map(({ prototype }) => prototype);
const METHODS = new Set(prototypes.flatMap((prototype) => ReflectOwnKeys(prototype)).filter((key) => !FIELDS.has(key)));
const FILE_METHODS = new Map([
  ["isFile", '.map(v => v.type === "file")'],
  ["isDirectory", '.map(v => v.type === "directory")'],
  ["isSymbolicLink", ".map(v => v.type)"],
]);
const OF_RESPONSE = new Map(["arrayBuffer", "blob", "bytes", "clone"].map((key) => [key, ".text()"]));
const OF_HEADERS = new Map(["has", "getSetCookie"].map((key) => [key, '.get("name")']));

/** A credential that no compartment may open: its label says so. */
const isSecretFace = ({ label }) => label.some((one) => one.startsWith("secret:"));
const AS_IT_IS = "it as it is, since this secret can be used and not opened";

/** What to use instead of a method of that name; undefined: the name is a field's. */
const insteadOf = (face, key) => {
  if (SetPrototypeHas(METHODS, key)) {
    if (isSecretFace(face)) return AS_IT_IS;
    return key === "forEach" ? "seal.run([list], (list, io) => …)" : `.map(v => v.${key}(…))`;
  }
  if (face.isHeaders) return MapPrototypeGet(OF_HEADERS, key);
  return MapPrototypeGet(face.kind === "response" ? OF_RESPONSE : FILE_METHODS, key);
};

/** Called, it says what to do instead; so it does as a text, since the value may have a field of that name. */
const refusing = (key, instead) => {
  const refuse = kernel.native(key, 0, () => unavailable(`"${key}"`, instead));
  const asField = () => unavailable(`"${key}"`, `.get("${key}") for a field of that name`);
  for (const route of [Symbol.toPrimitive, "toJSON", "toString", CUSTOM]) {
    Reflect.defineProperty(refuse, route, { value: asField });
  }
  return ObjectFreeze(refuse);
};

/* ---- the proxy ---- */

const fixed = () => unavailable("assignment", ".map(v => ({ ...v, name: … }))");

/** Answers depend on the face alone. The target is frozen, so what it owns is all that a Sealed owns. */
const TRAPS = {
  __proto__: null,
  get(target, key) {
    const own = ReflectGetOwnPropertyDescriptor(target, key);
    if (own !== undefined) return own.value;
    if (MapPrototypeHas(BESIDES, key)) return MapPrototypeGet(BESIDES, key);
    if (typeof key === "symbol") return undefined;
    const face = WeakMapPrototypeGet(faces, target);
    const instead = insteadOf(face, key);
    return instead === undefined ? memberOf(face, key) : refusing(key, instead);
  },
  has: (target, key) => ReflectGetOwnPropertyDescriptor(target, key) !== undefined,
  ownKeys: (target) => ReflectOwnKeys(target),
  getOwnPropertyDescriptor: (target, key) => ReflectGetOwnPropertyDescriptor(target, key),
  getPrototypeOf: () => null,
  isExtensible: () => false,
  preventExtensions: () => true,
  setPrototypeOf: fixed,
  set: fixed,
  defineProperty: fixed,
  deleteProperty: fixed,
};

kernel.sealed = ({ token, display, kind, label, outcome }) => {
  const { map, get, text, json } = OWN;
  const target = ObjectFreeze({
    __proto__: null,
    map,
    get,
    text,
    json,
    label: ObjectFreeze(label),
    toString: OWN.toString,
  });
  const face = { __proto__: null, token, display, kind, label, members: new Map(), isHeaders: false, bodyAs: "text" };
  // The one boolean that the policy lets out of a sealed answer.
  if (outcome !== undefined) MapPrototypeSet(face.members, "ok", outcome);
  const sealed = new Proxy(target, TRAPS);
  WeakMapPrototypeSet(faces, target, face);
  WeakMapPrototypeSet(faces, sealed, face);
  MapPrototypeSet(byToken, token, sealed);
  isAny = true;
  return sealed;
};

kernel.seals = {
  is,
  any: () => isAny,
  isToken: (text) => isAny && typeof text === "string" && MapPrototypeHas(byToken, text),
  token: (sealed) => faceOf(sealed).token,
  display: (sealed) => faceOf(sealed).display,
  isUseOnly: (value) => is(value) && isSecretFace(faceOf(value)),
  as,
  encode,
  unavailable,
  bodyAs(sealed, type) {
    faceOf(sealed).bodyAs = type;
    return sealed;
  },
};
kernel.harden(OWN);
kernel.harden([...BESIDES.values()]);
