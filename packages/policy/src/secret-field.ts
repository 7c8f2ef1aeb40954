/** The part of a text that a secret's `field` (`a.b`) names: of JSON, by own names alone. */
import { isJsonObject, type Json } from "./json.ts";

/** Undefined: the text is no JSON, or has no such member. */
export function secretField(text: string, field: string): Json | undefined {
  return field.split(".").reduce<Json | undefined>(member, parsed(text));
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  value !== undefined && isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
