/**
 * Path patterns as in `.gitignore`, which several agent hosts use: a pattern without `/` counts at any depth, one that
 * names a directory covers all that is in it, `{` is a letter. In front: `//` is the root of the disk, `~/` the home.
 */

export type Paths = { readonly paths: readonly string[] } | { readonly why: string };

/** `base`: what a leading `/` stands for, such as `~/.claude` for settings of the user; empty: the root of the policy. */
export function grantedPaths(pattern: string, base: string): Paths {
  const read = askedPaths(pattern, base);
  if ("why" in read) return read;
  const [named, below] = read.paths;
  // What looks like a file is granted as one.
  return named !== undefined && below !== undefined && /[.*?[][^/]*$/.test(named) ? { paths: [named] } : read;
}

/** All that the pattern covers, and no more, as a question opens what it asks about. */
export function askedPaths(pattern: string, base: string): Paths {
  const read = readPattern(pattern, base);
  if ("why" in read) return read;
  const { body, deep } = read;
  const named = deep ? `**/${body}` : body;
  if (named === "" || named === "/") return { paths: [`${named}**`] };
  if (/(?:^|\/)\*\*$/.test(named)) return { paths: [contentsOf(named.replace(/\/?\*\*$/, ""))] };
  return { paths: read.isDirectory ? [contentsOf(named)] : [named, `${named}/**`] };
}

/** A directory that is named stays one, itself included, since a jail shows directories; else only what is in it. */
const contentsOf = (directory: string): string =>
  /[*?[]/.test(directory) ? `${directory}/**/*` : directory === "" ? "**" : `${directory}/**`;

/** Denials cover what lies below by themselves. */
export function deniedPaths(pattern: string, base: string): Paths {
  const read = readPattern(pattern, base);
  if ("why" in read) return read;
  const { body, deep, isHere } = read;
  // Whether `./x` counts at any depth is read both ways; a denial takes the wider one.
  const named = deep || isHere ? `**/${body}` : body;
  const path = named === "" ? "**" : named === "/" ? "/**" : named;
  // There `{` is a letter, and whoever wrote it meant a choice: both are denied.
  const meant = path.replace(/\\([{},])/g, "$1");
  return { paths: meant === path || !/\{[^{}]*,[^{}]*\}/.test(meant) ? [path] : [path, meant] };
}

interface Read {
  readonly body: string;
  /** At any depth below the root. */
  readonly deep: boolean;
  /** A name behind `./`. */
  readonly isHere: boolean;
  readonly isDirectory: boolean;
}

function readPattern(pattern: string, base: string): Read | { readonly why: string } {
  if (pattern === "" || pattern.startsWith("!")) return { why: "a pattern that takes others back" };
  if (/[\\\p{Cc}]/u.test(pattern)) return { why: "a pattern with escapes" };
  const isDirectory = pattern.endsWith("/") && pattern.length > 1;
  const whole = (isDirectory ? pattern.slice(0, -1) : pattern).replace(
    /[{}(),+@|^$"!]/g,
    (one, at: number, text: string) => (one === "!" && text[at - 1] === "[" ? "^" : `\\${one}`),
  );
  if (/(?:^|\/)\.\.(?:\/|$)/.test(whole)) return { why: "a pattern that climbs" };
  const body = rooted(whole, base);
  const inside = whole.replace(/^\.\//, "");
  const isName = !inside.includes("/") && body === inside && inside !== "**" && inside !== "~";
  return { body, deep: isName && inside === whole, isHere: isName && inside !== whole, isDirectory };
}

function rooted(pattern: string, base: string): string {
  if (pattern.startsWith("//")) return pattern.slice(1);
  if (pattern.startsWith("~")) return pattern;
  if (pattern.startsWith("/")) return base === "" ? pattern.slice(1) : `${base}${pattern}`;
  return pattern.replace(/^\.\//, "");
}
