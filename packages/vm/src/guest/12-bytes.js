/*
 * Bytes and their texts: UTF-8, base64, hex, latin-1, all inside the VM, because only JSON text crosses to the host
 * (JSON-ABI). Views are taken through the original getters, so a subclass of Uint8Array cannot lie about its length.
 * UTF-8 as the Encoding standard says: lone surrogates become U+FFFD, and so does every maximal invalid sequence.
 */

const {
  ArrayBufferPrototypeGetByteLength,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetSymbolToStringTag,
} = kernel.primordials;

const CHUNK = 4096; // arguments of one String.fromCharCode call; keeps the VM's stack small
const BASE64 = Uint8Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", (letter) =>
  letter.charCodeAt(0),
);
const SEXTETS = new Uint8Array(128).fill(255);
for (let index = 0; index < 64; index++) SEXTETS[BASE64[index]] = index;
SEXTETS[45] = 62; // "-" and "_" of base64url
SEXTETS[95] = 63;

const hasSlot = (getter) => (value) => {
  try {
    getter(value);
    return true;
  } catch {
    return false;
  }
};
const isBuffer = hasSlot(ArrayBufferPrototypeGetByteLength);
const isDataView = hasSlot(DataViewPrototypeGetBuffer);

/** A fresh Uint8Array over the same memory, or null where the value holds no bytes. */
const view = (value) => {
  if (typeof value !== "object" || value === null) return null;
  if (TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined) {
    return new Uint8Array(
      TypedArrayPrototypeGetBuffer(value),
      TypedArrayPrototypeGetByteOffset(value),
      TypedArrayPrototypeGetByteLength(value),
    );
  }
  if (isBuffer(value)) return new Uint8Array(value);
  if (!isDataView(value)) return null;
  const buffer = DataViewPrototypeGetBuffer(value);
  return new Uint8Array(buffer, DataViewPrototypeGetByteOffset(value), DataViewPrototypeGetByteLength(value));
};

const fromCodes = (codes, length) => {
  if (length <= CHUNK) return String.fromCharCode.apply(null, codes.subarray(0, length));
  const parts = [];
  for (let start = 0; start < length; start += CHUNK) {
    parts.push(String.fromCharCode.apply(null, codes.subarray(start, Math.min(start + CHUNK, length))));
  }
  return parts.join("");
};

const utf8Encode = (string) => {
  const { length } = string;
  let out = new Uint8Array(length + 16);
  let at = 0;
  for (let index = 0; index < length; index++) {
    let code = string.charCodeAt(index);
    if (at + 4 > out.length) out = grown(out);
    if (code < 0x80) {
      out[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && index + 1 < length ? string.charCodeAt(index + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        index++;
      } else code = 0xfffd;
    }
    if (code >= 0x10000) {
      out[at++] = 0xf0 | (code >> 18);
      out[at++] = 0x80 | ((code >> 12) & 63);
    } else if (code >= 0x800) out[at++] = 0xe0 | (code >> 12);
    if (code >= 0x800) out[at++] = 0x80 | ((code >> 6) & 63);
    else out[at++] = 0xc0 | (code >> 6);
    out[at++] = 0x80 | (code & 63);
  }
  return out.slice(0, at);
};

const grown = (bytes) => {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
};

/** `onInvalid`, where given, is called for what would become U+FFFD. */
const utf8Decode = (bytes, onInvalid) => {
  const units = fromCodes(bytes, bytes.length);
  if (isAscii(bytes)) return units;
  try {
    // The engine's own decoder of %XX is strict and a hundred times faster than the loop below.
    return decodeURIComponent(escape(units));
  } catch {
    return lenientDecode(bytes, onInvalid);
  }
};

const isAscii = (bytes) => {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] > 127) return false;
  return true;
};

