/**
 * The value of a handle, and its text. Both exist in the vault alone (NO-PLAINTEXT). What goes wrong with them is an
 * `Attempt` that failed: the handle becomes a sealed failure, the script sees success, the operator reads `why`.
 */
import type { Json } from "@agent-run/gate";

/** `undefined`: a function gave nothing, or a member is not there. It has no text and can go nowhere. */
export type Plain = Json | undefined;

/** Every live token and what it stands for. A text that only looks like a token is in no map, and stays text. */
export type PlainOf = ReadonlyMap<string, Plain>;

/** `why`: for the operator's log. Of a compartment it may quote plaintext, so it never leaves the vault. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export const done = <T>(value: T): Attempt<T> => ({ ok: true, value });
export const failed = (why: string): Attempt<never> => ({ ok: false, why });

/** Strings as they are; numbers, booleans and null as JavaScript prints them; objects and arrays as JSON. */
export function plainText(value: Plain): Attempt<string> {
  if (value === undefined) return failed("the value is undefined, which has no text");
  return done(typeof value === "string" ? value : JSON.stringify(value));
}
