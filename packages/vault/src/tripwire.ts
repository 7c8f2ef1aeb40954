/**
 * A tripwire on answers of the outside world that touched a credential: does one hold the whole secret, as it is or in a
 * common encoding? It withholds and alerts; it never rewrites, as a text with parts blanked out tells which guess was
 * right. Guessable values have none, for the same reason: whoever can make a server echo guesses would read the alarm.
 *
 * Not every spelling of the secret is searched for in the answer; the answer is decoded (percent, JSON, HTML, whatever
 * mixture of escaped and plain characters it has) and searched for few spellings. Every step is linear in the answer.
 */

/** Whether these bytes (status text, header value, body after content decoding) hold the secret. */
export type Tripwire = (bytes: Uint8Array) => boolean;

const MIN_CHARACTERS = 16;
const MIN_BITS = 64;

/** Null where the secret is too easily guessed to be looked for. */
export function tripwire(secret: string): Tripwire | null {
  if ([...secret].length < MIN_CHARACTERS || estimatedBits(secret) < MIN_BITS) return null;
  const utf8 = Buffer.from(secret, "utf8");
  const utf16 = Buffer.from(secret, "utf16le");
  const backwards = Buffer.from([...secret].reverse().join(""), "utf8");
  const plain = [utf8, utf16, Buffer.from(utf16).swap16(), backwards].map(finder);
  const hex = finder(Buffer.from(utf8.toString("hex")));
  const base64 = base64Forms(utf8).map(finder);
  return (bytes) =>
    viewsOf(bytes).some(
      (view) =>
        plain.some((found) => found(view)) ||
        hex(Buffer.from(view.toString("latin1").toLowerCase(), "latin1")) ||
        anyOf(base64, standardAlphabet(view)),
    );
}

/**
 * A rough estimate: length times what the kinds of characters in it allow, without repetitions of a whole, runs (`aaaa`)
 * and sequences (`abcd`, `4321`), and no more than its few different characters can carry. It knows no words.
 */
export function estimatedBits(secret: string): number {
  const chars = [...secret];
  const codes = chars.slice(0, periodOf(chars)).map((char) => char.codePointAt(0) ?? 0);
  const free = codes.filter((_, index) => !continues(codes, index)).length;
  return free === 0 ? 0 : free * Math.log2(Math.min(alphabetOf(secret), new Set(chars).size ** 2));
}

/** Whether a character follows from the two before it. */
function continues(codes: readonly number[], index: number): boolean {
  const [first = 0, second = 0, third = 0] = codes.slice(index - 2, index + 1);
  return index >= 2 && third - second === second - first && Math.abs(third - second) <= 1;
}

function alphabetOf(secret: string): number {
  if (/^[0-9a-f]*$/i.test(secret)) return /[a-f]/i.test(secret) ? 16 : 10;
  const kinds: readonly (readonly [RegExp, number])[] = [
    [/[0-9]/, 10],
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[^0-9a-zA-Z]/, 32],
  ];
  return kinds.reduce((sum, [kind, size]) => sum + (kind.test(secret) ? size : 0), 0);
}

/** The length of what is repeated, whole or in part, to make the text. */
const periodOf = (list: readonly string[]): number => list.length - (borders(list)[list.length - 1] ?? 0);

/** The three ways in which the bytes can lie in a base64 text, without the characters that neighbours have a share in. */
function base64Forms(bytes: Buffer): Buffer[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return Buffer.from(text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)));
  });
}

/** Both alphabets as one, line breaks out (RFC 2045 has 76 characters a line). */
const standardAlphabet = (view: Buffer): Buffer =>
  Buffer.from(
    view
      .toString("latin1")
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .replace(/[\r\n]+/g, ""),
    "latin1",
  );

/** The bytes as they are, and as they are under each escaping, where that makes a difference. */
function viewsOf(bytes: Uint8Array): Buffer[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const views = [
    text,
    percentDecoded(text),
    percentDecoded(text.replaceAll("+", " ")),
    jsonDecoded(text),
    htmlDecoded(text),
  ];
  return [...new Set(views)].map((view) => Buffer.from(view, "latin1"));
}

const percentDecoded = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Runs of `\u` escapes at once, as pairs of surrogates are one character. */
const jsonDecoded = (text: string): string =>
  text.replace(/(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]/g, (escaped) => asBytes(String(JSON.parse(`"${escaped}"`))));

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const htmlDecoded = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES.get(String(name).toLowerCase()) ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? asBytes(String.fromCodePoint(code)) : whole;
  });

/** The UTF-8 of a text, a character for each byte. */
const asBytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

const anyOf = (finders: readonly Tripwire[], view: Buffer): boolean => finders.some((found) => found(view));

/** Knuth, Morris and Pratt: no text makes it slow. */
function finder(needle: Buffer): Tripwire {
  const back = borders(needle);
  return (bytes) => {
    let matched = 0;
    for (const byte of bytes) {
      while (matched > 0 && needle[matched] !== byte) matched = back[matched - 1] ?? 0;
      if (needle[matched] === byte) matched++;
      if (matched === needle.length) return true;
    }
    return false;
  };
}

/** For every beginning of the list the length of its longest end, other than itself, that is a beginning as well. */
function borders(list: ArrayLike<string | number>): Uint32Array {
  const found = new Uint32Array(list.length);
  let length = 0;
  for (let at = 1; at < list.length; at++) {
    while (length > 0 && list[at] !== list[length]) length = found[length - 1] ?? 0;
    if (list[at] === list[length]) length++;
    found[at] = length;
  }
  return found;
}
