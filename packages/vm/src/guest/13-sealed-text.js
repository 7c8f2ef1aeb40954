/*
 * Tokens in texts and bytes. A text with a token goes its way as it is, and the vault puts the value in at the end of it.
 * What would turn the token's own characters into something else (base64, hex) either becomes an order to the vault or
 * is refused: base64 of a token would reach a server in silence, and mean nothing there.
 */

const { bytes, seals } = kernel;
const TOKEN = /sealed0[0-9a-f]{32}/g;
/** A token, or what is left of one: the host says so then. */
const TRACE = /sealed0[0-9a-f]{8,}/i;
const MARK = [115, 101, 97, 108, 101, 100, 48]; // "sealed0"
const LONG = 100_000;

/** Does the text hold a token of this run? Texts above 100,000 characters count as free of them. */
seals.holds = (text) => {
  if (!seals.any() || typeof text !== "string" || text.length > LONG || !text.includes("sealed0")) return false;
  return (text.match(TOKEN) ?? []).some((token) => seals.isToken(token));
};

/** Does the text hold what is or was a token? */
seals.inText = (text) => seals.any() && TRACE.test(text);

/** The text of bytes that hold a token, else null. Bytes that are no text beside it have no form to be sent in. */
seals.inBytes = (view) => {
  if (!seals.any() || !hasMark(view)) return null;
  const refuse = () => unsendable("these bytes hold a sealed value, and are not UTF-8 text");
  const text = bytes.utf8Decode(view, refuse);
  return TRACE.test(text) ? text : null;
};

const unsendable = (message) =>
  kernel.throwError("E_ARGUMENT", message, { hint: "put sealed values into texts, not among bytes" });

const hasMark = (view) => {
  for (let at = view.indexOf(115); at !== -1; at = view.indexOf(115, at + 1)) {
    if (MARK.every((byte, index) => view[at + index] === byte)) return true;
  }
  return false;
};

/** How bytes go to the host: `{text}` where they hold a token, else `{base64}`. */
seals.payload = (view) => {
  const text = seals.inBytes(view);
  return text === null ? { base64: bytes.toBase64(view) } : { text };
};

/** base64 of bytes: of the value, where they hold its token. */
seals.toBase64 = (view) => {
  const text = seals.inBytes(view);
  return text === null ? bytes.toBase64(view) : seals.encode("base64", text);
};

/** Runs `convert` on bytes that hold no token. */
seals.without = (what, instead, convert) => (view) => {
  if (seals.inBytes(view) !== null) seals.unavailable(what, instead);
  return convert(view);
};

/** The token of a Sealed, of a text that is exactly one; else null. */
seals.exactly = (value) => (seals.is(value) ? seals.token(value) : seals.isToken(value) ? value : null);
