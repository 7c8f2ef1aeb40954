/**
 * The credential at its place: the one function that writes a secret into a request whose answer may be public. It takes
 * the request as it was decided, with the token in it, and looks once more: the slot holds the declared format and
 * nothing else, there is one slot, and the token stands nowhere but in it (EXACT-SLOT). `Bearer <key>!` may get an error
 * page that quotes the key.
 */
import type { RequestUse, SlotFormat } from "@agent-run/gate";
import { type Attempt, done, failed, type Plain, plainText } from "../plain.ts";
import { headerValue } from "../substitute/header.ts";
import { component } from "../substitute/splice.ts";
import { awsCredentials } from "./aws-credentials.ts";
import { signedHeaders } from "./sigv4.ts";
import type { HeaderFields, SlotRequest } from "./slot-request.ts";

/** The token that the script put there; its value is the original, or one of our formattings of it. */
export interface Filling {
  readonly token: string;
  readonly value: Plain;
}

/** The request that is sent. `nowMs`: the time that a signature bears, in milliseconds since 1970. */
export function fillSlot<R extends SlotRequest>(
  use: Pick<RequestUse, "slot" | "format">,
  filling: Filling,
  request: R,
  nowMs: number,
): Attempt<R> {
  if (occurrences(request, filling.token) !== 1)
    return failed("the secret stands in the request more than once, or not");
  const { slot, format } = use;
  if (format.kind === "sigv4") return sign(use, format, filling, request, nowMs);
  const text = plainText(filling.value);
  if (!text.ok) return text;
  const typed = `${format.before}${filling.token}${format.after}`;
  const whole = `${format.before}${text.value}${format.after}`;
  if (slot.kind === "header") {
    const headers = withHeader(request.headers, slot.name, typed, whole);
    return headers.ok ? done({ ...request, headers: headers.value }) : headers;
  }
  const url = withParameter(request.url, slot.name, typed, whole);
  return url.ok ? done({ ...request, url: url.value }) : url;
}

function sign<R extends SlotRequest>(
  { slot }: Pick<RequestUse, "slot">,
  scope: SlotFormat & { readonly kind: "sigv4" },
  { token, value }: Filling,
  request: R,
  nowMs: number,
): Attempt<R> {
  if (slot.kind !== "header" || slot.name.toLowerCase() !== "authorization") {
    return failed("a signature goes into the authorization header only");
  }
  const typed = withHeader(request.headers, slot.name, token, "");
  const credentials = awsCredentials(value);
  if (!typed.ok) return typed;
  if (!credentials.ok) return credentials;
  const headers = signedHeaders(request, scope, credentials.value, nowMs);
  return headers.ok ? done({ ...request, headers: headers.value }) : headers;
}

function withHeader(headers: HeaderFields, name: string, typed: string, whole: string): Attempt<HeaderFields> {
  const isSlot = (field: string): boolean => field.toLowerCase() === name.toLowerCase();
  const [slot, ...more] = headers.filter(([field]) => isSlot(field));
  if (slot === undefined || more.length > 0) return failed(`the request has not exactly one header \`${name}\``);
  if (slot[1] !== typed) return failed(`the header \`${name}\` holds more than its format`);
  const value = headerValue(whole);
  if (!value.ok) return value;
  return done(headers.map(([field, text]) => [field, isSlot(field) ? value.value : text] as const));
}

/** The text of the URL around the parameter stays as it was decided. */
function withParameter(url: string, name: string, typed: string, whole: string): Attempt<string> {
  const [, front = "", query = "", fragment = ""] = /^([^?#]*\?)([^#]*)(.*)$/s.exec(url) ?? [];
  const pieces = query.split("&");
  const [at, ...more] = pieces.flatMap((piece, index) => (parameter(piece)?.[0] === name ? [index] : []));
  if (at === undefined || more.length > 0) return failed(`the URL has not exactly one parameter \`${name}\``);
  if (parameter(pieces[at] ?? "")?.[1] !== typed) return failed(`the parameter \`${name}\` holds more than its format`);
  const value = component(whole);
  if (!value.ok) return value;
  pieces[at] = `${encodeURIComponent(name)}=${value.value}`;
  return done(`${front}${pieces.join("&")}${fragment}`);
}

/** Name and value of one piece of a query, decoded as servers do. */
const parameter = (piece: string): readonly [string, string] | undefined => [...new URLSearchParams(`&${piece}`)][0];

function occurrences({ url, headers, body }: SlotRequest, token: string): number {
  const texts = [url, ...headers.flat(), body === null ? "" : Buffer.from(body).toString("latin1")];
  return texts.reduce((sum, text) => sum + text.split(token).length - 1, 0);
}
