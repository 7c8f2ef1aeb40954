/**
 * A unified diff of two texts by lines, bounded in work and in length. Shortest edit script after E. W. Myers, "An O(ND)
 * Difference Algorithm and Its Variations" (1986), on what lies between the common beginning and the common end.
 */
import type { Preview } from "@agent-run/gate";

/** Lines around a change that are shown with it. */
const CONTEXT = 3;
/** Lines that are shown at most: from the beginning, and to the end, so that nothing hides there. */
const FIRST_LINES = 150;
const LAST_LINES = 50;
/** Differences that are looked for at most; the time is the square of it. */
const MAX_EDITS = 1000;

type Mark = " " | "-" | "+";
/** One line with what becomes of it; `before`, `after`: lines of either text up to it. */
interface Edit {
  readonly mark: Mark;
  readonly text: string;
}

/** Null: they differ in more than `MAX_EDITS` lines, and it is no addition or removal of all. */
export function diffLines(before: string, after: string): Preview | null {
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = edits(a.slice(start, a.length - end), b.slice(start, b.length - end));
  if (middle === null) return null;
  const same = (lines: readonly string[]) => lines.map((text): Edit => ({ mark: " ", text }));
  return unified([...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))]);
}

/** With their ends, so that a last line without one differs from a line with one. */
const linesOf = (text: string): readonly string[] => text.split(/(?<=\n)/).filter((line) => line !== "");

function edits(a: readonly string[], b: readonly string[]): readonly Edit[] | null {
  if (a.length === 0) return b.map((text) => ({ mark: "+", text }));
  if (b.length === 0) return a.map((text) => ({ mark: "-", text }));
  const trace: Int32Array[] = [];
  const most = Math.min(a.length + b.length, MAX_EDITS);
  // Furthest x on each diagonal k = x - y, at index k + most + 1.
  const furthest = new Int32Array(2 * most + 3);
  for (let d = 0; d <= most; d++) {
    trace.push(furthest.slice(most + 1 - d - 1, most + 1 + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(furthest, k - 1 + most + 1) < at(furthest, k + 1 + most + 1));
      let x = down ? at(furthest, k + 1 + most + 1) : at(furthest, k - 1 + most + 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[k + most + 1] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trace);
    }
  }
  return null;
}

/** Typed arrays of this size hold every index that is asked for. */
const at = (array: Int32Array, index: number): number => array[index] ?? 0;

function walkBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): readonly Edit[] {
  const found: Edit[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const row = trace[d] ?? new Int32Array();
    // Row d begins at diagonal -d - 1.
    const value = (diagonal: number) => at(row, diagonal + d + 1);
    const k = x - y;
    const down = k === -d || (k !== d && value(k - 1) < value(k + 1));
    const fromX = d === 0 ? 0 : down ? value(k + 1) : value(k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    const afterEdit = d === 0 ? 0 : down ? fromX : fromX + 1;
    while (x > afterEdit) {
      x -= 1;
      y -= 1;
      found.push({ mark: " ", text: a[x] ?? "" });
    }
    if (d === 0) break;
    found.push(down ? { mark: "+", text: b[fromY] ?? "" } : { mark: "-", text: a[fromX] ?? "" });
    [x, y] = [fromX, fromY];
  }
  return found.reverse();
}

/** Hunks with their headers; what is the same on both sides shrinks to a few lines. Too long, it loses its middle. */
function unified(all: readonly Edit[]): Preview {
  const lines: string[] = [];
  let [beforeLine, afterLine] = [1, 1];
  let index = 0;
  for (let hunk = hunkAt(all, index); hunk !== null; hunk = hunkAt(all, index)) {
    const skipped = hunk.start - index;
    [beforeLine, afterLine, index] = [beforeLine + skipped, afterLine + skipped, hunk.end];
    const part = all.slice(hunk.start, hunk.end);
    const [old, fresh] = [part.length - count(part, "+"), part.length - count(part, "-")];
    lines.push(`@@ -${place(beforeLine, old)} +${place(afterLine, fresh)} @@`);
    for (const { mark, text } of part) lines.push(...shownLine(mark, text));
    [beforeLine, afterLine] = [beforeLine + old, afterLine + fresh];
  }
  const left = lines.slice(FIRST_LINES, Math.max(FIRST_LINES, lines.length - LAST_LINES));
  const middle = left.length === 0 ? [] : [`... ${left.length} lines of this diff are left out ...`];
  const shown = [...lines.slice(0, FIRST_LINES), ...middle, ...lines.slice(FIRST_LINES + left.length)];
  const changed = left.filter((line) => /^[+-]/.test(line)).length;
  return { kind: "diff", lines: shown, added: count(all, "+"), removed: count(all, "-"), left: changed };
}

const count = (edits: readonly Edit[], wanted: Mark): number => edits.filter(({ mark }) => mark === wanted).length;

const place = (line: number, count: number): string => `${count === 0 ? line - 1 : line},${count}`;

/** The next run of changes from `from` on, with its surroundings; changes near each other share them. */
function hunkAt(all: readonly Edit[], from: number): { readonly start: number; readonly end: number } | null {
  let first = from;
  while (first < all.length && all[first]?.mark === " ") first += 1;
  if (first === all.length) return null;
  let last = first;
  for (let index = first; index < all.length && index - last <= 2 * CONTEXT; index++)
    if (all[index]?.mark !== " ") last = index;
  return { start: Math.max(from, first - CONTEXT), end: Math.min(all.length, last + 1 + CONTEXT) };
}

const shownLine = (mark: Mark, text: string): readonly string[] =>
  text.endsWith("\n") ? [mark + text.slice(0, -1)] : [mark + text, "\\ no newline at the end"];
