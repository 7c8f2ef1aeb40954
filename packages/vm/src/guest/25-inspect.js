/*
 * inspect(value, options): any value as text, in the form of Node's util.inspect. Values of a script are hostile: their
 * getters and custom methods may throw, which is their own error and passes through; nothing here keeps state between
 * calls, so a throw in the middle breaks nothing.
 */

const { inspecting, seals } = kernel;
const { members, prefix } = inspecting;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const DEFAULTS = {
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  breakLength: 80,
  compact: 3,
  sorted: false,
};
const NAMES = Object.keys(DEFAULTS);
const ENOUGH = 2 ** 27; // characters; above it nothing deeper is shown

const unlimited = (value) => (value === null ? Infinity : value);

const inspect = (value, options = undefined, depth = undefined) => {
  const given =
    typeof options === "object" && options !== null ? kernel.take.pick(options, NAMES) : Object.create(null);
  if (typeof options === "boolean") given.showHidden = options;
  if (depth !== undefined && typeof options !== "object") given.depth = depth;
  const view = { ...DEFAULTS, ...given, indentation: 0, deepest: 0, seen: [], circular: new Map(), written: 0 };
  view.depth = unlimited(view.depth);
  view.maxArrayLength = Math.max(0, unlimited(view.maxArrayLength));
  view.maxStringLength = Math.max(0, unlimited(view.maxStringLength));
  return inspectValue(view, value, 0);
};

const inspectValue = (view, value, depth, inTypedArray = false) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    return inspecting.primitive(view, value);
  }
  if (seals.is(value)) return seals.display(value);
  if (view.customInspect) {
    const custom = value[CUSTOM];
    if (typeof custom === "function" && custom !== inspect && !isPrototype(value)) {
      const shown = customText(view, value, custom, depth);
      if (shown !== undefined) return shown;
    }
  }
  if (view.seen.includes(value)) {
    if (!view.circular.has(value)) view.circular.set(value, view.circular.size + 1);
    return `[Circular *${view.circular.get(value)}]`;
  }
  return inspectObject(view, value, depth, inTypedArray);
};

const isPrototype = (value) => {
  const maker = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
  return typeof maker === "function" && maker.prototype === value;
};

const customText = (view, value, custom, depth) => {
  const options = { ...kernel.take.pick(view, NAMES), stylize: (text) => `${text}` };
  const shown = Reflect.apply(custom, value, [view.depth - depth, options, inspect]);
  if (shown === value) return undefined;
  const text = typeof shown === "object" ? inspectValue(view, shown, depth) : `${shown}`;
  return text.replaceAll("\n", `\n${" ".repeat(view.indentation)}`);
};

/** What a value of a kind looks like: `base` is its one-line head, `list` makes its members, `empty` stands for none. */
const shapeOf = (view, value, kind, names, inTypedArray) => {
  const isArray = kind === "array" || kind === "typedarray";
  const keys = isArray ? inspecting.extraKeysOf(view, value) : inspecting.keysOf(view, value);
  const shape = { keys, base: "", braces: ["{", "}"], list: members[kind] ?? none, isArray, empty: undefined };
  const whole = (text) => {
    shape.base = text;
    shape.empty = text;
  };
  const { maker, tag } = names;
  if (isArray) listShape(view, value, kind, names, shape);
  else if (kind === "set" || kind === "map") {
    const head = prefix(maker, tag, FALLBACK[kind], `(${inspecting.sizeOf(kind, value)})`);
    shape.braces[0] = `${head}{`;
    if (inspecting.sizeOf(kind, value) === 0) shape.empty = `${head}{}`;
  } else if (kind === "function") whole(inspecting.functionBase(value, maker, tag));
  else if (kind === "regexp") whole(inspecting.regexpBase(value, maker, tag));
  else if (kind === "date") whole(inspecting.dateBase(value, maker, tag));
  else if (kind === "error") whole(inspecting.errorBase(view, value, maker, tag, keys));
  else if (inspecting.isBoxed(kind)) whole(inspecting.boxedBase(view, value, kind, keys, maker, tag));
  else if (kind === "object") objectShape(value, names, shape);
  else {
    shape.braces[0] = `${prefix(maker, tag, FALLBACK[kind])}{`;
    keys.unshift(...(FIRST_KEYS[kind] ?? []));
    if (inTypedArray) shape.list = none;
  }
  return shape;
};

const listShape = (view, value, kind, { maker, tag }, shape) => {
  const isPlain = kind === "array" && maker === "Array" && tag === "";
  const count = kind === "array" ? value.length : inspecting.lengthOf(value);
  const type = kind === "array" ? "Array" : inspecting.typeOf(value);
  shape.braces = [isPlain ? "[" : `${prefix(maker, tag, type, `(${count})`)}[`, "]"];
  if (count === 0 && !(kind === "typedarray" && view.showHidden)) shape.empty = `${shape.braces[0]}]`;
};

const objectShape = (value, { maker, tag }, shape) => {
  if (maker === "Object" && inspecting.isArguments(value, tag)) shape.braces[0] = "[Arguments] {";
  else if (maker !== "Object" || tag !== "") shape.braces[0] = `${prefix(maker, tag, "Object")}{`;
  shape.empty = `${shape.braces[0]}}`;
};

const none = () => [];
const FALLBACK = {
  array: "Array",
  set: "Set",
  map: "Map",
  arraybuffer: "ArrayBuffer",
  dataview: "DataView",
  promise: "Promise",
  weakset: "WeakSet",
  weakmap: "WeakMap",
};

const FIRST_KEYS = { arraybuffer: ["byteLength"], dataview: ["byteLength", "byteOffset", "buffer"] };

const inspectObject = (view, value, depth, inTypedArray) => {
  const kind = inspecting.kindOf(value);
  const maker = inspecting.constructorName(view, value, depth);
  const tag = inspecting.tagOf(view, value);
  const shape = shapeOf(view, value, kind, { maker, tag }, inTypedArray);
  if (shape.keys.length === 0 && shape.empty !== undefined) return shape.empty;
  if (depth > view.depth) {
    if (kind === "regexp") return shape.base;
    const head = prefix(maker, tag, kind === "array" ? "Array" : "Object").slice(0, -1);
    return maker === null && tag === "" ? head : `[${head}]`;
  }
  view.seen.push(value);
  view.deepest = depth + 1;
  const list = shape.list(view, value, depth + 1);
  for (const key of shape.keys) list.push(members.property(view, value, depth + 1, key, shape.isArray));
  view.seen.pop();
  const index = view.circular.get(value);
  if (index !== undefined) {
    if (view.compact === true) shape.braces[0] = `<ref *${index}> ${shape.braces[0]}`;
    else shape.base = shape.base === "" ? `<ref *${index}>` : `<ref *${index}> ${shape.base}`;
  }
  if (view.sorted) sortMembers(list, shape);
  const text = inspecting.joined(view, list, shape.base, shape.braces, shape.isArray, depth + 1, value);
  view.written += text.length;
  if (view.written > ENOUGH) view.depth = -1;
  return text;
};

/** Elements of a list keep their order; its other properties are sorted. */
const sortMembers = (list, shape) => {
  const from = shape.isArray ? list.length - shape.keys.length : 0;
  list.push(...list.splice(from).sort());
};

inspect.custom = CUSTOM;
inspecting.value = inspectValue;
inspecting.inspect = inspect;
kernel.inspect = kernel.native("inspect", 2, inspect);
