/**
 * The finite set of forms that a registered value is looked for in. Forms are matched without regard to case (`fold`), so
 * upper, lower and mixed case are one pattern. What is not in this file is not found: the set is a convenience for
 * honest scripts and clumsy ones, not a boundary.
 */
import { base64Spellings, byteSpellings, character, hex, padded, percent, units, utf8, utf16Hex } from "./bytes.ts";

/** Ciphers multiply a value by hundreds; longer ones are looked for without them. */
const LONGEST_CIPHER = 256;

/** What even a value is looked for in that comes when patterns have taken their memory. */
export function* reducedForms(value: string): Generator<string> {
  yield value;
  yield* asBytes(value);
}

export function* fullForms(value: string): Generator<string> {
  yield* reducedForms(value);
  for (const bytes of byteSpellings(value)) yield btoa(bytes);
  // Some letters have another length in the other case (`ß`), which folding cannot see.
  yield value.toUpperCase();
  yield value.toLowerCase();
  yield* utf16Hex(value);
  yield* reversed(value);
  yield* escaped(value);
  yield* entities(value);
  yield* spelledOut(value);
  yield* codeLists(value);
  if (value.length <= LONGEST_CIPHER) yield* ciphers(value);
}

function* asBytes(value: string): Generator<string> {
  for (const bytes of byteSpellings(value)) {
    yield* base64Spellings(bytes);
    yield hex(bytes);
  }
}

/** By code point, and by unit, as `split("")` does it. */
function* reversed(value: string): Generator<string> {
  for (const parts of [[...value], value.split("")]) {
    const backwards = parts.reverse().join("");
    yield backwards;
    yield* asBytes(backwards);
  }
}

/** What each escaping leaves as it is: every component rule in use, whole URLs, forms, nothing. */
const PLAIN = [/[\w.!~*'()-]/, /[\w.~-]/, /[\w.!~*'();,/?:@&=+$#-]/, /[\w.*-]/, /^$/];

function* escaped(value: string): Generator<string> {
  const json = JSON.stringify(value).slice(1, -1);
  yield json;
  yield JSON.stringify(json).slice(1, -1);
  yield json.replaceAll("/", "\\/");
  yield json.replace(/[^\0-\x7f]/g, unicodeEscape);
  yield units(value).map(character).map(unicodeEscape).join("");
  for (const bytes of byteSpellings(value)) {
    yield units(bytes)
      .map((byte) => `\\x${padded(byte, 2)}`)
      .join("");
    for (const plain of PLAIN) yield percent(bytes, plain);
    yield percent(bytes, /[\w.* -]/).replaceAll(" ", "+");
  }
}

const unicodeEscape = (unit: string): string => `\\u${padded(unit.charCodeAt(0), 4)}`;

const APOSTROPHES = ["'", "&#39;", "&#x27;", "&apos;"];

function* entities(value: string): Generator<string> {
  const angles = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  yield angles;
  for (const apostrophe of APOSTROPHES) yield angles.replaceAll('"', "&quot;").replaceAll("'", apostrophe);
  const points = [...value].map(codePoint);
  yield points.map((point) => `&#${point};`).join("");
  yield points.map((point) => `&#x${point.toString(16)};`).join("");
}

const codePoint = (text: string): number => text.codePointAt(0) ?? 0;

/** One character a line, or with something else between them; the last is what JSON makes of an array of them. */
function* spelledOut(value: string): Generator<string> {
  for (const parts of [[...value], value.split("")]) {
    for (const between of ["\n", "\r\n", " ", ",", ", ", "-"]) yield parts.join(between);
    yield JSON.stringify(parts).slice(1, -1);
  }
}

const SEPARATORS = [", ", " ", ",", "\n"];

/** The numbers of its units and of its bytes, in decimal and in hex. */
function* codeLists(value: string): Generator<string> {
  for (const codes of [units(value), units(utf8(value))]) {
    const lists = [
      codes.map(String),
      codes.map((code) => code.toString(16)),
      codes.map((code) => padded(code, 2)),
      codes.map((code) => `0x${padded(code, 2)}`),
    ];
    for (const list of lists) for (const separator of SEPARATORS) yield list.join(separator);
  }
}

function* ciphers(value: string): Generator<string> {
  for (let by = 1; by <= 25; by += 1) yield value.replace(/[a-z]/gi, (letter) => rotated(letter, by));
  const codes = units(value);
  const bytes = utf8(value);
  for (let key = 1; key <= 255; key += 1) {
    yield hex(bytes, key);
    const raw = codes.map((code) => code ^ key);
    // Printable ones only: else every line's end would be the beginning of some pattern, and be held back.
    if (raw.every(isPrintable)) yield raw.map(character).join("");
  }
}

function rotated(letter: string, by: number): string {
  const first = letter >= "a" ? 97 : 65;
  return character(((letter.charCodeAt(0) - first + by) % 26) + first);
}

const isPrintable = (unit: number): boolean => (unit >= 0x20 && unit < 0x7f) || unit >= 0xa0;
