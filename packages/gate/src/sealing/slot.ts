/**
 * Reads the slot of a request as the script typed it. Exact: the text around the placeholder and nothing more, since
 * `Bearer <key>!` may provoke an error page that quotes the key. Metadata only; the vault fills the slot.
 */
import { type Formatting, isJsonArray, isJsonObject, type Json, type RequestUse } from "@agent-run/policy";
import type { Handle } from "./handles.ts";
import { splitAtTokens } from "./token.ts";

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

export function readSlot(
  { format }: RequestUse,
  text: string | null,
  find: (token: string) => Handle | undefined,
): SlotRead {
  if (text === null) return { ok: false, why: "it is elsewhere" };
  const parts = splitAtTokens(text);
  const [before = "", token = "", after = ""] = parts;
  const handle = find(token);
  if (parts.length !== 3 || handle === undefined) return { ok: false, why: "the slot holds other text" };
  if (format.kind === "sigv4")
    return before === "" && after === "" && handle.origin.kind === "secret"
      ? { ok: true, value: handle }
      : { ok: false, why: "the slot must hold the secret alone; the signature is made of it" };
  if (before !== format.before || after !== format.after) return { ok: false, why: "there is other text around it" };
  const as = formattingOf(handle);
  return as !== null && format.of.includes(as)
    ? { ok: true, value: handle }
    : { ok: false, why: "it is in another form" };
}

function formattingOf({ origin }: Handle): Formatting | null {
  if (origin.kind === "secret") return "original";
  return origin.kind === "formatted" ? origin.as : null;
}
