/**
 * Standard output of `--json`: one JSON text on one line. On a terminal what is invisible or moves the cursor is written
 * as JSON's own escapes, so the text is the same and a script's output in it cannot draw on the screen.
 */
import { UNSAFE } from "./printable.ts";
import { isTerminal, writeOut } from "./terminal.ts";

export function writeJson(data: object): void {
  const text = JSON.stringify(data);
  writeOut(`${isTerminal(1) ? text.replace(UNSAFE, escaped) : text}\n`);
}

/** JSON knows escapes of UTF-16 units only. */
const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
