/**
 * Problems of a policy as a compiler would print them: place, message, the line, a caret, the hint. For the operator's
 * terminal only. What comes from the file is stripped of control and direction characters, so that a policy cannot
 * draw on the terminal of the person who reviews it.
 */
import type { PolicyProblem } from "./world.ts";

/** `outcome`: what comes of it. */
export function formatProblems(
  problems: readonly PolicyProblem[],
  outcome = "the policy does not load and nothing runs",
): string {
  const blocks = problems.map(formatProblem);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [...blocks, `${count}; ${outcome}`].join("\n\n");
}

function formatProblem({ file, line, column, text, message, hint }: PolicyProblem): string {
  const head = `${plain(file)}:${line}:${column}: ${plain(message)}`;
  const gutter = " ".repeat(String(line).length);
  const lines = [head];
  if (text !== "") {
    lines.push(` ${line} | ${plain(text)}`);
    // Tabs stay tabs, so that the caret stands below its character.
    const before = text.slice(0, column - 1).replace(/[^\t]/gu, " ");
    if (column <= text.length + 1) lines.push(` ${gutter} | ${before}^`);
  }
  if (hint !== undefined) lines.push(` ${gutter} = ${plain(hint)}`);
  return lines.join("\n");
}

/** One character for one character, so that columns stay right; tabs are kept. */
const plain = (text: string): string => text.replace(/(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\uFFFD");
