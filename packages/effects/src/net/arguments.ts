/**
 * Reads the arguments of `net.request` as a script sent them: the first place that sees hostile JSON. What leaves here
 * has the right types, a method that has a capability, header fields that cannot change the request, and a body in bytes.
 */
import {
  type Failure,
  fail,
  isJsonObject,
  type Json,
  type JsonObject,
  METHOD_CAPABILITY,
  ok,
  type Result,
} from "@agent-run/gate";
import { type HeaderField, parseHeaderFields } from "./header-fields.ts";

export interface RequestArguments {
  readonly method: string;
  /** As typed. */
  readonly url: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array | null;
  /** Null: the policy's. */
  readonly timeoutMs: number | null;
  /** Redirects that led here. Comes from the gate and is no member of the JSON, so a script cannot set it. */
  readonly hops: number;
}

const MEMBERS: ReadonlySet<string> = new Set(["method", "url", "headers", "body", "bodyBase64", "timeoutMs"]);
const METHODS = Object.keys(METHOD_CAPABILITY);
const BODY_METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const MAX_URL_CHARS = 16 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export function parseArguments(args: Json, hops: number): Result<RequestArguments> {
  if (!isJsonObject(args)) return refuse("`net.request` takes one object");
  const unknown = Object.keys(args).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`\`net.request\` has no option \`${unknown.slice(0, 64)}\``);
  const method = parseMethod(args.method);
  if (!method.ok) return method;
  const url = parseUrlText(args.url);
  if (!url.ok) return url;
  const headers = args.headers === undefined ? ok([]) : parseHeaderFields(args.headers);
  if (!headers.ok) return headers;
  const body = parseBody(args);
  if (!body.ok) return body;
  if (body.value !== null && !BODY_METHODS.has(method.value)) return refuse(`a ${method.value} request has no body`);
  const timeoutMs = parseTimeout(args.timeoutMs);
  if (!timeoutMs.ok) return timeoutMs;
  return ok({
    method: method.value,
    url: url.value,
    headers: headers.value,
    body: body.value,
    timeoutMs: timeoutMs.value,
    hops,
  });
}

function parseMethod(value: Json | undefined): Result<string> {
  if (typeof value !== "string") return refuse("`method` takes a string");
  // Letters first: the long s of Unicode becomes an S in upper case.
  const upper = /^[A-Za-z]{1,16}$/.test(value) ? value.toUpperCase() : "";
  if (!METHODS.includes(upper)) return refuse(`\`method\` is one of ${METHODS.join(", ")}`);
  return ok(upper);
}

function parseUrlText(value: Json | undefined): Result<string> {
  if (typeof value !== "string") return refuse("`url` takes a URL as a string");
  // The rest is the canonical form's; but a failure echoes the URL, and need not echo megabytes.
  if (value.length > MAX_URL_CHARS) return refuse(`\`url\` has at most ${MAX_URL_CHARS} characters`);
  return ok(value);
}

function parseBody(args: JsonObject): Result<Uint8Array | null> {
  const { body, bodyBase64 } = args;
  if (body !== undefined && bodyBase64 !== undefined) return refuse("a request has `body` or `bodyBase64`, not both");
  if (body === undefined && bodyBase64 === undefined) return ok(null);
  const bytes = body === undefined ? decodeBase64(bodyBase64) : encodeText(body);
  if (!bytes.ok) return bytes;
  if (bytes.value.byteLength > MAX_BODY_BYTES) return refuse(`a request's body has at most ${MAX_BODY_BYTES} bytes`);
  return bytes;
}

/** Bytes with memory of their own (not of Node's pool): they are sent to another thread. */
function encodeText(value: Json): Result<Uint8Array> {
  if (typeof value !== "string") return refuse("`body` takes a string; bytes go in `bodyBase64`");
  if (value.length > MAX_BODY_BYTES) return refuse(`a request's body has at most ${MAX_BODY_BYTES} bytes`);
  return ok(new TextEncoder().encode(value));
}

function decodeBase64(value: Json | undefined): Result<Uint8Array> {
  const wrong = refuse("`bodyBase64` takes base64 with its padding (RFC 4648 section 4)");
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return wrong;
  const bytes = Buffer.from(value, "base64");
  // Node's decoder forgives; only what encodes to the same text was well-formed.
  return bytes.toString("base64") === value ? ok(Uint8Array.from(bytes)) : wrong;
}

function parseTimeout(value: Json | undefined): Result<number | null> {
  if (value === undefined) return ok(null);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return ok(value);
  return refuse("`timeoutMs` takes a whole number of milliseconds, at least 1");
}

const refuse = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message } satisfies Failure);
