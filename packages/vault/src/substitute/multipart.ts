/**
 * Values in `multipart/form-data` (RFC 7578): raw in what a part holds. A value must not bring a boundary, which would
 * begin a part of its own, and in the lines above a part nothing that could end the line or its quotes.
 */
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { type Encode, holdsToken, raw, splice } from "./splice.ts";

/** RFC 2046, 5.1.1. To look for a longer one in a value that is made for it would take minutes. */
const MAX_BOUNDARY = 70;

/** `content`: how the part's content is written; text as it is unless the body is bytes. */
export function inMultipart(
  contentType: string,
  body: string,
  values: PlainOf,
  content: Encode = raw,
): Attempt<string> {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return failed("the content type names no boundary");
  if (boundary.length > MAX_BOUNDARY) return failed("the boundary is longer than 70 characters");
  if (holdsToken(boundary, values)) return failed("the boundary holds a sealed value");
  const filled: string[] = [];
  for (const part of body.split(boundary)) {
    const text = inPart(part, values, content);
    if (!text.ok) return text;
    filled.push(text.value);
  }
  const whole = filled.join(boundary);
  // Counted in the whole: a value may bring half of a boundary whose other half stands beside it.
  if (count(whole, boundary) !== count(body, boundary))
    return failed("the value holds the boundary of the body's parts");
  return done(whole);
}

function inPart(part: string, values: PlainOf, content: Encode): Attempt<string> {
  const blank = /\r?\n\r?\n/.exec(part);
  const at = blank === null ? part.length : blank.index;
  const head = splice(part.slice(0, at), values, inLine(content));
  if (!head.ok) return head;
  const rest = splice(part.slice(at), values, content);
  return rest.ok ? done(head.value + rest.value) : rest;
}

const inLine =
  (content: Encode): Encode =>
  (text) =>
    /["\p{Cc}]/u.test(text) ? failed("the value holds a quote or control character, above a part") : content(text);

function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  return quoted ?? bare ?? null;
}

/** Overlapping occurrences as well. */
function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) found++;
  return found;
}
