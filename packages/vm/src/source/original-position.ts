import { Lines, type Position } from "./position.ts";
import type { Edit } from "./rewrite.ts";

/**
 * Positions of a run-time error, as the engine's frames have them, to positions in the user's text. The engine counts
 * lines by LF alone, in the code that it was given; both sides go through offsets, so that CR, U+2028, blanked types and
 * inserted text cost no exactness. What lies outside of the user's text becomes its nearest end.
 */
export interface Mapped {
  readonly code: string;
  readonly source: string;
  readonly firstLineOffset: number;
  readonly edits: readonly Edit[];
}

/** `line` and `column` as a `GuestFrame` says them: from 1, UTF-16 units, `firstLineOffset` already taken off line 1. */
export function originalPosition(program: Mapped, line: number, column: number): Position {
  const { code, firstLineOffset, edits, source } = program;
  const inCode = line <= 1 ? firstLineOffset : lineStart(code, line);
  return new Lines(source).at(sourceOffset(edits, inCode + column - 1 - firstLineOffset));
}

/** Where a line starts, as the engine counts; the end for lines that are not there. */
function lineStart(code: string, line: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = code.indexOf("\n", start);
    if (end === -1) return code.length;
    start = end + 1;
  }
  return start;
}

/** Offset after the edits to offset before them. */
export function sourceOffset(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const edit of edits) {
    const start = edit.offset + shift;
    if (offset < start) break;
    if (offset < start + edit.inserted.length) return edit.offset + Math.min(offset - start, edit.removed);
    shift += edit.inserted.length - edit.removed;
  }
  return offset - shift;
}
