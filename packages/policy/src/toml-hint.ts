/**
 * What a person probably meant where TOML can not be read: the parser says what it expected there, which is right and
 * helps nobody who forgot the quotes. Read off the text around the place, never off the parser's words, which change.
 * Only ever a hint; nothing is read in another way.
 */
import type { Place } from "./problem.ts";
import { shown } from "./spelling.ts";

/** Longest line that is looked at; what is longer was written by a program. */
const MAX_LINE = 2000;

/** `text` without a mark at its start. */
export function tomlHint(text: string, { line, column }: Place): string | undefined {
  const encoding = encodingHint(text);
  if (encoding !== undefined) return encoding;
  const whole = text.split("\n", line)[line - 1] ?? "";
  if (whole.length > MAX_LINE) return undefined;
  return (
    characterHint(whole, column) ??
    lineHint(whole) ??
    escapeHint(whole, column) ??
    bracketHint(whole) ??
    valueHint(whole, column) ??
    entryHint(text, line, whole, column)
  );
}

function encodingHint(text: string): string | undefined {
  if (text.includes("\0")) return "the file holds NUL characters, as UTF-16 does: save it as UTF-8";
  return text.includes("\r") && !text.includes("\n")
    ? "its lines end with a carriage return alone: save it with the line ends of Unix"
    : undefined;
}

function characterHint(line: string, column: number): string | undefined {
  const character = String.fromCodePoint(line.codePointAt(column - 1) ?? 32);
  if (/[\u2018-\u201f\u00ab\u00bb`]/.test(character)) return "write straight quotes, `\"` or `'`";
  if (/[\p{Cf}\p{Zs}]/u.test(character) && character !== " ") {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `there stands U+${code}, which can not be seen or looks like a space: delete it`;
  }
  if (/[<>!]/.test(character) && line.slice(0, column).includes("{"))
    return "operators are words: eq, ne, lt, le, gt, ge";
  if (character === ":") return "between a key and its value stands `=`, not `:`";
  return undefined;
}

/** Lines of another language. */
function lineHint(line: string): string | undefined {
  if (/^\s*\/[/*]/.test(line)) return "comments begin with `#`";
  if (/^(?:<{7}|={7}|>{7})/.test(line)) return "a conflict of a merge was left here: resolve it";
  if (/^\s*\{/.test(line)) return "a policy is TOML, not JSON: it begins with `version = 1`";
  return undefined;
}

function escapeHint(line: string, column: number): string | undefined {
  const before = line.slice(0, column);
  // The parsers point at the backslash, or behind it.
  if (!/\\[^"\\]{0,9}$/.test(before) || !/"[^"]*$/.test(before)) return undefined;
  return /[A-Za-z]:\\|\\\\/.test(line)
    ? "paths are written with `/`"
    : "in double quotes a backslash begins an escape: write the text in single quotes, or `\\\\`";
}

function bracketHint(line: string): string | undefined {
  const [, open = "", name = ""] = /^\s*(\[\[?)\s*([\w.-]+)\s*\]?\s*$/.exec(line) ?? [];
  if (name === "" || line.trim() === `[${name}]`) return undefined;
  return open === "[[" ? `write \`[[${name}]]\`` : `write \`[${name}]\``;
}

/** Words of other languages, and what they are here. */
const WORDS: Readonly<Record<string, string>> = {
  true: "write `true`, in small letters",
  false: "write `false`, in small letters",
  yes: "write `true`",
  no: "write `false`",
  on: "write `true`",
  off: "write `false`",
  null: "leave the key out: TOML has no such value",
  none: "leave the key out: TOML has no such value",
  nil: "leave the key out: TOML has no such value",
};

/** A value without its quotes, in a list and out of one. */
function valueHint(line: string, column: number): string | undefined {
  const sign = line.lastIndexOf("=", column - 1);
  if (sign === -1 || /^\s*[#[]/.test(line)) return undefined;
  if (line[sign - 1] === "=") return "one `=` is enough";
  const isInside = /[[{]/.test(line.slice(0, column - 1));
  const start = isInside ? startOfWord(line, column, sign) : sign + 1;
  const rest = line.slice(start);
  const word = (isInside ? (/^[^,\]}#]*/.exec(rest)?.[0] ?? "") : rest.replace(/\s#.*$/s, "")).trim();
  if (word === "") return isInside ? undefined : "a value is missing behind the `=`";
  if (/^["'[{]/.test(word)) return undefined;
  const known = WORDS[word.toLowerCase()];
  if (known !== undefined && Object.hasOwn(WORDS, word.toLowerCase())) return known;
  const plain = /^(.*\S)\s*[,;]$/.exec(word)?.[1];
  if (plain !== undefined) return `nothing stands behind a value: write \`${shown(plain)}\``;
  if (/^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$/.test(word)) return "a date is a day that there is, written as `2027-03-31`";
  return /["']|^[\d.+-]+\s+\S/.test(word) ? undefined : `a text stands in quotes: write \`"${shown(word)}"\``;
}

function startOfWord(line: string, column: number, sign: number): number {
  let start = column - 1;
  while (start > sign + 1 && !/[,[{]/.test(line[start - 1] ?? ",")) start--;
  return start;
}

function entryHint(text: string, at: number, line: string, column: number): string | undefined {
  if (/^\s*(?:"[^"]*"|'[^']*')/.test(line) && !line.includes("=")) return "between the entries of a list stands `,`";
  const value = line.slice(line.indexOf("=") + 1).trim();
  if (/^\[/.test(value) && /["']\s+["']/.test(value)) return "between the entries of a list stands `,`";
  if (/,\s*\}/.test(line)) return "delete the `,` before the `}`";
  if (isInOpen(text, at, "[", "]")) return "a list that begins above is not closed: write `]` behind its last entry";
  if (isInOpen(text, at, "{", "}")) return "write all that stands in `{ }` on one line";
  if (/=\s*"[^"]*$|=\s*'[^']*$/.test(line.slice(0, column))) return "the quote does not end on its line";
  if (/\S\s+[\w.-]+\s*=/.test(line)) return "each key has a line of its own";
  return line.includes("=") || /^\s*$/.test(line)
    ? undefined
    : "a line is `key = value`, a `[section]` or a `# comment`";
}

/** Lines above that are looked at for what is still open. */
const MAX_LINES = 50;

function isInOpen(text: string, at: number, open: string, close: string): boolean {
  const above = text.split("\n", at - 1).slice(-MAX_LINES);
  const last = above.findLastIndex((line) => line.length <= MAX_LINE && new RegExp(`=\\s*\\${open}`).test(line));
  const between = last === -1 ? [] : above.slice(last);
  return last !== -1 && !between.some((line) => line.includes(close));
}
