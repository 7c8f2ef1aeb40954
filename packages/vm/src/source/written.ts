import { type Mapped, sourceOffset } from "./original-position.ts";

/**
 * What the user wrote, of a function's text as the engine has it: the guard's calls and replaced imports are taken back
 * by their places, not by their looks, so nothing of the user's own is mistaken for them.
 */
export interface WrittenFunction {
  readonly text: string;
  /** Where it starts in the user's text; null where it is not from there. */
  readonly offset: number | null;
}

/** `given`: a slice of `program.code`. Of equal functions any one will do, since guards carry their lines. */
export function writtenFunction(given: string, program: Mapped | undefined): WrittenFunction {
  const start = program?.code.indexOf(given) ?? -1;
  if (program === undefined || start === -1) return { text: given, offset: null };
  const { code, edits, firstLineOffset, source } = program;
  const end = start + given.length;
  const pieces: string[] = [];
  let done = start;
  let shift = firstLineOffset;
  for (const { offset, removed, inserted } of edits) {
    const from = offset + shift;
    const to = from + inserted.length;
    shift += inserted.length - removed;
    // The space in `<!--` stays: without it the rest of the line would be a comment.
    if (from < start || to > end || inserted === " ") continue;
    pieces.push(code.slice(done, from), source.slice(offset, offset + removed));
    done = to;
  }
  pieces.push(code.slice(done, end));
  return { text: pieces.join(""), offset: sourceOffset(edits, start - firstLineOffset) };
}
