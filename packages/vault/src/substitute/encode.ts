/** Encodings of mixed text that a script may ask for (`btoa("me:" + key)`); the result is sealed like what went in. */
import type { Encoding } from "@agent-run/gate";
import { type Attempt, done, failed, type Plain, type PlainOf } from "../plain.ts";
import { isWellFormed, splice } from "./splice.ts";

/** `json`: a string literal; the JSON of the value where the text is exactly one token. */
export function encodeText(how: Encoding, text: string, values: PlainOf): Attempt<Plain> {
  const only = values.get(text);
  if (how === "json" && only !== undefined) return done(JSON.stringify(only));
  const filled = splice(text, values, done);
  if (!filled.ok) return filled;
  if (how === "json") return done(JSON.stringify(filled.value));
  if (how === "base64decode") return decoded(filled.value);
  if (!isWellFormed(filled.value)) return failed("the value holds half a surrogate pair, which UTF-8 cannot");
  switch (how) {
    case "base64":
      return done(Buffer.from(filled.value, "utf8").toString("base64"));
    case "uri":
      return done(encodeURI(filled.value));
    case "uriComponent":
      return done(encodeURIComponent(filled.value));
  }
}

/** The standard alphabet, blanks and padding as `atob` takes them; what comes out must be UTF-8, as bytes are no text. */
function decoded(text: string): Attempt<string> {
  const dense = text.replace(/[\t\n\f\r ]+/g, "");
  const packed = dense.length % 4 === 0 ? dense.replace(/={1,2}$/, "") : dense;
  if (!/^[A-Za-z0-9+/]*$/.test(packed) || packed.length % 4 === 1) return failed("the value is not base64");
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return done(decoder.decode(Buffer.from(packed, "base64")));
  } catch {
    return failed("what the base64 holds is not UTF-8");
  }
}
