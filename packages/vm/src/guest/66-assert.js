/*
 * assert, the common part of Node's: an AssertionError tells both values. Loose comparisons are Node's loose ones.
 */

const { inspect, seals } = kernel;

class AssertionError extends Error {
  constructor(options) {
    const { message, actual, expected, operator } = options;
    super(message);
    Object.assign(this, {
      code: "ERR_ASSERTION",
      generatedMessage: options.generated === true,
      actual,
      expected,
      operator,
    });
  }
}
Object.defineProperty(AssertionError.prototype, "name", {
  value: "AssertionError",
  writable: true,
  configurable: true,
});

const failed = (message, actual, expected, operator, said) => {
  if (message instanceof Error) throw message;
  const generated = message === undefined;
  throw new AssertionError({ message: generated ? said : `${message}`, actual, expected, operator, generated });
};

const compared = (operator, says, holds) => (actual, expected, message) => {
  // As everywhere, a sealed value may be held against nothing: it is never undefined.
  if (actual !== undefined && expected !== undefined) {
    seals.branch(actual);
    seals.branch(expected);
  }
  if (!holds(actual, expected)) {
    failed(message, actual, expected, operator, `${says}\n\n${inspect(actual)}\n\nand\n\n${inspect(expected)}`);
  }
};

const ok = (value, message) => {
  seals.branch(value);
  if (!value) failed(message, value, true, "==", `The value is not truthy: ${inspect(value)}`);
};

/** Does what was thrown fit: a class, a pattern, a function that judges, or an object of properties. */
const fits = (error, wanted) => {
  if (wanted === undefined) return true;
  if (wanted instanceof RegExp) return wanted.test(`${error}`);
  if (typeof wanted !== "function") {
    return Object.keys(wanted).every((key) => {
      const pattern = wanted[key];
      const text = error?.[key];
      return pattern instanceof RegExp && typeof text === "string"
        ? pattern.test(text)
        : kernel.equal(text, pattern, true);
    });
  }
  if (wanted.prototype !== undefined && error instanceof wanted) return true;
  if (wanted === Error || wanted.prototype instanceof Error) return false;
  return Reflect.apply(wanted, undefined, [error]) === true;
};

const judged = (error, wanted, message) => {
  if (typeof wanted === "string" || fits(error, wanted)) return;
  if (message !== undefined) failed(message, error, wanted, "throws");
  throw error;
};

const throws = (run, wanted, message) => {
  try {
    run();
  } catch (error) {
    return judged(error, wanted, message);
  }
  const note = typeof wanted === "string" ? wanted : message;
  return failed(note, undefined, wanted, "throws", "Missing expected exception.");
};

const rejects = async (run, wanted, message) => {
  try {
    await (typeof run === "function" ? run() : run);
  } catch (error) {
    return judged(error, wanted, message);
  }
  const note = typeof wanted === "string" ? wanted : message;
  return failed(note, undefined, wanted, "rejects", "Missing expected rejection.");
};

const not = (holds) => (left, right) => !holds(left, right);
// biome-ignore lint/suspicious/noDoubleEquals: assert.equal is defined by it
const loose = (left, right) => left == right || (Number.isNaN(left) && Number.isNaN(right));
const deep = (left, right) => kernel.equal(left, right, false);
const deepStrict = (left, right) => kernel.equal(left, right, true);
const matches = (text, pattern) => typeof text === "string" && pattern.test(text);

const strict = {
  AssertionError,
  ok,
  fail: (message) => failed(message, undefined, undefined, "fail", "Failed"),
  equal: compared("strictEqual", "Expected values to be strictly equal:", Object.is),
  notEqual: compared("notStrictEqual", "Expected values to be strictly unequal:", not(Object.is)),
  strictEqual: compared("strictEqual", "Expected values to be strictly equal:", Object.is),
  notStrictEqual: compared("notStrictEqual", "Expected values to be strictly unequal:", not(Object.is)),
  deepEqual: compared("deepStrictEqual", "Expected values to be strictly deep-equal:", deepStrict),
  notDeepEqual: compared("notDeepStrictEqual", "Expected values not to be strictly deep-equal:", not(deepStrict)),
  deepStrictEqual: compared("deepStrictEqual", "Expected values to be strictly deep-equal:", deepStrict),
  notDeepStrictEqual: compared("notDeepStrictEqual", "Expected values not to be strictly deep-equal:", not(deepStrict)),
  match: compared("match", "The input did not match the regular expression:", matches),
  doesNotMatch: compared("doesNotMatch", "The input was expected not to match:", not(matches)),
  throws,
  rejects,
};

const callable = (members) => Object.assign((value, message) => ok(value, message), members);
const assert = callable({
  ...strict,
  equal: compared("==", "Expected values to be loosely equal:", loose),
  notEqual: compared("!=", "Expected values to be loosely unequal:", not(loose)),
  deepEqual: compared("deepEqual", "Expected values to be loosely deep-equal:", deep),
  notDeepEqual: compared("notDeepEqual", "Expected values not to be loosely deep-equal:", not(deep)),
});
const strictAssert = callable(strict);
strictAssert.strict = strictAssert;
assert.strict = strictAssert;

kernel.addModule("assert", assert);
kernel.addModule("assert/strict", strictAssert);
