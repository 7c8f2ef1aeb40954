/**
 * One text for all spellings that some file system takes for the same name. On macOS `.ENV` opens `.env`, and HFS+
 * also drops invisible characters from names (CVE-2014-9390). Which kind of volume a path lies on cannot be known
 * without touching it, so denials compare folded texts everywhere; grants never do (DEFAULT-NO).
 */

/** Zero-width and direction marks that HFS+ leaves out of account when it compares names. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

const PLAIN = /^[\x20-\x7e]*$/;

/** Case folded, NFC. Upper before lower, so that `ſ` meets `s` and `ß` meets `ss`. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  const lower = text.normalize("NFC").replace(IGNORED_BY_HFS, "").toUpperCase().toLowerCase();
  // Lower case depends on the place of a sigma in its word; a prefix must stay a prefix.
  return lower.replaceAll("\u03c2", "\u03c3").normalize("NFC");
}

/** U+0000 to U+001F, DEL, C1, and the two line separators that some programs end a line at. */
export const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** UTF-16 that has no UTF-8: two such texts would name the same file. */
export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

/** User text for a message: on one line, control characters escaped, at most 200 characters. */
export function shown(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return cut.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Bidi_Control}]/gu, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
