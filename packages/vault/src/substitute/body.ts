/**
 * Values in the body of a request, by its content type: JSON, a form, parts, or raw text. A body that is a JSON object or
 * array is JSON whatever its type says, as scripts often say nothing.
 */
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { inJson, isJsonText } from "./json-text.ts";
import { inMultipart } from "./multipart.ts";
import { component, type Encode, holdsToken, raw, splice } from "./splice.ts";

/** `contentType`: the header as the script typed it; null where there is none. */
export function inBody(contentType: string | null, body: string, values: PlainOf): Attempt<string> {
  if (!holdsToken(body, values)) return done(body);
  switch (kindOf(contentType)) {
    case "json":
      return inJson(body, values);
    case "form":
      return splice(body, values, formText);
    case "parts":
      return inMultipart(contentType ?? "", body, values);
    case "text":
      return isJsonText(body) ? inJson(body, values) : splice(body, values, raw);
  }
}

/**
 * The same for bytes. Tokens are looked for in their UTF-8 text; bytes that are none (a picture in a part) stay what they
 * are, as every byte is then one character, and values go in as their UTF-8.
 */
export function inBodyBytes(contentType: string | null, body: Uint8Array, values: PlainOf): Attempt<Uint8Array> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const binary = bytes.toString("latin1");
  if (!holdsToken(binary, values)) return done(body);
  const text = utf8(bytes);
  if (text !== null) {
    const filled = inBody(contentType, text, values);
    return filled.ok ? done(Buffer.from(filled.value, "utf8")) : filled;
  }
  const kind = kindOf(contentType);
  if (kind === "json" || kind === "form") return failed("the body is not UTF-8");
  const filled =
    kind === "parts" ? inMultipart(contentType ?? "", binary, values, asBytes) : splice(binary, values, asBytes);
  return filled.ok ? done(Buffer.from(filled.value, "latin1")) : filled;
}

type BodyKind = "json" | "form" | "parts" | "text";

function kindOf(contentType: string | null): BodyKind {
  const type = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (/^(application|text)\/json$|\+json$/.test(type)) return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  return type === "multipart/form-data" ? "parts" : "text";
}

/** WHATWG URL, 5.2: a blank is a plus. */
const formText: Encode = (text) => {
  const encoded = component(text);
  return encoded.ok ? done(encoded.value.replaceAll("%20", "+")) : encoded;
};

/** Every byte of the UTF-8 as the one character that Latin-1 has for it. */
const asBytes: Encode = (text) => {
  const checked = raw(text);
  return checked.ok ? done(Buffer.from(text, "utf8").toString("latin1")) : checked;
};

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
