/*
 * Deep equality, for assert and util.isDeepStrictEqual. Kinds are told by internal slot; circles end, since a pair that
 * is being compared counts as equal.
 */

const {
  DatePrototypeGetTime,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeHas,
  RegExpPrototypeToString,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  SetPrototypeHas,
} = kernel.primordials;

const { bytes, inspecting, seals } = kernel;

const isObject = (value) => typeof value === "object" && value !== null;

/** `strict`: same prototypes and Object.is; else ==, and prototypes do not matter. */
const equal = (left, right, strict, open = []) => {
  seals.branch(left);
  seals.branch(right);
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) return sameScalar(left, right, strict);
  if (strict && Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  const kind = inspecting.kindOf(left);
  if (kind !== inspecting.kindOf(right)) return false;
  if (open.some((pair) => pair[0] === left && pair[1] === right)) return true;
  open.push([left, right]);
  const same = (COMPARE[kind] ?? always)(left, right, strict, open) && sameProperties(left, right, strict, open);
  open.pop();
  return same;
};

const sameScalar = (left, right, strict) => {
  if (strict || isObject(left) || isObject(right)) return false;
  // biome-ignore lint/suspicious/noDoubleEquals: assert.deepEqual is defined by it
  return left == right || (Number.isNaN(left) && Number.isNaN(right));
};

const always = () => true;

const sameProperties = (left, right, strict, open) => {
  const keys = inspecting.keysOf(PLAIN, left);
  if (keys.length !== inspecting.keysOf(PLAIN, right).length) return false;
  return keys.every(
    (key) => Object.prototype.propertyIsEnumerable.call(right, key) && equal(left[key], right[key], strict, open),
  );
};
const PLAIN = { showHidden: false };

const pairsOf = (map) => {
  const pairs = [];
  MapPrototypeForEach(map, (value, key) => pairs.push([key, value]));
  return pairs;
};

const membersOf = (set) => {
  const members = [];
  SetPrototypeForEach(set, (member) => members.push(member));
  return members;
};

const sameMaps = (left, right, strict, open) => {
  if (MapPrototypeGetSize(left) !== MapPrototypeGetSize(right)) return false;
  const others = pairsOf(right);
  return pairsOf(left).every(([key, value]) => {
    if (MapPrototypeHas(right, key)) return equal(value, MapPrototypeGet(right, key), strict, open);
    return others.some((pair) => equal(key, pair[0], strict, open) && equal(value, pair[1], strict, open));
  });
};

const sameSets = (left, right, strict, open) => {
  if (SetPrototypeGetSize(left) !== SetPrototypeGetSize(right)) return false;
  const others = membersOf(right);
  return membersOf(left).every(
    (member) => SetPrototypeHas(right, member) || others.some((other) => equal(member, other, strict, open)),
  );
};

const sameBytes = (left, right) => {
  const first = bytes.view(left);
  const second = bytes.view(right);
  return first.length === second.length && first.every((byte, index) => byte === second[index]);
};

const COMPARE = {
  array: (left, right) => left.length === right.length,
  date: (left, right) => DatePrototypeGetTime(left) === DatePrototypeGetTime(right),
  regexp: (left, right) => RegExpPrototypeToString(left) === RegExpPrototypeToString(right),
  error: (left, right) => left.name === right.name && left.message === right.message,
  map: sameMaps,
  set: sameSets,
  typedarray: sameBytes,
  arraybuffer: sameBytes,
  dataview: sameBytes,
  number: (left, right) => Object.is(left.valueOf(), right.valueOf()),
  string: (left, right) => left.valueOf() === right.valueOf(),
  boolean: (left, right) => left.valueOf() === right.valueOf(),
  bigint: (left, right) => left.valueOf() === right.valueOf(),
  promise: () => false,
  weakmap: () => false,
  weakset: () => false,
};

kernel.equal = (left, right, strict) => equal(left, right, strict);
