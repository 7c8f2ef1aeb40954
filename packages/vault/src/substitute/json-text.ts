/**
 * Values in JSON: escaped inside a string literal; a literal that is exactly one token gives way to the JSON of its
 * value, so that `{"port": sealed}` sends a number. Only the literals that are there in the public text count: a token
 * that an escape spells (`\u0073ealed0…`) was not seen by the label check and is text. A literal whose text is itself a
 * JSON object or array (`arguments: JSON.stringify(…)`) is filled as JSON, as a body of that text would be.
 */
import { isJsonArray, isJsonObject, tokensIn } from "@agent-run/gate";
import { type Attempt, done, failed, type PlainOf } from "../plain.ts";
import { type Encode, holdsToken, splice } from "./splice.ts";

/** A literal of a text that is known to be JSON, and the colon that makes it a name. */
const LITERAL = /("(?:[^"\\]|\\.)*")(\s*:)?/gs;

/** JSON with tokens in its string literals. Fails where the text is not JSON, which a token outside of them makes it. */
export function inJson(text: string, values: PlainOf): Attempt<string> {
  if (!holdsToken(text, values)) return done(text);
  if (parsed(text) === undefined)
    return failed("the text is not JSON, or a sealed value stands outside of its strings");
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(LITERAL)) {
    const [whole, literal = "", colon = ""] = match;
    const filled = inLiteral(literal, colon !== "", values);
    if (!filled.ok) return filled;
    pieces.push(text.slice(from, match.index), filled.value, colon);
    from = match.index + whole.length;
  }
  return done(pieces.join("") + text.slice(from));
}

/** An object or array as a whole: what a script writes with `JSON.stringify`. */
export function isJsonText(text: string): boolean {
  const value = parsed(text);
  return isJsonObject(value) || isJsonArray(value);
}

function inLiteral(literal: string, isName: boolean, values: PlainOf): Attempt<string> {
  const inside = literal.slice(1, -1);
  // A name is a string whatever stands in it.
  if (values.has(inside) && !isName) return jsonOf(values, inside);
  if (!isName && holdsToken(inside, values)) {
    const text = String(parsed(literal));
    // Escapes of the outer literal may spell a token: then the text holds more of them than the literal does.
    if (isJsonText(text) && tokensIn(text).length === tokensIn(inside).length) {
      const inner = inJson(text, values);
      return inner.ok ? done(JSON.stringify(inner.value)) : inner;
    }
  }
  const filled = splice(inside, values, escaped);
  return filled.ok ? done(`"${filled.value}"`) : filled;
}

function jsonOf(values: PlainOf, token: string): Attempt<string> {
  const value = values.get(token);
  return value === undefined ? failed("the value is undefined, which JSON cannot hold") : done(JSON.stringify(value));
}

const escaped: Encode = (text) => done(JSON.stringify(text).slice(1, -1));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
