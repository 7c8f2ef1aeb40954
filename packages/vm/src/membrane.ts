/**
 * What crosses between VM and host (JSON-ABI): one text in, one text out, per call; no object, getter or proxy ever
 * does. Texts of the script are bounded in depth here, as code behind the wall walks JSON recursively and a stack that
 * overflows there would be ours.
 */

/** Deeper JSON than this is refused as `E_ARGUMENT`; no honest call comes near. */
export const MAX_DEPTH = 1000;

/** A text on its way into the VM. */
export interface Inbound {
  /** "s" if the text is the value itself; else it is JSON, which begins with a brace. */
  readonly mark: "" | "s";
  readonly text: string;
}

/**
 * What the host answers: JSON, or a text that is the value itself. Long texts go as themselves: QuickJS parses a JSON
 * string at a tenth of V8's speed, and escapes make up to six characters of one.
 */
export type HostAnswer = string | Inbound;

/** Hands a request of the VM to the host and its answer back. */
export function exchange(request: string, call: (json: string) => HostAnswer): Inbound {
  if (nestsDeeper(request, MAX_DEPTH)) return { mark: "", text: TOO_DEEP };
  const answer = call(request);
  return typeof answer === "string" ? { mark: "", text: answer } : answer;
}

/** What a request gets that nests deeper. */
export const TOO_DEEP = JSON.stringify({
  error: { code: "E_ARGUMENT", message: `the argument is nested more than ${MAX_DEPTH} levels deep` },
});

/**
 * What a script may make this side hold in V8's heap, for each byte of its own memory. V8 ends the whole process when one
 * allocation does not fit under a thread's limit, so texts are weighed before they are parsed (KILLABLE).
 */
export const WEIGHT_FACTOR = 2;

/** Shorter texts weigh nothing worth counting. */
const LIGHT = 64 * 1024;
/** Bytes that V8 takes for an object, an array, a member with its number, a string; rounded up. */
const OBJECT = 64;
const ARRAY = 56;
const MEMBER = 24;
const STRING = 32;

/** Bytes that the parsed text takes in V8's heap, rather too many than too few. */
export function weight(json: string): number {
  if (json.length <= LIGHT) return json.length;
  let total = json.length;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      at = stringEnd(json, at);
      total += STRING;
    } else if (unit === OPEN_BRACE) total += OBJECT;
    else if (unit === OPEN_BRACKET) total += ARRAY;
    else if (unit === COMMA || unit === COLON) total += MEMBER;
  }
  return total;
}

/** Whether JSON text nests arrays and objects deeper than `limit`. Strings are skipped at the speed of `indexOf`. */
export function nestsDeeper(json: string, limit: number): boolean {
  if (json.length <= 2 * limit) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) at = stringEnd(json, at);
    else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
      depth++;
      if (depth > limit) return true;
    } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) depth--;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Index of the quote that closes the string which opens at `start`: one after an even number of backslashes. */
function stringEnd(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let before = at - 1;
    while (json.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return json.length;
}
