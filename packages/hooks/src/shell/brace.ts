/** Brace expansion, of what is plain: letters and file names, no quotes, variables or braces inside. */

/** Words that a brace may stand for. */
const MAX_CHOICES = 256;
/** Nothing that another expansion would look at. */
const PLAIN = /^[A-Za-z0-9_./,@%+:-]*$/;

/** `{a,b}` or `{1..3}`; null: it is not plain. */
export function choicesOf(text: string): readonly string[] | null {
  const inner = text.slice(1, -1);
  if (!PLAIN.test(inner) || !/^\{.*\}$/s.test(text)) return null;
  const range = /^(0|-?[1-9]\d{0,5})\.\.(0|-?[1-9]\d{0,5})$/.exec(inner);
  if (range !== null) return rangeOf(Number(range[1]), Number(range[2]));
  if (inner.includes("..") && !inner.includes(",")) return null;
  const choices = inner.split(",");
  return choices.length > 1 && choices.length <= MAX_CHOICES ? choices : null;
}

function rangeOf(from: number, to: number): readonly string[] | null {
  const count = Math.abs(to - from) + 1;
  if (count > MAX_CHOICES) return null;
  return Array.from({ length: count }, (_, at) => String(from <= to ? from + at : from - at));
}

/** All words that a row of choices stands for, in the order of bash; null: too many. */
export function productOf<T>(rows: readonly (readonly T[])[]): readonly (readonly T[])[] | null {
  let all: readonly (readonly T[])[] = [[]];
  for (const row of rows) {
    if (all.length * row.length > MAX_CHOICES) return null;
    all = all.flatMap((before) => row.map((one) => [...before, one]));
  }
  return all;
}
