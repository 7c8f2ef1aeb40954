/**
 * Values in what has no form of its own: files, standard input, environment values. Raw, unless the whole text is a JSON
 * object or array: a script that writes `JSON.stringify({ a: sealed })` wants a file that parses.
 */
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { inJson, isJsonText } from "./json-text.ts";
import { holdsToken, raw, splice } from "./splice.ts";

export function inText(text: string, values: PlainOf): Attempt<string> {
  if (!holdsToken(text, values)) return done(text);
  return isJsonText(text) ? inJson(text, values) : splice(text, values, raw);
}

/** The value of an environment variable, which ends at a NUL. */
export function inEnvironment(text: string, values: PlainOf): Attempt<string> {
  const filled = inText(text, values);
  return filled.ok && filled.value.includes("\0") ? failed("the environment variable would hold a NUL") : filled;
}