const lenientDecode = (bytes, onInvalid) => {
  const { length } = bytes;
  const codes = new Uint16Array(length);
  let at = 0;
  for (let index = 0; index < length; ) {
    const lead = bytes[index++];
    if (lead < 0x80) {
      codes[at++] = lead;
      continue;
    }
    const need =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    let code = need === 1 ? lead & 31 : need === 2 ? lead & 15 : lead & 7;
    let seen = 0;
    for (; seen < need && index < length; seen++, index++) {
      const next = bytes[index];
      if (next < lowest(lead, seen) || next > highest(lead, seen)) break;
      code = (code << 6) | (next & 63);
    }
    if (need === 0 || seen < need) {
      if (onInvalid !== undefined) onInvalid();
      codes[at++] = 0xfffd;
    } else if (code < 0x10000) codes[at++] = code;
    else {
      codes[at++] = 0xd800 + ((code - 0x10000) >> 10);
      codes[at++] = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
  }
  return fromCodes(codes, at);
};

/** Bounds of the next byte: no overlong forms, no surrogates, nothing above U+10FFFF. */
const lowest = (lead, seen) => (seen > 0 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
const highest = (lead, seen) => (seen > 0 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);

/** How many bytes at the end are the start of a sequence that more bytes could complete. */
const utf8Open = (bytes) => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || need <= back) return 0;
    const second = bytes[bytes.length - back + 1];
    const open = back === 1 || (second >= lowest(byte, 0) && second <= highest(byte, 0));
    return open ? back : 0;
  }
  return 0;
};

const toBase64 = (bytes) => {
  const { length } = bytes;
  const codes = new Uint8Array(Math.ceil(length / 3) * 4);
  let at = 0;
  for (let index = 0; index < length; index += 3) {
    // Behind the end there is undefined, which counts as 0 here.
    const triple = (bytes[index] << 16) | (bytes[index + 1] << 8) | bytes[index + 2];
    codes[at++] = BASE64[triple >> 18];
    codes[at++] = BASE64[(triple >> 12) & 63];
    codes[at++] = BASE64[(triple >> 6) & 63];
    codes[at++] = BASE64[triple & 63];
  }
  for (let padding = (3 - (length % 3)) % 3; padding > 0; padding--) codes[at - padding] = 61;
  return fromCodes(codes, at);
};

/** Takes both alphabets, stops at "=", passes over white space; other characters give null (or are passed over). */
const fromBase64 = (string, lenient = false) => {
  const out = new Uint8Array(Math.ceil((string.length * 3) / 4));
  const { length } = string;
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < length; index++) {
    const code = string.charCodeAt(index);
    const sextet = SEXTETS[code];
    if (!(sextet < 64)) {
      if (code === 61) break;
      if (lenient || code === 32 || (code >= 9 && code <= 13)) continue;
      return null;
    }
    held = ((held << 6) | sextet) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 255;
    }
  }
  return out.slice(0, at);
};

const toHex = (bytes) => {
  const parts = [];
  for (let index = 0; index < bytes.length; index++) parts.push(HEX[bytes[index]]);
  return parts.join("");
};
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Stops at the first pair that is not hex, as Node does. */
const fromHex = (string) => {
  const out = new Uint8Array(string.length >> 1);
  let at = 0;
  for (; at < out.length; at++) {
    const pair = string.slice(at * 2, at * 2 + 2);
    if (!/^[0-9a-f]{2}$/i.test(pair)) break;
    out[at] = Number.parseInt(pair, 16);
  }
  return out.slice(0, at);
};

const fromLatin1 = (string) => {
  const out = new Uint8Array(string.length);
  for (let index = 0; index < string.length; index++) out[index] = string.charCodeAt(index);
  return out;
};

const toLatin1 = (bytes) => fromCodes(bytes, bytes.length);

kernel.bytes = {
  view,
  isBuffer,
  utf8Encode,
  utf8Decode,
  utf8Open,
  toBase64,
  fromBase64,
  toHex,
  fromHex,
  fromLatin1,
  toLatin1,
};
