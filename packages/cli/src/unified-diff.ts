/**
 * What changed between two texts, in the form that `patch` and people read. The shortest way from one to the other (Myers,
 * "An O(ND) Difference Algorithm", 1986), or, where they have little in common, all of the one and then all of the other.
 */

/** Lines that stay, above and below a change. */
const CONTEXT = 3;
/** Lines that go and come. The way is kept for each, so the room grows with its square. */
const MOST_EDITS = 1000;

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/** Empty where they are the same. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return "";
  const edits = editsOf(linesOf(before), linesOf(after));
  return `--- ${file}\n+++ ${file}\n${hunksOf(edits).map(hunkText).join("")}`;
}

/** With their ends. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = before.slice(start, before.length - end);
  const to = after.slice(start, after.length - end);
  const edit = (sign: Edit["sign"]) => (line: string) => ({ sign, line });
  return [
    ...before.slice(0, start).map(edit(" ")),
    ...(shortest(from, to) ?? [...from.map(edit("-")), ...to.map(edit("+"))]),
    ...before.slice(before.length - end).map(edit(" ")),
  ];
}

/** Null where it takes too many. Diagonal `k`: lines taken of `from` less lines taken of `to`. */
function shortest(from: readonly string[], to: readonly string[]): readonly Edit[] | null {
  const most = Math.min(from.length + to.length, MOST_EDITS);
  const far = new Int32Array(2 * most + 3);
  const at = (k: number) => k + most + 1;
  const way: Int32Array[] = [];
  for (let count = 0; count <= most; count++) {
    way.push(far.slice(at(-count) - 1, at(count) + 2));
    for (let k = -count; k <= count; k += 2) {
      const isDown = k === -count || (k !== count && (far[at(k - 1)] ?? 0) < (far[at(k + 1)] ?? 0));
      let x = isDown ? (far[at(k + 1)] ?? 0) : (far[at(k - 1)] ?? 0) + 1;
      while (x < from.length && x - k < to.length && from[x] === to[x - k]) x++;
      far[at(k)] = x;
      if (x >= from.length && x - k >= to.length) return walkedBack(from, to, way);
    }
  }
  return null;
}

/** `way`: how far each diagonal was before each edit, from one below the lowest on. */
function walkedBack(from: readonly string[], to: readonly string[], way: readonly Int32Array[]): readonly Edit[] {
  const edits: Edit[] = [];
  let x = from.length;
  let y = to.length;
  for (let count = way.length - 1; count >= 0; count--) {
    const far = (k: number): number => way[count]?.[k + count + 1] ?? 0;
    const k = x - y;
    const isDown = k === -count || (k !== count && far(k - 1) < far(k + 1));
    const before = count === 0 ? 0 : isDown ? far(k + 1) : far(k - 1);
    const ahead = count === 0 ? 0 : isDown ? before : before + 1;
    while (x > ahead) edits.push({ sign: " ", line: from[--x] ?? "" });
    y = x - k;
    if (count === 0) break;
    if (isDown) edits.push({ sign: "+", line: to[--y] ?? "" });
    else edits.push({ sign: "-", line: from[--x] ?? "" });
  }
  return edits.reverse();
}

interface Hunk {
  /** Lines before it, of both texts. */
  readonly before: number;
  readonly after: number;
  readonly edits: readonly Edit[];
}

function hunksOf(edits: readonly Edit[]): readonly Hunk[] {
  const isNear = new Uint8Array(edits.length);
  for (const [at, { sign }] of edits.entries()) {
    if (sign !== " ") isNear.fill(1, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  }
  const hunks: Hunk[] = [];
  let [before, after] = [0, 0];
  let open: Edit[] | null = null;
  for (const [at, edit] of edits.entries()) {
    if (isNear[at] === 0) open = null;
    else if (open === null) {
      open = [edit];
      hunks.push({ before, after, edits: open });
    } else open.push(edit);
    if (edit.sign !== "+") before++;
    if (edit.sign !== "-") after++;
  }
  return hunks;
}

function hunkText({ before, after, edits }: Hunk): string {
  const range = (start: number, other: Edit["sign"]) => {
    const count = edits.filter(({ sign }) => sign !== other).length;
    // Of no lines: behind which one.
    return `${count === 0 ? start : start + 1},${count}`;
  };
  const lines = edits.map(
    ({ sign, line }) => `${sign}${line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`}`,
  );
  return `@@ -${range(before, "+")} +${range(after, "-")} @@\n${lines.join("")}`;
}
