/** JSON values and their one canonical text (RFC 8785), over which every hash of ours is taken. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * RFC 8785 text: keys sorted by UTF-16 code units, numbers and strings as ECMAScript prints them.
 * Lone surrogates are escaped as JSON.stringify does, so that every value has a canonical text.
 * Throws on NaN and infinities, which JSON does not have. On the path of every recorded call, hence the plain loops.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("canonical JSON has no NaN and no infinities");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  return isJsonArray(value) ? arrayText(value) : objectText(value);
}

function arrayText(list: readonly Json[]): string {
  let text = "[";
  for (const entry of list) text += text.length > 1 ? `,${canonicalJson(entry)}` : canonicalJson(entry);
  return `${text}]`;
}

function objectText(value: JsonObject): string {
  let text = "{";
  for (const key of sortedKeys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text.length > 1 ? "," : ""}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

/** Most objects of ours are written in order already. */
function sortedKeys(value: JsonObject): readonly string[] {
  const keys = Object.keys(value);
  for (let at = 1; at < keys.length; at++) if ((keys[at - 1] ?? "") > (keys[at] ?? "")) return keys.sort();
  return keys;
}

/** Text without anything that JSON escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Most texts of a record need no escape; asking is cheaper than escaping. */
const quoted = (text: string): string => (text.length < 64 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** `Array.isArray` that narrows a readonly array. */
export const isJsonArray = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** A plain JSON object: not null, not an array. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
