/** Fields of a host's call, which come from a model: of the type that is wanted, or not there. */
import type { JsonObject } from "@agent-run/policy";

/** Null: missing, empty, or no text. */
export function textOf(input: JsonObject, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = input[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return null;
}

/** Null: missing. An empty text is one. */
export function contentOf(input: JsonObject, name: string): string | null {
  const value = input[name];
  return typeof value === "string" ? value : null;
}
