/*
 * Buffer, the small part of Node's that scripts use: bytes from and to text. A subclass of Uint8Array, so whatever takes
 * bytes takes it. Fresh memory is always zero.
 */

const { bytes, seals, take } = kernel;
const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const SHOWN = 50; // bytes that `print` shows

const utf16Encode = (text) => {
  const out = new Uint8Array(text.length * 2);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    out[index * 2] = code & 255;
    out[index * 2 + 1] = code >> 8;
  }
  return out;
};

const utf16Decode = (view) => {
  const parts = [];
  for (let index = 0; index + 1 < view.length; index += 2) {
    parts.push(String.fromCharCode(view[index] | (view[index + 1] << 8)));
  }
  return parts.join("");
};

const refusing = (name, convert) => seals.without(`"${name}"`, '.toString("base64")', convert);

const unpadded = (view) => bytes.toBase64(view).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Name to [text to bytes, bytes to text]. */
const CODECS = new Map([
  ["utf8", [bytes.utf8Encode, (view) => bytes.utf8Decode(view)]],
  ["base64", [(text) => bytes.fromBase64(text, true), (view) => seals.toBase64(view)]],
  ["base64url", [(text) => bytes.fromBase64(text, true), refusing("base64url", unpadded)]],
  ["hex", [bytes.fromHex, refusing("hex", bytes.toHex)]],
  ["latin1", [bytes.fromLatin1, bytes.toLatin1]],
  ["ascii", [bytes.fromLatin1, (view) => bytes.toLatin1(view.map((byte) => byte & 127))]],
  ["utf16le", [utf16Encode, utf16Decode]],
]);
const ALIASES = { "utf-8": "utf8", binary: "latin1", ucs2: "utf16le", "ucs-2": "utf16le", "utf-16le": "utf16le" };

const nameOf = (encoding) => {
  const name = `${encoding}`.toLowerCase();
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
};

const codecOf = (encoding, call) => {
  if (encoding === undefined || encoding === null) return CODECS.get("utf8");
  if (typeof encoding !== "string") return take.wrong(call, "encoding", "a string", encoding);
  const codec = CODECS.get(nameOf(encoding));
  if (codec !== undefined) return codec;
  const known = [...CODECS.keys()].join(", ");
  return take.refuse(`\`${call}\` has no encoding \`${take.shown(encoding)}\``, `the encodings are ${known}`);
};

/** A copy of the bytes of a text, or of bytes. */
const toBytes = (data, encoding, call) => {
  if (seals.is(data)) return toBytes(seals.token(data), encoding, call);
  if (typeof data === "string" && seals.inText(data)) return tokenBytes(data, encoding, call);
  if (typeof data === "string") return codecOf(encoding, call)[0](data);
  const view = bytes.view(data);
  return view === null ? take.wrong(call, "data", "a string or bytes", data) : view.slice();
};

/** Bytes that hold the token still, so that it is found where they go. */
const tokenBytes = (text, encoding, call) => {
  const codec = codecOf(encoding, call);
  if (codec === CODECS.get("base64")) return bytes.utf8Encode(seals.token(seals.encode("base64decode", text)));
  if (["utf8", "latin1", "ascii"].some((name) => codec === CODECS.get(name))) return codec[0](text);
  return seals.unavailable(`"${encoding}"`, "utf8 or base64");
};

const decoder = (encoding, call) => codecOf(encoding, call)[1];
const toText = (view, encoding, call) => decoder(encoding, call)(view);

class Buffer extends Uint8Array {
  static from(value, encoding = undefined, length = undefined) {
    if (typeof value === "string" || seals.is(value)) return over(toBytes(value, encoding, "Buffer.from"));
    if (typeof value !== "object" || value === null) {
      return take.wrong(
        "Buffer.from",
        "value",
        "a string, an array or bytes",
        value,
        "for empty bytes use Buffer.alloc(n)",
      );
    }
    if (bytes.isBuffer(value)) return new Buffer(value, encoding, length);
    const view = bytes.view(value);
    if (view !== null) return over(view.slice());
    if (value.type === "Buffer" && Array.isArray(value.data)) return over(Uint8Array.from(value.data));
    return over(Uint8Array.from(value));
  }

