/*
 * seal and release: what a script can have done with sealed values. A function goes to its compartment as its text,
 * taken by the original Function.prototype.toString, so that an own `toString` says nothing; the host judges the text.
 */

const { seals, take } = kernel;
const { FunctionPrototypeToString } = kernel.primordials;

const needsLocalOnly = (call) => {
  if (kernel.setup.localOnly === true) return;
  take.refuse(`\`${call}\` is for sealed values, and the policy declares nothing local-only`);
};

/** Handles: Sealed values, or texts that are exactly the token of one. */
const tokenOf = (value, call, name) =>
  seals.exactly(value) ?? take.wrong(call, name, "a sealed value", value, "public values go behind the function");

const tokensOf = (list, call) => {
  if (!Array.isArray(list)) return take.wrong(call, "inputs", "an array of sealed values", list);
  const tokens = [];
  const { length } = list;
  for (let index = 0; index < length; index++) tokens.push(tokenOf(list[index], call, `inputs[${index}]`));
  return tokens;
};

const sourceOf = (fn, call) =>
  typeof fn === "function" ? FunctionPrototypeToString(fn) : take.wrong(call, "function", "a function", fn);

/** JSON would put null for it, and the function would fail where nobody sees it. */
const refuseFunctions = (args, call) => {
  for (let index = 0; index < args.length; index++) {
    const kind = kernel.kindWithoutJson(args[index]);
    if (kind === null) continue;
    const hint = typeof args[index] === "function" ? "define it inside of the function" : undefined;
    take.refuse(`${call}: argument ${index + 1} behind the function is ${kind}, which cannot be passed`, hint);
  }
};

const isExample = (value) =>
  typeof value === "object" &&
  value !== null &&
  !seals.is(value) &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).join() === "example";

/**
 * `{ example }` as the last argument: the function is run on it here, too, in the open, once the host has taken the text.
 * So it uses nothing from outside, and what it throws is about the example. Of several inputs it is an array of examples.
 */
seals.compute = (inputs, fn, given, how) => {
  const call = how === "map" ? "sealed.map" : "seal.compute";
  const source = sourceOf(fn, call);
  const args = [...given];
  refuseFunctions(args, call);
  const last = args.at(-1);
  if (!isExample(last)) return kernel.call("seal.compute", { inputs, source, args });
  const { example } = last;
  const behind = args.slice(0, -1);
  const sealed = kernel.call("seal.compute", { inputs, source, args: behind });
  const examples = inputs.length === 1 ? [example] : example;
  if (!Array.isArray(examples) || examples.length !== inputs.length) {
    return take.wrong("seal.compute", "example", "an array with an example for each input", example);
  }
  Reflect.apply(fn, undefined, [...examples, ...behind]);
  return sealed;
};

const compute = (inputs, fn, ...args) => {
  needsLocalOnly("seal.compute");
  return seals.compute(tokensOf(inputs, "seal.compute"), fn, args, "compute");
};

const run = (inputs, fn, ...args) => {
  needsLocalOnly("seal.run");
  const source = sourceOf(fn, "seal.run");
  refuseFunctions(args, "seal.run");
  return kernel.call("seal.run", { inputs: tokensOf(inputs, "seal.run"), source, args });
};

const settle = (duration = undefined) => {
  needsLocalOnly("seal.settle");
  kernel.call("seal.settle", { duration: take.optionalText(duration, "seal.settle", "duration") ?? null });
};

const jwt = (key, claims, options = undefined) => {
  const call = "seal.jwt";
  needsLocalOnly(call);
  const token = tokenOf(key, call, "key");
  if (typeof claims !== "object" || claims === null) take.wrong(call, "claims", "an object", claims);
  const { algorithm = "HS256" } = take.options(options, call, ["algorithm"]);
  return kernel.call(call, { token, algorithm: take.text(algorithm, call, "algorithm"), claims });
};

const release = (rule, value) => {
  needsLocalOnly("release");
  return kernel.call("release", {
    rule: take.text(rule, "release", "rule", "release(rule, sealed): the first argument is the rule's name"),
    token: tokenOf(value, "release", "sealed"),
  });
};

kernel.define("seal", {
  is: kernel.native("is", 1, (value) => seals.is(value)),
  compute: kernel.native("compute", 2, compute),
  run: kernel.native("run", 2, run),
  settle: kernel.native("settle", 0, settle),
  jwt: kernel.native("jwt", 3, jwt),
});
kernel.define("release", kernel.native("release", 2, release));
