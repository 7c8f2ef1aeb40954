/*
 * The members of a value, each as one text: properties, elements, entries. Getters are named, never called. Collections
 * are read with the original methods, so a subclass that overrides `forEach` or `size` shows what it really holds.
 */

const {
  MapPrototypeForEach,
  MapPrototypeGetSize,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} = kernel.primordials;

const { bytes, inspecting } = kernel;
const { more } = inspecting;
const VIEW_KEYS = ["BYTES_PER_ELEMENT", "length", "byteLength", "byteOffset", "buffer"];

const indented = (view, columns, make) => {
  view.indentation += columns;
  const text = make();
  view.indentation -= columns;
  return text;
};

const propertyValue = (view, descriptor, depth, isElement) => {
  if (descriptor.value !== undefined) {
    const columns = view.compact !== true || isElement ? 2 : 3;
    const text = indented(view, columns, () => inspecting.value(view, descriptor.value, depth));
    const onOwnLine = columns === 3 && view.breakLength < inspecting.width(text);
    return onOwnLine ? `\n${" ".repeat(view.indentation + columns)}${text}` : text;
  }
  if (descriptor.get !== undefined) return descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]";
  return descriptor.set === undefined ? "undefined" : "[Setter]";
};

const property = (view, value, depth, key, isArray) => {
  const found = Object.getOwnPropertyDescriptor(value, key);
  const descriptor = found ?? { value: value[key], enumerable: true };
  const text = propertyValue(view, descriptor, depth, isArray);
  const name = inspecting.propertyName(key, descriptor.enumerable);
  return text.startsWith("\n") ? `${name}:${text}` : `${name}: ${text}`;
};

const element = (view, value, depth, index) =>
  propertyValue(view, Object.getOwnPropertyDescriptor(value, index) ?? { value: value[index] }, depth, true);

const array = (view, value, depth) => {
  const { length } = value;
  const shown = Math.min(view.maxArrayLength, length);
  const out = [];
  for (let index = 0; index < shown; index++) {
    if (!Object.hasOwn(value, index)) return sparse(view, value, depth, shown, out, index);
    out.push(element(view, value, depth, index));
  }
  if (length > shown) out.push(more(length - shown, "item"));
  return out;
};

/** Runs of holes are counted, each run one entry. */
const sparse = (view, value, depth, limit, out, start) => {
  const keys = Object.keys(value);
  let index = start;
  for (let at = start; at < keys.length && out.length < limit; at++) {
    const key = keys[at];
    if (!/^(0|[1-9]\d*)$/.test(key) || key > 2 ** 32 - 2) break;
    if (`${index}` !== key) {
      out.push(holes(key - index));
      index = Number(key);
      if (out.length === limit) break;
    }
    out.push(element(view, value, depth, key));
    index++;
  }
  const rest = value.length - index;
  if (rest > 0) out.push(out.length === limit ? more(rest, "item") : holes(rest));
  return out;
};

const holes = (count) => `<${count} empty item${count > 1 ? "s" : ""}>`;

const typedArray = (view, value, depth) => {
  const length = TypedArrayPrototypeGetLength(value);
  const shown = Math.min(view.maxArrayLength, length);
  const out = [];
  for (let index = 0; index < shown; index++) out.push(inspecting.primitive(view, value[index]));
  if (length > shown) out.push(more(length - shown, "item"));
  if (view.showHidden) {
    indented(view, 2, () => {
      for (const key of VIEW_KEYS) out.push(`[${key}]: ${inspecting.value(view, value[key], depth, true)}`);
    });
  }
  return out;
};

const buffer = (view, value) => {
  const all = bytes.view(value);
  const shown = Math.min(view.maxArrayLength, all.length);
  let text = bytes.toHex(all.subarray(0, shown)).replace(/(..)(?=.)/g, "$1 ");
  if (all.length > shown) text += ` ${more(all.length - shown, "byte")}`;
  return [`[Uint8Contents]: <${text}>`];
};

const collection = (view, forEach, value, each) => {
  const out = [];
  let left = 0;
  indented(view, 2, () => {
    forEach(value, (second, first) => {
      if (out.length < view.maxArrayLength) out.push(each(first, second));
      else left++;
    });
  });
  if (left > 0) out.push(more(left, "item"));
  return out;
};

const set = (view, value, depth) =>
  collection(view, SetPrototypeForEach, value, (item) => inspecting.value(view, item, depth));

const map = (view, value, depth) =>
  collection(view, MapPrototypeForEach, value, (key, item) => {
    const left = inspecting.value(view, key, depth);
    return `${left} => ${inspecting.value(view, item, depth)}`;
  });

inspecting.lengthOf = TypedArrayPrototypeGetLength;
inspecting.typeOf = TypedArrayPrototypeGetSymbolToStringTag;
inspecting.sizeOf = (kind, value) => (kind === "map" ? MapPrototypeGetSize(value) : SetPrototypeGetSize(value));
inspecting.members = {
  property,
  array,
  typedarray: typedArray,
  arraybuffer: buffer,
  set,
  map,
  // The engine does not tell a script's realm whether a promise is settled; mostly it is an `await` that was forgotten.
  promise: () => ["<pending>"],
  weakset: () => ["<items unknown>"],
  weakmap: () => ["<items unknown>"],
};
