/*
 * Takes the arguments of every wrapper: each is read once, copied, and refused with a sentence that says what to pass.
 * The host validates again; here a script gets its answer early and in its own terms. Options are copied into an object
 * without a prototype, so getters and proxies run once and cannot answer differently later (CHECKED-IS-USED).
 */

const { seals } = kernel;

const kindOf = (value) => {
  if (seals.is(value)) return "a sealed value";
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "object" && value instanceof Promise) return "a promise (put `await` before it)";
  return typeof value;
};

const refuse = (message, hint) => kernel.throwError("E_ARGUMENT", message, hint === undefined ? undefined : { hint });

const wrong = (call, name, wanted, value, hint) =>
  refuse(`\`${name}\` of \`${call}\` must be ${wanted}, got ${kindOf(value)}`, hint);

/** Of a Sealed its token: the host says whether it may go there. */
const text = (value, call, name, hint) =>
  typeof value === "string" ? value : seals.is(value) ? seals.token(value) : wrong(call, name, "a string", value, hint);

const optional = (check) => (value, call, name, hint) =>
  value === undefined ? undefined : check(value, call, name, hint);

const flag = (value, call, name) => (typeof value === "boolean" ? value : wrong(call, name, "true or false", value));

const count = (value, call, name) =>
  Number.isSafeInteger(value) && value >= 0
    ? value
    : typeof value === "number"
      ? refuse(`\`${name}\` of \`${call}\` must be a whole number from 0, got ${value}`)
      : wrong(call, name, "a whole number from 0", value);

const milliseconds = (value, call, name) =>
  typeof value === "number" && value > 0 && value < Infinity
    ? Math.ceil(value)
    : typeof value === "number"
      ? refuse(`\`${name}\` of \`${call}\` must be a number of milliseconds above 0, got ${value}`)
      : wrong(call, name, "a number of milliseconds above 0", value);

const oneOf = (value, call, name, allowed) => {
  if (typeof value === "string" && allowed.includes(value)) return value;
  const list = allowed.map((item) => `"${item}"`).join(", ");
  if (typeof value !== "string") return wrong(call, name, `one of ${list}`, value);
  return refuse(`\`${name}\` of \`${call}\` must be one of ${list}, got \`${shown(value)}\``);
};

/** Members of `allowed`, each read once. A name that is not known is refused: a typing error would be a silent default. */
const options = (value, call, allowed) => {
  const copy = Object.create(null);
  if (value === undefined || value === null) return copy;
  if (typeof value !== "object" || Array.isArray(value) || seals.is(value)) {
    return wrong(call, "options", "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) {
      const known = allowed.map((name) => `\`${name}\``).join(", ");
      refuse(`\`${call}\` has no option \`${shown(key)}\``, `its options are ${known}`);
    }
  }
  return pick(value, allowed);
};

/** As `options`, for Node's own option bags: names that mean nothing here are passed over. */
const pick = (value, allowed) => {
  if (seals.is(value)) refuse("options must be an object, got a sealed value");
  const copy = Object.create(null);
  for (const key of allowed) {
    const member = value[key];
    if (member !== undefined) copy[key] = member;
  }
  return copy;
};

/** Strings of an array, by index and length, so that a changed iterator or `map` has no say. */
const strings = (value, call, name, hint) => {
  if (!Array.isArray(value)) return wrong(call, name, "an array of strings", value, hint);
  const { length } = value;
  const copy = [];
  for (let index = 0; index < length; index++) copy.push(text(value[index], call, `${name}[${index}]`, hint));
  return copy;
};

/** String members of an object as [name, value] pairs; the values are strings, numbers or booleans. */
const entries = (value, call, name) => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || seals.is(value)) {
    return wrong(call, name, "an object", value);
  }
  return Object.keys(value).map((key) => [key, scalar(value[key], call, `${name}.${key}`)]);
};

const scalar = (value, call, name) =>
  typeof value === "number" || typeof value === "boolean" ? `${value}` : text(value, call, name);

/** User text in a message, cut to a readable length. */
const shown = (value, most = 80) => (value.length > most ? `${value.slice(0, most)}…` : value);

kernel.take = {
  kindOf,
  refuse,
  wrong,
  text,
  flag,
  count,
  milliseconds,
  oneOf,
  options,
  pick,
  strings,
  entries,
  scalar,
  shown,
  optionalText: optional(text),
  optionalFlag: optional(flag),
  optionalCount: optional(count),
  optionalMilliseconds: optional(milliseconds),
};
