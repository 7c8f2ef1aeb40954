/**
 * Paths that a pattern, or two patterns at once, are likely to match: guesses for a search whose every hit is confirmed
 * by the decision itself, so a wrong guess costs a microsecond and no more. Bounded, whatever the patterns are.
 */

/** Texts that stand for what a wildcard takes; the second has an ending that few policies name. */
const FILL = ["x", "x.qq"];
const MOST_PATHS = 48;
/** Patterns with many `**` have more ways through each other than anybody can wait for. */
const MOST_STEPS = 2000;
const MOST_SEGMENTS = 256;

/** Absolute paths that match the pattern, and the other one where there is one. */
export function samplePaths(pattern: string, other = "/**"): readonly string[] {
  const search = new Search();
  search.walk(segmentsOf(pattern), segmentsOf(other), []);
  return [...new Set(search.found)];
}

const segmentsOf = (pattern: string): readonly string[] => pattern.split("/").filter((segment) => segment !== "");

type Names = readonly string[];

class Search {
  readonly found: string[] = [];
  #steps = 0;

  /** Left to right through both; `**` takes nothing, or what the other has, or names of its own at the end. */
  walk(a: Names, b: Names, path: Names): void {
    const isOver = this.found.length >= MOST_PATHS || path.length > MOST_SEGMENTS;
    if (isOver || ++this.#steps > MOST_STEPS) return;
    const [first, ...restA] = a;
    const [second, ...restB] = b;
    if (first === undefined && second === undefined) this.found.push(`/${path.join("/")}`);
    else if (first === "**" && second === "**") this.#walkBoth(a, b, path);
    else if (first === "**") this.#walkDeep(restA, a, b, path);
    else if (second === "**") this.#walkDeep(restB, b, a, path);
    else if (first !== undefined && second !== undefined) {
      for (const name of jointNames(first, second)) this.walk(restA, restB, [...path, name]);
    }
  }

  #walkBoth(a: Names, b: Names, path: Names): void {
    const [, ...restA] = a;
    const [, ...restB] = b;
    for (const names of [["x"], [], ["x.qq"], ["x", "y"]]) this.walk(restA, restB, [...path, ...names]);
    this.walk(a, restB, path);
    this.walk(restA, b, path);
  }

  /** `after`: what follows the `**` of `deep`; `other` goes on segment by segment. */
  #walkDeep(after: Names, deep: Names, other: Names, path: Names): void {
    this.walk(after, other, path);
    const [next, ...rest] = other;
    if (next === undefined) return;
    for (const name of sampleNames(next).slice(0, 2)) this.walk(deep, rest, [...path, name]);
  }
}

/** Names that both segments may match. */
function jointNames(a: string, b: string): readonly string[] {
  const left = cutSegment(a);
  const right = cutSegment(b);
  if (left.literal !== null && right.literal !== null)
    return left.literal === right.literal ? usable([left.literal]) : [];
  if (left.literal !== null) return [left.literal];
  if (right.literal !== null) return [right.literal];
  const mixed = [
    `${left.head}${right.tail}`,
    `${right.head}${left.tail}`,
    `${left.head}x${right.tail}`,
    `${right.head}x${left.tail}`,
  ];
  return usable([...sampleNames(a), ...sampleNames(b), ...mixed]).slice(0, 8);
}

/** Names that one segment, or a pattern of a variable, matches. */
export function sampleNames(segment: string): readonly string[] {
  const tokens = tokensOf(segment);
  if (tokens.every(({ literal }) => literal)) return usable([tokens.map(({ text }) => text).join("")]);
  return usable(
    [...FILL, ""].map((fill) =>
      tokens.map(({ text, literal }) => (literal ? text : text === "*" ? fill : text.slice(1))).join(""),
    ),
  );
}

const usable = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].filter((name) => name !== "" && name !== "." && name !== "..");

interface Token {
  readonly literal: boolean;
  /** `*`, or `?` and the one character that stands for what it takes. */
  readonly text: string;
}

function tokensOf(segment: string): readonly Token[] {
  const parts = segment.match(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|./gsu) ?? [];
  return parts.map((part): Token => {
    if (part === "*") return { literal: false, text: "*" };
    if (part === "?") return { literal: false, text: "?x" };
    if (part.length > 1 && part.startsWith("[")) return { literal: false, text: `?${memberOf(part)}` };
    return { literal: true, text: part.startsWith("\\") ? part.slice(1) : part };
  });
}

/** A character of the class; of a negated one some that it does not begin with. */
function memberOf(set: string): string {
  const inside = set
    .replace(/^\[\^?/, "")
    .replace(/\]$/, "")
    .replace(/^\\/, "");
  const [first = "x"] = inside;
  if (!set.startsWith("[^")) return first;
  return ["x", "Q", "7", "_"].find((one) => !inside.includes(one)) ?? "x";
}

function cutSegment(segment: string): {
  readonly literal: string | null;
  readonly head: string;
  readonly tail: string;
} {
  const tokens = tokensOf(segment);
  const text = (part: readonly Token[]) => part.map((token) => token.text).join("");
  const first = tokens.findIndex(({ literal }) => !literal);
  if (first === -1) return { literal: text(tokens), head: "", tail: "" };
  const last = tokens.findLastIndex(({ literal }) => !literal);
  return { literal: null, head: text(tokens.slice(0, first)), tail: text(tokens.slice(last + 1)) };
}
