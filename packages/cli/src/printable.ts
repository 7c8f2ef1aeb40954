/**
 * Makes text from scripts, policies and records safe for a terminal: control, bidirectional and invisible characters
 * become visible escapes, so nothing can move the cursor, hide a line or fake a prompt.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Several lines; newline and tab stay. */
export const printable = (text: string): string => text.replace(UNSAFE, escapeOf);

/** One line: newlines and tabs are escaped, too. */
export const printableLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
