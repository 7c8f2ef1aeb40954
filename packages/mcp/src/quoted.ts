/**
 * Text of others (patterns, names) inside text of ours: quoted as JSON, on one line, with everything invisible escaped
 * and cut, so that it can neither end its quotes nor pass for what we say.
 */
import { isJsonArray, isJsonObject, type Json } from "@agent-run/policy";

/** Control and format characters, fillers that are drawn as nothing, spaces that are not the space, and what has no shape. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]|(?! )\p{Zs}/gu;

export function quoted(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return visible(JSON.stringify(cut));
}

/** JSON with everything invisible in its strings escaped; still the same JSON. */
export const visible = (json: string): string => json.replace(INVISIBLE, escapedInJson);

/** As JSON spells it, in UTF-16 units. */
export function escapedInJson(character: string): string {
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/**
 * The same value with every lone surrogate replaced: JSON can spell one, but readers that keep strings as UTF-8 refuse
 * the whole message then.
 */
export function wellFormed(value: Json): Json {
  if (typeof value === "string") return wellFormedText(value);
  if (isJsonArray(value)) return value.map(wellFormed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [wellFormedText(key), wellFormed(member)]));
}

export const wellFormedText = (text: string): string => text.replace(/\p{Surrogate}/gu, "\uFFFD");
