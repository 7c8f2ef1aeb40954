/** The comments of a TOML text with their lines. The text was parsed before, so strings end where they should. */

export interface Comment {
  readonly line: number;
  /** With its `#`. */
  readonly text: string;
  /** Nothing else stands on its line. */
  readonly alone: boolean;
}

/** Strings of all four kinds, and comments. */
const PIECES = /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*/g;

export function commentsIn(text: string): readonly Comment[] {
  const comments: Comment[] = [];
  let line = 1;
  let from = 0;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    line += countOf(text.slice(from, index));
    if (piece.startsWith("#")) {
      const before = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
      comments.push({ line, text: piece.trimEnd(), alone: before.trim() === "" });
    }
    line += countOf(piece);
    from = index + piece.length;
  }
  return comments;
}

const countOf = (text: string): number => text.split("\n").length - 1;
