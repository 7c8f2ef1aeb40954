/**
 * Spellings of bytes. Bytes are held as text with one unit (0 to 255) a byte, as `btoa` takes them, so that one set of
 * functions serves UTF-8, Latin-1 and what a cipher made of either.
 */
const encoder = new TextEncoder();

/** A lone surrogate becomes U+FFFD, as everywhere a script's text is encoded. */
export const utf8 = (text: string): string => Array.from(encoder.encode(text), character).join("");

/** UTF-8, and Latin-1 where it differs and exists: that is what a script's `btoa("é")` encodes. */
export function* byteSpellings(text: string): Generator<string> {
  const bytes = utf8(text);
  yield bytes;
  if (bytes !== text && units(text).every((unit) => unit <= 0xff)) yield text;
}

export const units = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

export const padded = (unit: number, digits: number): string => unit.toString(16).padStart(digits, "0");

const PAIRS = Array.from({ length: 256 }, (_, byte) => padded(byte, 2));

/** `key`: what each byte is XORed with first. */
export function hex(bytes: string, key = 0): string {
  let pairs = "";
  for (let at = 0; at < bytes.length; at += 1) pairs += PAIRS[bytes.charCodeAt(at) ^ key] ?? "";
  return pairs;
}

/** UTF-16 in hex, both byte orders. */
export function* utf16Hex(text: string): Generator<string> {
  const quads = units(text).map((unit) => padded(unit, 4));
  yield quads.join("");
  yield quads.map((quad) => quad.slice(2) + quad.slice(0, 2)).join("");
}

/**
 * What base64 holds of these bytes wherever they lie in a longer text: at each of three offsets, ended or open at the end,
 * in both alphabets, without padding. A character shared with a neighbouring byte (4 bits of a byte at most) is left out.
 */
export function* base64Spellings(bytes: string): Generator<string> {
  for (const [offset, firstOwn] of [0, 2, 3].entries()) {
    const ended = btoa("\0".repeat(offset) + bytes).replace(/=+$/, "");
    const open = ended.slice(0, Math.floor(((offset + bytes.length) * 8) / 6));
    for (const form of [ended, open]) {
      const own = form.slice(firstOwn);
      yield own;
      yield own.replaceAll("+", "-").replaceAll("/", "_");
    }
  }
}

/** Every byte that `plain` does not match becomes `%XX`. */
export const percent = (bytes: string, plain: RegExp): string =>
  [...bytes].map((byte) => (plain.test(byte) ? byte : `%${hex(byte)}`)).join("");

export const character = (unit: number): string => String.fromCharCode(unit);