  static alloc(size, fill = undefined, encoding = undefined) {
    const buffer = new Buffer(take.count(size, "Buffer.alloc", "size"));
    return fill === undefined ? buffer : buffer.fill(fill, 0, buffer.length, encoding);
  }

  static allocUnsafe(size) {
    return Buffer.alloc(size);
  }

  static isBuffer(value) {
    return value instanceof Buffer;
  }

  static isEncoding(encoding) {
    return typeof encoding === "string" && CODECS.has(nameOf(encoding));
  }

  static byteLength(value, encoding = undefined) {
    const all = toBytes(value, encoding, "Buffer.byteLength");
    return seals.inBytes(all) === null ? all.length : seals.unavailable('"byteLength"', ".map(v => v.length)");
  }

  static concat(list, length = undefined) {
    if (!Array.isArray(list)) return take.wrong("Buffer.concat", "list", "an array of bytes", list);
    const pieces = [];
    for (let index = 0; index < list.length; index++) pieces.push(toBytes(list[index], undefined, "Buffer.concat"));
    const all = bytes.joined(pieces);
    if (length === undefined) return over(all);
    const buffer = Buffer.alloc(length);
    buffer.set(all.subarray(0, length));
    return buffer;
  }

  static compare(left, right) {
    const first = toBytes(left, undefined, "Buffer.compare");
    const second = toBytes(right, undefined, "Buffer.compare");
    for (let index = 0; index < first.length && index < second.length; index++) {
      if (first[index] !== second[index]) return first[index] < second[index] ? -1 : 1;
    }
    return Math.sign(first.length - second.length);
  }

  toString(encoding = undefined, start = 0, end = undefined) {
    return toText(bytes.view(this).subarray(Math.max(0, start), end), encoding, "buffer.toString");
  }

  toJSON() {
    return { type: "Buffer", data: Array.from(bytes.view(this)) };
  }

  equals(other) {
    return Buffer.compare(this, other) === 0;
  }

  compare(other) {
    return Buffer.compare(this, other);
  }

  slice(start = undefined, end = undefined) {
    return this.subarray(start, end);
  }

  write(text, offset = 0, length = undefined, encoding = undefined) {
    const piece = toBytes(text, encoding, "buffer.write")
      .subarray(0, length)
      .subarray(0, this.length - offset);
    this.set(piece, offset);
    return piece.length;
  }

  fill(value, start = 0, end = this.length, encoding = undefined) {
    if (typeof value === "number") return super.fill(value, start, end);
    const piece = toBytes(value, typeof start === "string" ? start : encoding, "buffer.fill");
    const from = typeof start === "string" ? 0 : start;
    for (let index = from; index < end; index++)
      this[index] = piece.length === 0 ? 0 : piece[(index - from) % piece.length];
    return this;
  }

  indexOf(value, from = 0, encoding = undefined) {
    if (typeof value === "number") return super.indexOf(value & 255, from);
    const piece = bytes.toLatin1(toBytes(value, encoding, "buffer.indexOf"));
    return bytes.toLatin1(bytes.view(this)).indexOf(piece, from);
  }

  includes(value, from = 0, encoding = undefined) {
    return this.indexOf(value, from, encoding) !== -1;
  }

  [CUSTOM]() {
    const all = bytes.view(this);
    const shown = bytes.toHex(all.subarray(0, SHOWN)).replace(/(..)(?=.)/g, "$1 ");
    const more = all.length > SHOWN ? ` ${kernel.inspecting.more(all.length - SHOWN, "byte")}` : "";
    return `<Buffer${shown === "" ? "" : " "}${shown}${more}>`;
  }
}

/** A Buffer over the memory of a fresh Uint8Array. */
const over = (view) => new Buffer(view.buffer, view.byteOffset, view.length);

kernel.encoding = { decoder, toBytes, toText };
kernel.Buffer = Buffer;
kernel.asBuffer = over;
kernel.define("Buffer", Buffer);
kernel.addModule("buffer", { Buffer, atob: kernel.atob, btoa: kernel.btoa });
