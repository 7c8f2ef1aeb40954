/*
 * structuredClone: a deep copy of data. Kinds are told by internal slot; functions, symbols and other objects with a
 * life of their own are refused with a DataCloneError, as in the HTML standard.
 */

const {
  ArrayBufferPrototypeSlice,
  DatePrototypeGetTime,
  MapPrototypeForEach,
  RegExpPrototypeGetFlags,
  RegExpPrototypeGetSource,
  SetPrototypeForEach,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  NumberPrototypeValueOf,
  StringPrototypeValueOf,
  BooleanPrototypeValueOf,
  BigIntPrototypeValueOf,
} = kernel.primordials;

const { DOMException, inspecting } = kernel;
const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

const refuse = (what) => {
  throw new DOMException(`${what} can not be cloned`, "DataCloneError");
};

const clone = (value, seen) => {
  if (typeof value === "symbol") return refuse(inspecting.symbol(value));
  if (typeof value === "function") return refuse("a function");
  if (typeof value !== "object" || value === null) return value;
  if (kernel.seals.is(value)) return value;
  if (seen.has(value)) return seen.get(value);
  const kind = inspecting.kindOf(value);
  const make = MAKERS[kind];
  if (make === undefined) return refuse(`a ${kind}`);
  const copy = make(value, seen);
  seen.set(value, copy);
  FILLERS[kind]?.(copy, value, seen);
  return copy;
};

const MAKERS = {
  array: (value) => new Array(value.length),
  object: () => ({}),
  map: () => new Map(),
  set: () => new Set(),
  date: (value) => new Date(DatePrototypeGetTime(value)),
  regexp: (value) => new RegExp(RegExpPrototypeGetSource(value), RegExpPrototypeGetFlags(value)),
  number: (value) => Object(NumberPrototypeValueOf(value)),
  string: (value) => Object(StringPrototypeValueOf(value)),
  boolean: (value) => Object(BooleanPrototypeValueOf(value)),
  bigint: (value) => Object(BigIntPrototypeValueOf(value)),
  error: (value) => {
    const type = Object.hasOwn(ERRORS, value.name) ? ERRORS[value.name] : Error;
    return new type(value.message === undefined ? "" : `${value.message}`);
  },
  arraybuffer: (value) => ArrayBufferPrototypeSlice(value, 0),
  typedarray: (value, seen) => {
    const type = VIEWS[TypedArrayPrototypeGetSymbolToStringTag(value)] ?? refuse("a typed array of this type");
    const buffer = clone(TypedArrayPrototypeGetBuffer(value), seen);
    return new type(buffer, TypedArrayPrototypeGetByteOffset(value), TypedArrayPrototypeGetLength(value));
  },
  dataview: (value, seen) => {
    const buffer = clone(DataViewPrototypeGetBuffer(value), seen);
    return new DataView(buffer, DataViewPrototypeGetByteOffset(value), DataViewPrototypeGetByteLength(value));
  },
};

const properties = (copy, value, seen) => {
  for (const key of Object.keys(value)) {
    const member = clone(value[key], seen);
    Object.defineProperty(copy, key, { value: member, writable: true, enumerable: true, configurable: true });
  }
};

const FILLERS = {
  array: properties,
  object: properties,
  map: (copy, value, seen) => {
    const pairs = [];
    MapPrototypeForEach(value, (member, key) => pairs.push([key, member]));
    for (const [key, member] of pairs) copy.set(clone(key, seen), clone(member, seen));
  },
  set: (copy, value, seen) => {
    const members = [];
    SetPrototypeForEach(value, (member) => members.push(member));
    for (const member of members) copy.add(clone(member, seen));
  },
  error: (copy, value, seen) => {
    const keep = (key, member) =>
      Object.defineProperty(copy, key, { value: member, writable: true, enumerable: false, configurable: true });
    if (typeof value.stack === "string") keep("stack", value.stack);
    if ("cause" in value) keep("cause", clone(value.cause, seen));
  },
};

const structuredClone = (value, options = undefined) => {
  const { transfer } = kernel.take.pick(options ?? {}, ["transfer"]);
  if (transfer !== undefined && transfer.length > 0) refuse("a transfer list is not there: what is in it");
  return clone(value, new Map());
};

kernel.structuredClone = structuredClone;
kernel.define("structuredClone", kernel.native("structuredClone", 1, structuredClone));
