import { quoted, type RawProblem, syntaxProblem } from "./problem.ts";

/**
 * Markdown fences around the whole text: models send them often. Each fence line becomes an empty line, so that every
 * other line keeps its number. A fence inside the text (in a template string, say) is the script's own and stays.
 */
export type Unfenced =
  | { readonly ok: true; readonly text: string; readonly fenced: boolean }
  | { readonly ok: false; readonly problem: RawProblem };

const LANGUAGES: Readonly<Record<string, "javascript" | "typescript">> = {
  js: "javascript",
  javascript: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  node: "javascript",
  ecmascript: "javascript",
  ts: "typescript",
  typescript: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "typescript",
};

/** The language that a fence around the text names; null: no fence, or none named. Decides nothing by itself. */
export function fencedLanguage(text: string): "javascript" | "typescript" | null {
  const word = openingFence(text)?.word ?? "";
  return Object.hasOwn(LANGUAGES, word) ? (LANGUAGES[word] ?? null) : null;
}

export function stripFences(text: string): Unfenced {
  const opening = openingFence(text);
  if (opening === null) return { ok: true, text, fenced: false };
  if (opening.word !== "" && !Object.hasOwn(LANGUAGES, opening.word)) {
    const message = `the script is fenced as ${quoted(opening.word)}, not as JavaScript`;
    return { ok: false, problem: syntaxProblem(message, opening.start, "send JavaScript or TypeScript") };
  }
  const body = text.slice(opening.end);
  const closing = closingFence(body, opening.mark);
  const inside = closing === null ? body : body.slice(0, closing.start) + body.slice(closing.end);
  return { ok: true, text: text.slice(0, opening.start) + inside, fenced: true };
}

interface Fence {
  readonly start: number;
  /** Before the line's terminator. */
  readonly end: number;
  readonly mark: string;
  /** First word of the info string, in lower case. */
  readonly word: string;
}

/** The text's first line that is not blank, if it is a fence. Linear in the line, whatever the line holds. */
function openingFence(text: string): Fence | null {
  const start = text.search(/\S/);
  const mark = /^(?:`{3,}|~{3,})/.exec(text.slice(start, start + 100))?.[0];
  if (start === -1 || mark === undefined) return null;
  const rest = text.slice(start + mark.length);
  const lineEnd = rest.search(/[\r\n]/);
  const info = lineEnd === -1 ? rest : rest.slice(0, lineEnd);
  // As in Markdown: with a backtick further on, the line is inline code, or a template string of the script's own.
  if (info.includes("`")) return null;
  const word = info.trim().split(/\s/, 1)[0] ?? "";
  return { start, end: start + mark.length + info.length, mark, word: word.toLowerCase().replace(/^\{?\.?|\}$/g, "") };
}

/** The text's last line that is not blank, if it closes a fence opened by `mark`: same character, at least as long. */
function closingFence(body: string, mark: string): { readonly start: number; readonly end: number } | null {
  const end = body.trimEnd().length;
  const start = Math.max(body.lastIndexOf("\n", end - 1), body.lastIndexOf("\r", end - 1)) + 1;
  const line = body.slice(start, end).trim();
  const closes = start > 0 && line.length >= mark.length && line === (mark[0] ?? "").repeat(line.length);
  return closes ? { start, end } : null;
}
