/**
 * The one pass that every place shares: a text is cut at its live tokens, each piece that a token leaves is filled with
 * the place's encoding of its value, and nothing that was filled in is looked at again. So a value that looks like a
 * token, even a live one, stays text, and the characters around a token stay as they were (ONE-PASS).
 */
import { splitAtTokens } from "@agent-run/gate";
import { type Attempt, done, failed, type PlainOf, plainText } from "../plain.ts";

/** A short text may name one large value many times; nothing takes more than this. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** How a place writes the text of a value. */
export type Encode = (text: string) => Attempt<string>;

export const holdsToken = (text: string, values: PlainOf): boolean =>
  splitAtTokens(text).some((piece, index) => index % 2 === 1 && values.has(piece));

/** A text with the encoded value in the place of every live token; the first failure is the whole's. */
export function splice(text: string, values: PlainOf, encode: Encode): Attempt<string> {
  const pieces: string[] = [];
  let length = text.length;
  for (const [index, piece] of splitAtTokens(text).entries()) {
    if (index % 2 === 0 || !values.has(piece)) {
      pieces.push(piece);
      continue;
    }
    const plain = plainText(values.get(piece));
    const encoded = plain.ok ? encode(plain.value) : plain;
    if (!encoded.ok) return encoded;
    length += encoded.value.length;
    if (length > MAX_LENGTH) return failed("the text is too large with its values");
    pieces.push(encoded.value);
  }
  return done(pieces.join(""));
}

/** As it is. UTF-8 has no lone surrogates, and writing another character in their place would be a silent change. */
export const raw: Encode = (text) =>
  isWellFormed(text) ? done(text) : failed("the value holds half a surrogate pair");

/** As a component of a URL. */
export const component: Encode = (text) =>
  isWellFormed(text) ? done(percentEncoded(text)) : failed("the value holds half a surrogate pair, which a URL cannot");

/** `encodeURIComponent`, and the five characters that RFC 3986 reserves beyond it. Throws on lone surrogates. */
export const percentEncoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, hexEscape);

export const isWellFormed = (text: string): boolean => !/\p{Cs}/u.test(text);

const hexEscape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
