/*
 * How `print` and `util.inspect` write strings, numbers and property names: as Node's util.inspect does, for Node's form
 * is what models have seen a million times and read without effort. The tests hold it against Node's own output.
 */

const { SymbolPrototypeToString } = kernel.primordials;
const ESCAPES = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 92: "\\\\" };
const MIN_LINE = 16; // shorter strings are never broken over lines

/** Quoted with the first of ' " ` that the text does not hold; control characters and lone surrogates are escaped. */
const quote = (text) => {
  let mark = "'";
  if (text.includes("'")) {
    if (!text.includes('"')) mark = '"';
    else if (!text.includes("`") && !text.includes("${")) mark = "`";
  }
  let out = "";
  let done = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && index + 1 < text.length ? text.charCodeAt(index + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) {
        index++;
        continue;
      }
    } else if (code >= 32 && code !== 92 && (code < 127 || code > 159) && !(code === 39 && mark === "'")) continue;
    out += text.slice(done, index) + escaped(code);
    done = index + 1;
  }
  return mark + out + text.slice(done) + mark;
};

const escaped = (code) => {
  if (code === 39) return "\\'";
  if (code >= 0xd800) return `\\u${code.toString(16)}`;
  return ESCAPES[code] ?? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
};

const number = (value) => (Object.is(value, -0) ? "-0" : `${value}`);

const symbol = (value) => SymbolPrototypeToString(value);

const more = (count, what) => `... ${count} more ${what}${count > 1 ? "s" : ""}`;

/** A long string inside an object is broken after its line ends. */
const string = (view, value) => {
  let text = value;
  let trailer = "";
  if (text.length > view.maxStringLength) {
    trailer = more(text.length - view.maxStringLength, "character");
    text = text.slice(0, view.maxStringLength);
  }
  const room = view.breakLength - view.indentation - 4;
  if (view.compact === true || text.length <= MIN_LINE || text.length <= room) return quote(text) + trailer;
  const pieces = [];
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end + 1 < text.length; end = text.indexOf("\n", start)) {
    pieces.push(quote(text.slice(start, end + 1)));
    start = end + 1;
  }
  pieces.push(quote(text.slice(start)));
  return pieces.join(` +\n${" ".repeat(view.indentation + 2)}`) + trailer;
};

const primitive = (view, value) => {
  if (typeof value === "string") return string(view, value);
  if (typeof value === "number") return number(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol") return symbol(value);
  return `${value}`;
};

/** The name of a property, as it stands before the colon. */
const propertyName = (key, enumerable) => {
  if (typeof key === "symbol") return `[${symbol(key)}]`;
  if (key === "__proto__") return "['__proto__']";
  if (!enumerable) return `[${key}]`;
  return /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(key) ? key : quote(key);
};

const isWide = (code) =>
  code >= 0x1100 &&
  (code <= 0x115f ||
    (code >= 0x2e80 && code <= 0x3247 && code !== 0x303f) ||
    (code >= 0x3250 && code <= 0x4dbf) ||
    (code >= 0x4e00 && code <= 0xa4c6) ||
    (code >= 0xa960 && code <= 0xa97c) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6b) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f680 && code <= 0x1f6ff) ||
    (code >= 0x1f900 && code <= 0x1f9ff) ||
    (code >= 0x20000 && code <= 0x3fffd));

const isZeroWidth = (code) =>
  code <= 0x1f ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x300 && code <= 0x36f) ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x20d0 && code <= 0x20ff) ||
  (code >= 0xfe00 && code <= 0xfe0f) ||
  (code >= 0xfe20 && code <= 0xfe2f) ||
  (code >= 0xe0100 && code <= 0xe01ef);

/** Columns of a terminal that the text takes. */
const width = (text) => {
  let plain = true;
  for (let index = 0; plain && index < text.length; index++) {
    const code = text.charCodeAt(index);
    plain = code >= 32 && code < 127;
  }
  if (plain) return text.length;
  let columns = 0;
  for (const point of text.normalize("NFC")) {
    const code = point.codePointAt(0);
    columns += isWide(code) ? 2 : isZeroWidth(code) ? 0 : 1;
  }
  return columns;
};

kernel.inspecting = { quote, number, symbol, more, primitive, propertyName, width };
