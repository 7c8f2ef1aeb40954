import { Lines } from "./position.ts";

/**
 * The lines around an error, for people. The text is a stranger's and goes to a terminal: whatever could move the
 * cursor, hide or reorder text (controls, bidirectional marks, invisible and half characters) is shown escaped, and long
 * lines are cut around the place.
 */
export interface FrameOptions {
  readonly color?: boolean;
  /** Lines before and after; 2 if not given. */
  readonly context?: number;
}

/** Columns of a terminal that one line of source may take. */
const WIDTH = 120;
const BEFORE = 60;
const MAX_CONTEXT = 20;
const RED = "\u001b[31m";
const DIM = "\u001b[2m";
const PLAIN = "\u001b[0m";

/** `line` and `column` from 1, in UTF-16 units; what lies outside is brought to the nearest place. Empty for no source. */
export function codeFrame(source: string, line: number, column: number, options: FrameOptions = {}): string {
  if (source === "") return "";
  const lines = new Lines(source);
  const context = within(options.context ?? 2, 0, MAX_CONTEXT);
  const at = within(line, 1, lines.count);
  const first = Math.max(1, at - context);
  const last = Math.min(lines.count, at + context);
  const digits = String(last).length;
  const paint = (code: string, text: string): string => (options.color === true ? `${code}${text}${PLAIN}` : text);
  const { cut, caret } = windowAround(lineText(source, lines, at), column);
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const gutter = `${number === at ? ">" : " "} ${String(number).padStart(digits)} |`;
    const text = shown(lineText(source, lines, number), cut);
    frame.push(`${paint(number === at ? RED : DIM, gutter)}${text === "" ? "" : ` ${text}`}`);
    if (number === at) frame.push(`${paint(DIM, `  ${" ".repeat(digits)} |`)} ${" ".repeat(caret)}${paint(RED, "^")}`);
  }
  return frame.join("\n");
}

const within = (value: number, low: number, high: number): number =>
  Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), low), high) : low;

function lineText(source: string, lines: Lines, number: number): string {
  const { start, end } = lines.span(number);
  return source.slice(start, end);
}

/** Where the shown part of the lines starts, and how many columns before the caret. */
function windowAround(text: string, column: number): { readonly cut: number; readonly caret: number } {
  const offset = within(column, 1, text.length + 1) - 1;
  if (text.length <= WIDTH && widthOf(shown(text, 0)) < WIDTH)
    return { cut: 0, caret: widthOf(shown(text.slice(0, offset), 0)) };
  // Walk back from the caret, since a character may take many columns once it is escaped.
  let cut = offset;
  for (let room = BEFORE; cut > 0; cut--) {
    room -= widthOf(escaped(text[cut - 1] ?? ""));
    if (room < 0) break;
  }
  if (isLowSurrogate(text, cut)) cut++;
  return { cut, caret: widthOf(shown(text.slice(0, offset), cut)) };
}

/** A line from `cut` on, escaped and cut to the width; an ellipsis stands for what was cut. */
function shown(text: string, cut: number): string {
  const pieces: string[] = cut > 0 && text.length > 0 ? ["…"] : [];
  let room = WIDTH - pieces.length;
  const start = isLowSurrogate(text, cut) ? cut + 1 : cut;
  for (const character of text.slice(start, start + WIDTH)) {
    const piece = escaped(character);
    room -= widthOf(piece);
    if (room < 1) {
      pieces.push("…");
      return pieces.join("");
    }
    pieces.push(piece);
  }
  if (text.length > start + WIDTH) pieces.push("…");
  return pieces.join("");
}

const isLowSurrogate = (text: string, offset: number): boolean => {
  const unit = text.charCodeAt(offset);
  return offset > 0 && unit >= 0xdc00 && unit <= 0xdfff;
};

/** Tabs as two spaces; what is not plainly visible as `\u{202e}`. */
function escaped(character: string): string {
  if (character === "\t") return "  ";
  if (!/[\p{C}\p{Zl}\p{Zp}\p{M}]|[^\S ]|\p{Default_Ignorable_Code_Point}/u.test(character)) return character;
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Columns of a terminal; East Asian wide characters and emoji take two (Unicode TR 11, its wide blocks). */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
