/**
 * Finds the small tokens for which a syntax tree has no place: `as`, `?`, `!`, `implements`, a modifier, a parenthesis.
 * Comments are stepped over, so that a word inside one is never taken for a token.
 */

/** Where the next token starts, white space and comments passed. */
export function nextToken(text: string, from: number): number {
  const skip = /(?:\s+|\/\/[^\r\n\u2028\u2029]*)/y;
  let at = from;
  for (;;) {
    if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end === -1) return text.length;
      at = end + 2;
      continue;
    }
    skip.lastIndex = at;
    if (!skip.test(text)) return at;
    at = skip.lastIndex;
  }
}

/** The word (name or keyword) that starts at an offset; empty if none does. */
export function wordAt(text: string, offset: number): string {
  const word = /(?:[\p{ID_Continue}$\u200c\u200d]|\\u(?:[\da-fA-F]{4}|\{[\da-fA-F]+\}))+/uy;
  word.lastIndex = offset;
  return word.exec(text)?.[0] ?? "";
}

/** Where `token` stands between `from` and `to`, other punctuation and words passed; -1 if it does not. */
export function findToken(text: string, token: string, from: number, to: number): number {
  for (let at = nextToken(text, from); at < to; ) {
    const word = wordAt(text, at);
    if (word === "" ? text.startsWith(token, at) : word === token) return at;
    at = nextToken(text, at + Math.max(word.length, 1));
  }
  return -1;
}

/** Where `token` stands last between `from` and `to`; -1 if it does not. */
export function findLastToken(text: string, token: string, from: number, to: number): number {
  let last = -1;
  for (let at = findToken(text, token, from, to); at !== -1; at = findToken(text, token, at + token.length, to))
    last = at;
  return last;
}

export const hasLineEnd = (text: string, start: number, end: number): boolean =>
  /[\r\n\u2028\u2029]/.test(text.slice(start, end));
