/** A unified diff of two texts, as `diff -u` prints it. */

const CONTEXT = 3;

/** Empty where they are the same. Null stands for no file. */
export function lineDiff(path: string, before: string | null, after: string | null): string {
  if (before === after) return "";
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  const pieces = changes(old, now, head);
  const names = [`--- ${before === null ? "/dev/null" : path}`, `+++ ${after === null ? "/dev/null" : path}`];
  return `${[...names, ...hunks(pieces)].join("\n")}\n`;
}

/** With its line break; the last line of a text that ends without one says so, as `diff` does. */
function linesOf(text: string | null): string[] {
  if (text === null || text === "") return [];
  const lines = text.split("\n");
  const open = lines.pop();
  return open === "" ? lines : [...lines, `${open}\n\\ No newline at end of file`];
}

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Few lines differ, all of them ours: the longest common part is found greedily, which is right for pure insertions. */
function changes(old: readonly string[], now: readonly string[], head: number): Line[] {
  const all: Line[] = old.slice(0, head).map((text) => ({ mark: " ", text }));
  let [at, to] = [head, head];
  while (at < old.length || to < now.length) {
    if (at < old.length && to < now.length && old[at] === now[to]) {
      all.push({ mark: " ", text: old[at] ?? "" });
      at += 1;
      to += 1;
      continue;
    }
    const skip = now.indexOf(old[at] ?? "", to);
    const drop = old.indexOf(now[to] ?? "", at);
    if (at < old.length && (to >= now.length || skip === -1 || (drop !== -1 && drop - at < skip - to))) {
      all.push({ mark: "-", text: old[at] ?? "" });
      at += 1;
    } else {
      all.push({ mark: "+", text: now[to] ?? "" });
      to += 1;
    }
  }
  return all;
}

function hunks(lines: readonly Line[]): string[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== " "),
  );
  const out: string[] = [];
  let [old, now] = [1, 1];
  for (let index = 0; index < lines.length; ) {
    if (!near[index]) {
      old += 1;
      now += 1;
      index += 1;
      continue;
    }
    let end = index;
    while (end < lines.length && near[end]) end += 1;
    const part = lines.slice(index, end);
    const olds = part.filter(({ mark }) => mark !== "+").length;
    const nows = part.filter(({ mark }) => mark !== "-").length;
    out.push(`@@ -${olds === 0 ? old - 1 : old},${olds} +${nows === 0 ? now - 1 : now},${nows} @@`);
    out.push(...part.map(({ mark, text }) => mark + text));
    old += olds;
    now += nows;
    index = end;
  }
  return out;
}
