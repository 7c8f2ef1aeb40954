/*
 * URLSearchParams, whole inside the VM: the urlencoded parser and serializer of the URL standard. An object that belongs
 * to a URL tells it of every change.
 */

const { bytes, inspecting, take } = kernel;

/** Routes to the private fields: for URL, `bind` says who is told of a change, `replace` sets without telling. */
let is;
let pairs;
let bind;
let replace;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");

/** Bytes of a text where "+" is a space and %XX a byte; wrong escapes stay as they are. */
const decoded = (text) => {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced.toWellFormed();
  const given = bytes.utf8Encode(spaced);
  const out = new Uint8Array(given.length);
  let at = 0;
  for (let index = 0; index < given.length; index++) {
    const pair = given[index] === 37 ? bytes.toLatin1(given.subarray(index + 1, index + 3)) : "";
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      out[at++] = Number.parseInt(pair, 16);
      index += 2;
    } else out[at++] = given[index];
  }
  return bytes.utf8Decode(out.subarray(0, at));
};

const encoded = (text) =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

const parsed = (text) => {
  const pairs = [];
  for (const piece of text.split("&")) {
    if (piece === "") continue;
    const split = piece.indexOf("=");
    if (split === -1) pairs.push([decoded(piece), ""]);
    else pairs.push([decoded(piece.slice(0, split)), decoded(piece.slice(split + 1))]);
  }
  return pairs;
};

const wellFormed = (value) => `${value}`.toWellFormed();

const pairsOf = (init) => {
  if (init === undefined || init === null) return [];
  if (kernel.seals.is(init))
    take.refuse("a query of `URLSearchParams` must not be sealed", "give the names and values");
  if (typeof init !== "object" && typeof init !== "function") {
    const text = wellFormed(init);
    return parsed(text.startsWith("?") ? text.slice(1) : text);
  }
  if (is(init)) return pairs(init).map(([name, value]) => [name, value]);
  if (typeof init[Symbol.iterator] === "function") {
    return Array.from(init, (pair) => {
      const parts = Array.from(pair);
      if (parts.length !== 2) throw new TypeError("each query pair must be an array of a name and a value");
      return [wellFormed(parts[0]), wellFormed(parts[1])];
    });
  }
  return Object.keys(init).map((key) => [wellFormed(key), wellFormed(init[key])]);
};

class URLSearchParams {
  #pairs;
  #changed = undefined;

  constructor(init = undefined) {
    this.#pairs = pairsOf(init);
  }

  static {
    is = (value) => typeof value === "object" && value !== null && #pairs in value;
    pairs = (params) => params.#pairs;
    bind = (params, changed) => {
      params.#changed = changed;
    };
    replace = (params, query) => {
      params.#pairs = parsed(query);
    };
  }

  get size() {
    return this.#pairs.length;
  }

  append(name, value) {
    this.#pairs.push([wellFormed(name), wellFormed(value)]);
    this.#changed?.();
  }

  delete(name, value = undefined) {
    const match = matcher(name, value);
    this.#pairs = this.#pairs.filter((pair) => !match(pair));
    this.#changed?.();
  }

  get(name) {
    const match = matcher(name);
    return this.#pairs.find(match)?.[1] ?? null;
  }

  getAll(name) {
    return this.#pairs.filter(matcher(name)).map((pair) => pair[1]);
  }

  has(name, value = undefined) {
    return this.#pairs.some(matcher(name, value));
  }

  set(name, value) {
    const match = matcher(name);
    const first = this.#pairs.find(match);
    if (first === undefined) this.#pairs.push([wellFormed(name), wellFormed(value)]);
    else {
      first[1] = wellFormed(value);
      this.#pairs = this.#pairs.filter((pair) => pair === first || !match(pair));
    }
    this.#changed?.();
  }

  sort() {
    this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    this.#changed?.();
  }

  forEach(callback, self = undefined) {
    if (typeof callback !== "function") {
      take.wrong("URLSearchParams.forEach", "callback", "a function", callback);
    }
    for (let index = 0; index < this.#pairs.length; index++) {
      const [name, value] = this.#pairs[index];
      Reflect.apply(callback, self, [value, name, this]);
    }
  }

  *entries() {
    for (let index = 0; index < this.#pairs.length; index++) yield [...this.#pairs[index]];
  }

  *keys() {
    for (let index = 0; index < this.#pairs.length; index++) yield this.#pairs[index][0];
  }

  *values() {
    for (let index = 0; index < this.#pairs.length; index++) yield this.#pairs[index][1];
  }

  toString() {
    return this.#pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
  }

  [CUSTOM]() {
    const members = this.#pairs.map(([name, value]) => `${inspecting.quote(name)} => ${inspecting.quote(value)}`);
    return members.length === 0 ? "URLSearchParams {}" : `URLSearchParams { ${members.join(", ")} }`;
  }
}
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});

const matcher = (name, value = undefined) => {
  const wanted = wellFormed(name);
  if (value === undefined) return (pair) => pair[0] === wanted;
  const second = wellFormed(value);
  return (pair) => pair[0] === wanted && pair[1] === second;
};

kernel.query = { is, bind, replace };
kernel.tagged(URLSearchParams, "URLSearchParams");
kernel.URLSearchParams = URLSearchParams;
kernel.define("URLSearchParams", URLSearchParams);
