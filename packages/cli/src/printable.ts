/**
 * Makes text from scripts, policies and records safe for a terminal: control, bidirectional and invisible characters
 * become visible escapes, so nothing can move the cursor, hide a line or fake a prompt.
 */
/** Every control character but newline and tab, what is invisible, and lone surrogates. */
export const UNSAFE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Several lines; newline and tab stay. */
export const printable = (text: string): string => text.replace(UNSAFE, escapeOf);

/** One line: newlines and tabs are escaped, too. */
export const printableLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
