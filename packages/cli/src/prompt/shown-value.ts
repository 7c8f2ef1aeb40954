/**
 * Guards how a value looks in a question. Whatever a script put into a name, an address or a word of a command: it stays
 * on its line, moves no cursor, turns no direction, hides nothing and pushes nothing off the screen. Where it is cut, the
 * cut is in its middle and says by how much, with a digest of the whole.
 */
import { createHash } from "node:crypto";
import { printableLine } from "../printable.ts";

/** Characters of one value that are shown. */
const MAX_LENGTH = 1000;
/** As much of it from its beginning; the rest from its end. */
const HEAD = 700;

/**
 * What is not seen, or looks like nothing (Default_Ignorable_Code_Point, blanks other than the space, the braille blank),
 * and the third mark on one letter and those after it, which run into other lines.
 */
const UNSEEN = /\p{DI}|(?! )\p{Zs}|\u2800|(?<=\p{M}{2})\p{M}/gu;
const NOT_ASCII = /[^ -~]/gu;

/** `ascii`: the terminal is not known to show more. */
export interface Letters {
  readonly ascii: boolean;
}

/** LC_ALL, LC_CTYPE, LANG: the first that says something decides (POSIX, 8.2). */
export function lettersOf({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Letters {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "") ?? "";
  return { ascii: !/utf-?8/i.test(locale) };
}

/** One line, whole or cut. */
export function shownValue(text: string, letters: Letters): string {
  const characters = [...text];
  const left = characters.length - MAX_LENGTH;
  if (left <= 0) return escaped(text, letters);
  const head = escaped(characters.slice(0, HEAD).join(""), letters);
  const tail = escaped(characters.slice(HEAD + left).join(""), letters);
  return `${head} [... ${left} more characters, sha256 ${digest(text)} ...] ${tail}`;
}

/** A word of a command: as it is where that cannot be misread, else between quotes. */
export const shownWord = (text: string, letters: Letters): string =>
  /^[\w@%+=:,./~-]+$/.test(text)
    ? shownValue(text, letters)
    : `"${shownValue(text.replace(/["\\]/g, "\\$&"), letters)}"`;

export function escaped(text: string, { ascii }: Letters): string {
  const safe = printableLine(text).replace(UNSEEN, codeOf);
  return ascii ? safe.replace(NOT_ASCII, codeOf) : safe;
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** A line as several of at most `columns`, each but the first `indent` deeper; broken anywhere, nothing is left out. */
export function wrapped(line: string, columns: number, indent: number): readonly string[] {
  const characters = [...line];
  const lines: string[] = [];
  let start = 0;
  let blank = 0;
  while (start < characters.length || lines.length === 0) {
    const end = endOfLine(characters, start, Math.max(8, columns - blank));
    lines.push(" ".repeat(blank) + characters.slice(start, end).join(""));
    start = end;
    blank = Math.min(indent, columns - 8);
  }
  return lines;
}

function endOfLine(characters: readonly string[], start: number, room: number): number {
  let width = 0;
  for (let index = start; index < characters.length; index++) {
    width += widthOf(characters[index] ?? "");
    if (width > room) return Math.max(index, start + 1);
  }
  return characters.length;
}

/** Marks take none, East Asian wide letters and emoji two; a little too much where terminals differ. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    if (!/\p{M}/u.test(character))
      width +=
        /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(
          character,
        )
          ? 2
          : 1;
  return width;
}
