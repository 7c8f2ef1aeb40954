/**
 * Values in a header: raw, so whatever could end the field, or be sent as other bytes than it reads, is refused. A CR or
 * LF in a secret would otherwise begin a header of its own.
 */
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { holdsToken, splice } from "./splice.ts";

export function inHeader(value: string, values: PlainOf): Attempt<string> {
  if (!holdsToken(value, values)) return done(value);
  const filled = splice(value, values, done);
  return filled.ok ? headerValue(filled.value) : filled;
}

/** A whole header value that is made of plaintext. */
export function headerValue(text: string): Attempt<string> {
  if (/\p{Cc}/u.test(text)) return failed("the header would hold a control character");
  if (/[^\0-\xff]/.test(text)) return failed("the header would hold a character above U+00FF");
  if (/^ | $/.test(text)) return failed("the header would begin or end with a blank, which its reader drops");
  return done(text);
}
