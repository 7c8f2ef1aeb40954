/**
 * Long lines for somebody at a terminal, broken between words, where the terminal itself would break inside of them. In a
 * pipe lines stay whole, so that they can be searched.
 */
import { columnsOf } from "./terminal.ts";

/** What to print of `text` on standard output. `keep`: lines that are copied, not read. */
export function foldedForOut(text: string, keep: (line: string) => boolean = () => false): string {
  const columns = columnsOf(1);
  if (columns === null) return text;
  return text
    .split("\n")
    .map((line) => (keep(line) ? line : folded(line, columns)))
    .join("\n");
}

/** One line as several, each but the first two blanks deeper than it. */
export function folded(line: string, columns: number): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const deeper = `${indent}  `;
  const lines: string[] = [];
  let current = "";
  for (const word of line.slice(indent.length).split(" ")) {
    const start = lines.length === 0 ? indent : deeper;
    const longer = current === "" ? start + word : `${current} ${word}`;
    if (current === "" || widthOf(longer) <= columns) current = longer;
    else {
      lines.push(current);
      current = deeper + word;
    }
  }
  return [...lines, current].join("\n");
}

/** Colours take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
const widthOf = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, "").length;
