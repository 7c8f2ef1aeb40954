/*
 * TextEncoder, TextDecoder, btoa and atob as the Encoding and HTML standards have them, for UTF-8 alone: a decoder of
 * another label is refused by name instead of decoding wrongly. DOMException lives here, as atob is its first user.
 */

const { bytes, seals, take } = kernel;
const UTF8_LABELS = ["unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "utf-8", "utf8", "x-unicode20utf8"];
const BOM = "\ufeff";
const LEGACY_CODES = { InvalidCharacterError: 5, TimeoutError: 23, AbortError: 20, DataCloneError: 25 };

class DOMException extends Error {
  constructor(message = "", options = "Error") {
    super(`${message}`);
    const name = typeof options === "object" && options !== null ? (options.name ?? "Error") : options;
    Object.defineProperty(this, "name", { value: `${name}`, writable: true, configurable: true });
    Object.defineProperty(this, "code", { value: LEGACY_CODES[this.name] ?? 0, writable: true, configurable: true });
  }
}

class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(input = "") {
    return bytes.utf8Encode(`${input}`);
  }

  /** Whole code points only, as far as they fit. */
  encodeInto(source, destination) {
    const target = bytes.view(destination);
    if (target === null) return take.wrong("TextEncoder.encodeInto", "destination", "a Uint8Array", destination);
    let read = 0;
    let written = 0;
    for (const point of `${source}`) {
      const encoded = bytes.utf8Encode(point);
      if (written + encoded.length > target.length) break;
      target.set(encoded, written);
      written += encoded.length;
      read += point.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  #fatal;
  #ignoreBOM;
  #held = new Uint8Array(0);
  #started = false;

  constructor(label = "utf-8", options = undefined) {
    const name = `${label}`.trim().toLowerCase();
    if (!UTF8_LABELS.includes(name))
      throw new RangeError(`the encoding "${take.shown(name)}" is not there, only utf-8`);
    const { fatal, ignoreBOM } = take.pick(options ?? {}, ["fatal", "ignoreBOM"]);
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input = undefined, options = undefined) {
    const more = Boolean(take.pick(options ?? {}, ["stream"]).stream);
    const given = input === undefined ? new Uint8Array(0) : bytes.view(input);
    if (given === null) return take.wrong("TextDecoder.decode", "input", "bytes (Uint8Array or ArrayBuffer)", input);
    let all = given;
    if (this.#held.length > 0) {
      all = new Uint8Array(this.#held.length + given.length);
      all.set(this.#held);
      all.set(given, this.#held.length);
    }
    const open = more ? bytes.utf8Open(all) : 0;
    this.#held = all.slice(all.length - open);
    const text = bytes.utf8Decode(all.subarray(0, all.length - open), this.#fatal ? invalid : undefined);
    const first = !this.#started && text.length > 0;
    this.#started = more && (this.#started || text.length > 0);
    return first && !this.#ignoreBOM && text[0] === BOM ? text.slice(1) : text;
  }
}

const invalid = () => {
  throw new TypeError("the bytes are not valid utf-8");
};

const btoa = (data) => {
  const text = `${data}`;
  if (seals.inText(text)) return seals.encode("base64", text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 255) {
      throw new DOMException("btoa takes characters up to U+00FF; encode the text first", "InvalidCharacterError");
    }
  }
  return bytes.toBase64(bytes.fromLatin1(text));
};

const atob = (data) => {
  const given = `${data}`;
  if (seals.inText(given)) return seals.encode("base64decode", given);
  const text = given.replace(/[\t\n\f\r ]/g, "");
  const body = text.length % 4 === 0 ? text.replace(/={1,2}$/, "") : text;
  if (body.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(body)) {
    throw new DOMException("the text is not base64", "InvalidCharacterError");
  }
  return bytes.toLatin1(bytes.fromBase64(body));
};

const tagged = (type, name) =>
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
tagged(TextEncoder, "TextEncoder");
tagged(TextDecoder, "TextDecoder");
tagged(DOMException, "DOMException");

kernel.DOMException = DOMException;
kernel.tagged = tagged;
kernel.atob = atob;
kernel.btoa = btoa;
kernel.TextEncoder = TextEncoder;
kernel.TextDecoder = TextDecoder;
kernel.define("DOMException", DOMException);
kernel.define("TextEncoder", TextEncoder);
kernel.define("TextDecoder", TextDecoder);
kernel.define("btoa", kernel.native("btoa", 1, btoa));
kernel.define("atob", kernel.native("atob", 1, atob));
