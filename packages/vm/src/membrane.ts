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

/** Hands a request of the VM to the host and its answer back. */
export function exchange(request: string, call: (json: string) => string): Inbound {
  if (nestsDeeper(request, MAX_DEPTH)) return { mark: "", text: TOO_DEEP };
  return shortcut(call(request));
}

/** What a request gets that nests deeper. */
export const TOO_DEEP = JSON.stringify({
  error: { code: "E_ARGUMENT", message: `the argument is nested more than ${MAX_DEPTH} levels deep` },
});

/** Below it parsing in the VM is as fast; above it a second copy could be too much for this thread's heap. */
const SHORTCUT_MIN = 200;
const SHORTCUT_MAX = 8 * 1024 * 1024;

/**
 * QuickJS parses a long JSON string at a tenth of V8's speed. So an answer that is one long string is parsed here and
 * crosses as itself.
 */
function shortcut(answer: string): Inbound {
  const { length } = answer;
  if (length >= SHORTCUT_MIN && length <= SHORTCUT_MAX && answer.startsWith('{"ok":"')) {
    const { ok } = JSON.parse(answer) as { ok: unknown };
    if (typeof ok === "string") return { mark: "s", text: ok };
  }
  return { mark: "", text: answer };
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
