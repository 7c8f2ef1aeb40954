/**
 * Decides which header fields a script may send. Fields that steer the connection, the framing or the destination would
 * make the request another one than the one that was decided: a second `Host`, a body length that hides a second
 * request, a header that turns a POST into a DELETE behind the server's front. They are refused, never dropped.
 */
import { type Failure, fail, isJsonArray, type Json, ok, type Result } from "@agent-run/gate";

export type HeaderField = readonly [name: string, value: string];

const MAX_FIELDS = 100;
const MAX_TOTAL_CHARS = 32 * 1024;

/** Names come back lower-case, values without the white space around them. */
export function parseHeaderFields(value: Json): Result<readonly HeaderField[]> {
  if (!isJsonArray(value)) return refuse("`headers` takes a list of [name, value] pairs");
  if (value.length > MAX_FIELDS) return refuse(`a request has at most ${MAX_FIELDS} header fields`);
  const fields = new Map<string, string>();
  let chars = 0;
  for (const pair of value) {
    const field = parseField(pair);
    if (!field.ok) return field;
    const [name, text] = field.value;
    if (fields.has(name)) return refuse(`the header \`${name}\` is there twice; join its values with a comma`);
    fields.set(name, text);
    chars += name.length + text.length;
  }
  if (chars > MAX_TOTAL_CHARS)
    return refuse(`the header fields of a request have at most ${MAX_TOTAL_CHARS} characters`);
  return ok([...fields]);
}

function parseField(pair: Json): Result<HeaderField> {
  if (!isJsonArray(pair) || pair.length !== 2) return refuse("a header is a [name, value] pair");
  const [name, value] = pair;
  if (typeof name !== "string" || typeof value !== "string") return refuse("a header's name and value are strings");
  if (!TOKEN.test(name)) return refuse("a header's name holds letters, digits and `-` only");
  const lower = name.toLowerCase();
  if (isReserved(lower)) return refuse(`the header \`${lower}\` is set by the host side, not by a script`);
  if (!FIELD_VALUE.test(value)) {
    return refuse(`the value of the header \`${lower}\` has a line break, a control character or a non-Latin-1 one`);
  }
  return ok([lower, value.replace(/^[\t ]+|[\t ]+$/g, "")]);
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** RFC 9110 section 5.5, obs-text included. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Servers behind CGI conventions read `_` as `-`, so that `X_HTTP_Method_Override` is an override, too. */
function isReserved(lower: string): boolean {
  const name = lower.replaceAll("_", "-");
  return RESERVED.has(name) || name.startsWith("proxy-");
}

const RESERVED: ReadonlySet<string> = new Set([
  // The destination: decided by the URL.
  "host",
  "forwarded",
  "x-forwarded-host",
  "x-forwarded-server",
  "x-host",
  "x-original-host",
  "x-http-host-override",
  "x-original-url",
  "x-rewrite-url",
  // The connection (RFC 9110 section 7.6.1) and what it may be turned into.
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "http2-settings",
  "alt-used",
  "expect",
  // The framing (RFC 9112 section 6).
  "content-length",
  "transfer-encoding",
  // The method.
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-method",
]);

const refuse = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message } satisfies Failure);
