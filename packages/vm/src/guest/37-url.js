/*
 * URL. Parsing is the host's (a pure operation: not gated, not counted), so that a script and the policy read an address
 * with the same parser; the parts come back as text and live here.
 */

const { query, take, URLSearchParams } = kernel;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const PARTS = ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

/** Routes to the private fields, for this folder alone. */
let is;
let get;
let set;

const parse = (url, base) => {
  const args = base === undefined ? { url: `${url}` } : { url: `${url}`, base: `${base}` };
  return kernel.call("url.parse", args);
};

class URL {
  #parts;
  #params;

  constructor(url, base = undefined) {
    const parts = parse(url, base);
    if (parts === null) {
      const error = new TypeError("Invalid URL");
      Object.assign(error, { code: "ERR_INVALID_URL", input: `${url}` });
      if (base !== undefined) error.base = `${base}`;
      throw error;
    }
    this.#parts = parts;
  }

  static canParse(url, base = undefined) {
    return parse(url, base) !== null;
  }

  static parse(url, base = undefined) {
    return parse(url, base) === null ? null : new URL(url, base);
  }

  static {
    is = (value) => typeof value === "object" && value !== null && #parts in value;
    get = (url, key) => url.#parts[key];
    set = (url, key, value) => {
      const parts = kernel.call("url.set", { href: url.#parts.href, key, value: `${value}` });
      if (parts === null) throw new TypeError("Invalid URL");
      url.#parts = parts;
      if (url.#params !== undefined && (key === "href" || key === "search")) {
        query.replace(url.#params, parts.search.slice(1));
      }
    };
  }

  get href() {
    return this.#parts.href;
  }

  set href(value) {
    set(this, "href", value);
  }

  get origin() {
    return this.#parts.origin;
  }

  get searchParams() {
    if (this.#params === undefined) {
      const params = new URLSearchParams(this.#parts.search);
      query.bind(params, () => {
        this.#parts = kernel.call("url.set", { href: this.#parts.href, key: "search", value: params.toString() });
      });
      this.#params = params;
    }
    return this.#params;
  }

  toString() {
    return this.#parts.href;
  }

  toJSON() {
    return this.#parts.href;
  }

  [CUSTOM](depth, options, inspect) {
    if (depth < 0) return this;
    const { searchParams } = this;
    const { href, origin, hash, ...parts } = this.#parts;
    return `URL ${inspect({ href, origin, ...parts, searchParams, hash }, options)}`;
  }
}

for (const key of PARTS) {
  Object.defineProperty(URL.prototype, key, {
    get() {
      return get(this, key);
    },
    set(value) {
      set(this, key, value);
    },
    enumerable: true,
    configurable: true,
  });
}

/** The text of a URL argument: a string, or a URL. */
take.url = (value, call, name) =>
  is(value) ? get(value, "href") : take.text(value, call, name, "pass the address as a string or a URL");

/** The text of a path argument: a string, or a `file:` URL as Node takes it. */
take.path = (value, call, name) => (is(value) ? fileURLToPath(value) : take.text(value, call, name));

const fileURLToPath = (value) => {
  const url = is(value) ? value : new URL(value);
  if (get(url, "protocol") !== "file:") return take.refuse(`\`${take.shown(get(url, "href"))}\` is not a file: URL`);
  return decodeURIComponent(get(url, "pathname"));
};

const pathToFileURL = (path) => {
  const url = new URL("file:///");
  set(url, "pathname", take.text(path, "pathToFileURL", "path").replaceAll("%", "%25"));
  return url;
};

kernel.tagged(URL, "URL");
kernel.isUrl = is;
kernel.URL = URL;
kernel.define("URL", URL);
kernel.addModule("url", {
  URL,
  URLSearchParams,
  fileURLToPath: kernel.native("fileURLToPath", 1, fileURLToPath),
  pathToFileURL: kernel.native("pathToFileURL", 1, pathToFileURL),
});
