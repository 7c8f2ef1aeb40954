/**
 * Reads the slot of a request as the script typed it. Exact: the text around the placeholder and nothing more, since
 * `Bearer <key>!` may provoke an error page that quotes the key. Metadata only; the vault fills the slot.
 */
import { isJsonArray, isJsonObject, type Json, type RequestUse } from "@agent-run/policy";
import type { Handle } from "./handles.ts";
import { type SlotText, slotText, type TokenForm } from "./slot-text.ts";

export type SlotRead = { readonly ok: true; readonly value: Handle } | { readonly ok: false; readonly why: string };

/** The text at the slot: the header's value, or the query parameter's after percent-decoding; null where there is none. */
export function slotOfCall({ slot }: RequestUse, args: Json): string | null {
  if (!isJsonObject(args)) return null;
  if (slot.kind === "query") return queryValue(args.url ?? null, slot.name);
  const fields = isJsonArray(args.headers ?? null) ? (args.headers as readonly Json[]) : [];
  for (const field of fields) {
    if (!isJsonArray(field)) continue;
    const [name, value] = field;
    if (typeof name === "string" && typeof value === "string" && name.toLowerCase() === slot.name) return value.trim();
  }
  return null;
}

function queryValue(url: Json, name: string): string | null {
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const values = new URL(url).searchParams.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** Where in a request a token stands that is not in its slot, in words. */
export function placeOfToken(args: Json, token: string): string {
  const { url = "", headers = null, body = null, bodyBase64 = null } = isJsonObject(args) ? args : {};
  if (isJsonArray(headers)) {
    for (const field of headers) {
      const [name, value] = isJsonArray(field) ? field : [];
      if (typeof value === "string" && value.includes(token)) return `the header "${String(name).toLowerCase()}"`;
    }
  }
  if (typeof url === "string" && url.includes(token))
    return url.split("?", 1)[0]?.includes(token) ? "the path" : "the query string";
  return body === null && bodyBase64 === null ? "another place" : "the body";
}

export function readSlot(
  { format }: RequestUse,
  text: string | null,
  find: (token: string) => Handle | undefined,
): SlotRead {
  if (text === null) return { ok: false, why: "it is elsewhere" };
  const read = slotText(format, text, (token) => formOf(find(token)));
  const handle = read.ok ? find(read.token) : undefined;
  return handle === undefined
    ? { ok: false, why: read.ok ? "it is elsewhere" : WHY[read.why] }
    : { ok: true, value: handle };
}

const WHY: Readonly<Record<Exclude<SlotText, { ok: true }>["why"], string>> = {
  "not a token": "the slot holds other text",
  "two tokens": "the slot holds two sealed values",
  "extra text": "the text around it is not exactly that",
  derived: "it is a value computed from it",
  "another formatting": "it is in another form",
};

function formOf(handle: Handle | undefined): TokenForm | null {
  if (handle === undefined) return null;
  const { origin } = handle;
  if (origin.kind === "secret") return "original";
  return origin.kind === "formatted" ? origin.as : "derived";
}
