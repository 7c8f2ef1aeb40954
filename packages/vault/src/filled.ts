/**
 * The arguments of an operation with the values of their tokens put in, each in the encoding of its place, in one pass:
 * what was put in is never looked at again for tokens.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject, textsOf } from "@agent-run/gate";
import { type Attempt, done, failed, type PlainOf } from "./plain.ts";
import { inBody, inBodyBytes } from "./substitute/body.ts";
import { inHeader } from "./substitute/header.ts";
import { inEnvironment, inText } from "./substitute/text.ts";
import { inUrl } from "./substitute/url.ts";
import type { Values } from "./values.ts";

/** `handle`: of the answer; only older ones can stand in the arguments. */
export async function filled(op: string, args: Json, values: Values, handle: number): Promise<Attempt<Json>> {
  const known = await values.ofTexts([...textsOf(args), ...decodedTexts(args)], handle);
  if (!known.ok) return known;
  if (known.value.size === 0 || !isJsonObject(args)) return done(args);
  const fill = FILLERS[op];
  return fill === undefined
    ? failed(`\`${op}\` takes no sealed data`)
    : fill(args, known.value, values.forUrl(known.value));
}

/** Bodies in base64 may hold tokens inside. */
function decodedTexts(args: Json): string[] {
  const { bodyBase64 = null, data = null, base64 = false } = isJsonObject(args) ? args : {};
  const encoded = base64 === true ? [bodyBase64, data] : [bodyBase64];
  return encoded.flatMap((text) => (typeof text === "string" ? [Buffer.from(text, "base64").toString("latin1")] : []));
}

type Filler = (args: JsonObject, values: PlainOf, inUrls: PlainOf) => Attempt<Json>;

const FILLERS: Readonly<Record<string, Filler>> = {
  "fs.write": (args, values) => {
    if (typeof args.data !== "string") return done(args);
    if (args.base64 === true) return withMember(args, "data", base64(null, args.data, values));
    return withMember(args, "data", inText(args.data, values));
  },
  "net.request": (args, values, inUrls) => {
    const url = inUrl(String(args.url), inUrls);
    if (!url.ok) return url;
    const headers = inHeaders(args.headers ?? [], values);
    if (!headers.ok) return headers;
    const type = contentType(args.headers ?? []);
    const rest = { ...args, url: url.value, headers: headers.value };
    if (typeof args.body === "string") return withMember(rest, "body", inBody(type, args.body, values));
    if (typeof args.bodyBase64 === "string")
      return withMember(rest, "bodyBase64", base64(type, args.bodyBase64, values));
    return done(rest);
  },
  "subprocess.exec": (args, values) => {
    const env: Record<string, Json> = {};
    for (const [name, value] of Object.entries(isJsonObject(args.env ?? null) ? (args.env as JsonObject) : {})) {
      const text = inEnvironment(String(value), values);
      if (!text.ok) return text;
      env[name] = text.value;
    }
    const rest = Object.keys(env).length === 0 ? args : { ...args, env };
    return typeof args.stdin === "string" ? withMember(rest, "stdin", inText(args.stdin, values)) : done(rest);
  },
};

const withMember = (args: JsonObject, name: string, value: Attempt<Json>): Attempt<Json> =>
  value.ok ? done({ ...args, [name]: value.value }) : value;

function base64(type: string | null, text: string, values: PlainOf): Attempt<Json> {
  const bytes = inBodyBytes(type, Buffer.from(text, "base64"), values);
  return bytes.ok ? done(Buffer.from(bytes.value).toString("base64")) : bytes;
}

function inHeaders(headers: Json, values: PlainOf): Attempt<Json> {
  const fields: Json[] = [];
  for (const field of isJsonArray(headers) ? headers : []) {
    const [name = "", value = ""] = isJsonArray(field) ? field : [];
    const text = inHeader(String(value), values);
    if (!text.ok) return text;
    fields.push([name, text.value]);
  }
  return done(fields);
}

function contentType(headers: Json): string | null {
  for (const field of isJsonArray(headers) ? headers : []) {
    const [name, value] = isJsonArray(field) ? field : [];
    if (typeof name === "string" && name.toLowerCase() === "content-type") return String(value);
  }
  return null;
}
