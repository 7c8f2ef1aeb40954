/**
 * The syntax of path patterns: braces expanded, every segment either literal or a checked glob. Strict on purpose:
 * other engines give a meaning to nearly every text (`(a|b)`, `[z-a]`, `a**b`, `{1..3}`), often another one than the
 * writer had in mind, and a deny rule that silently matches nothing is an open door. What is not in this file's
 * grammar does not load.
 */
import { escapeLiteral } from "./path-pattern.ts";
import { type Misread, misread } from "./problem.ts";

export interface Segment {
  /** In the grammar of `RuleMatch`. */
  readonly glob: string;
  /** The text itself where the segment has no wildcard. */
  readonly literal: string | null;
}

export interface Alternative {
  readonly from: "root" | "home" | "machine";
  readonly segments: readonly Segment[];
}

/** Braces may make a few patterns of one entry; more is a mistake or an attack on load time. */
const MAX_ALTERNATIVES = 64;
/** Linux's PATH_MAX; a longer pattern can match nothing. */
const MAX_LENGTH = 4096;
/** Braces inside braces. */
const MAX_NESTING = 8;

type Token =
  | { readonly kind: "char"; readonly text: string; readonly escaped: boolean }
  | { readonly kind: "wild"; readonly text: "*" | "?" }
  | { readonly kind: "class"; readonly text: string }
  | { readonly kind: "slash" | "open" | "comma" | "close" };

export function parseGlob(text: string): { ok: true; alternatives: readonly Alternative[] } | Misread {
  if (text === "") return misread("the pattern is empty", "name a file, or `**` for everything under the root");
  if (text.length > MAX_LENGTH) return misread(`the pattern is longer than ${MAX_LENGTH} characters`);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return misread("the pattern holds a control character");
  if (/\p{Surrogate}/u.test(text)) return misread("the pattern holds half of a surrogate pair");
  const read = tokenize(text.normalize("NFC"));
  if (!read.ok) return read;
  const expanded = expand(read.tokens);
  if (!expanded.ok) return expanded;
  const alternatives: Alternative[] = [];
  for (const tokens of expanded.lists) {
    const alternative = readAlternative(tokens);
    if (!alternative.ok) return alternative;
    alternatives.push(alternative.alternative);
  }
  if (new Set(alternatives.map((one) => one.from)).size > 1) {
    return misread("the braces mix absolute and relative paths", "write two entries");
  }
  return { ok: true, alternatives };
}

function tokenize(text: string): { ok: true; tokens: readonly Token[] } | Misread {
  const tokens: Token[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === "[") {
      const found = readClass(text, at);
      if (!found.ok) return found;
      tokens.push({ kind: "class", text: found.text });
      at = found.end;
      continue;
    }
    if (c === "\\") at++;
    const token = c === "\\" ? readEscape(text.charAt(at)) : readToken(c, depth, tokens.at(-1));
    if ("ok" in token) return token;
    if (token.kind === "open" && ++depth > MAX_NESTING) return misread("braces are nested too deeply");
    if (token.kind === "close") depth--;
    tokens.push(token);
  }
  return depth > 0 ? misread("`{` without `}`", "write `\\{` for the character") : { ok: true, tokens };
}

function readEscape(c: string): Token | Misread {
  if (c !== "" && ESCAPABLE.includes(c)) return { kind: "char", text: c, escaped: true };
  return misread("`\\` must stand before one of `* ? [ ] { } ( ) | ! , ~ \\`", "paths are written with `/`");
}

const ESCAPABLE = "*?[]{}()|!,~\\";

function readToken(c: string, depth: number, before: Token | undefined): Token | Misread {
  if (c === "/") return { kind: "slash" };
  if (c === "*" || c === "?") return { kind: "wild", text: c };
  if (c === "{") return { kind: "open" };
  if (c === "," && depth > 0) return { kind: "comma" };
  if (c === "}") return depth > 0 ? { kind: "close" } : misread("`}` without `{`", "write `\\}` for the character");
  if (c === "]") return misread("`]` without `[`", "write `\\]` for the character");
  if (c === "|") return misread("`|` is not supported", "write `{a,b}` for a choice, `\\|` for the character");
  if (c === "(" && opensExtglob(before)) {
    return misread(
      "extended globs such as `!(a)` or `+(a)` are not supported",
      "write `{a,b}` for a choice, `\\(` for the character",
    );
  }
  return { kind: "char", text: c, escaped: false };
}

const opensExtglob = (before: Token | undefined): boolean =>
  before?.kind === "wild" || (before?.kind === "char" && !before.escaped && "+@!".includes(before.text));

/** `[abc]`, `[a-z0-9]`, `[!a]` or `[^a]`; members are single characters of the basic plane. */
function readClass(text: string, start: number): { ok: true; text: string; end: number } | Misread {
  let at = start + 1;
  const negated = text.charAt(at) === "!" || text.charAt(at) === "^";
  if (negated) at++;
  let members = "";
  while (text.charAt(at) !== "]") {
    const member = readMember(text, at);
    if (!member.ok) return member;
    at = member.end;
    members += escapeMember(member.c);
    if (text.charAt(at) !== "-" || text.charAt(at + 1) === "]") continue;
    const last = readMember(text, at + 1);
    if (!last.ok) return last;
    if (last.c < member.c) return misread(`the range \`${member.c}-${last.c}\` is the wrong way round`);
    if (member.c < "/" && "/" < last.c) return misread(`the range \`${member.c}-${last.c}\` holds \`/\``);
    at = last.end;
    members += `-${escapeMember(last.c)}`;
  }
  if (members === "") return misread("`[]` names no character", "write `\\[` and `\\]` for the characters");
  return { ok: true, text: `[${negated ? "^" : ""}${members}]`, end: at };
}

function readMember(text: string, start: number): { ok: true; c: string; end: number } | Misread {
  const at = text.charAt(start) === "\\" ? start + 1 : start;
  const c = text.charAt(at);
  if (c === "") return misread("`[` without `]`", "write `\\[` for the character");
  if (c === "/" || /\p{Surrogate}/u.test(c)) return misread("`[…]` holds a character that can not stand there");
  if (c === "[" && at === start) return misread("`[` inside `[…]`", "write `\\[`; classes such as `[:alpha:]` are not supported");
  return { ok: true, c, end: at + 1 };
}

const escapeMember = (c: string): string => (/[A-Za-z0-9_]|\P{ASCII}/u.test(c) ? c : `\\${c}`);

/** `a{b,c}d` to `abd` and `acd`. */
function expand(tokens: readonly Token[]): { ok: true; lists: readonly (readonly Token[])[] } | Misread {
  let done: Token[][] = [[]];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind !== "open") {
      for (const list of done) list.push(token);
      continue;
    }
    const group = readGroup(tokens, at);
    if (group.parts.length === 1) {
      return misread("`{…}` holds no `,`", "write `{a,b}` for a choice, `\\{` and `\\}` for the characters");
    }
    const inner: (readonly Token[])[] = [];
    for (const part of group.parts) {
      const expanded = expand(part);
      if (!expanded.ok) return expanded;
      inner.push(...expanded.lists);
    }
    if (done.length * inner.length > MAX_ALTERNATIVES) {
      return misread(`the braces make more than ${MAX_ALTERNATIVES} patterns`, "write several entries");
    }
    done = done.flatMap((list) => inner.map((one) => [...list, ...one]));
    at = group.end;
  }
  return { ok: true, lists: done };
}

/** Cuts the group that opens at `start` at its own commas. */
function readGroup(tokens: readonly Token[], start: number): { parts: readonly (readonly Token[])[]; end: number } {
  let part: Token[] = [];
  const parts = [part];
  let depth = 1;
  let at = start;
  while (depth > 0) {
    const token = tokens[++at];
    if (token === undefined) break;
    if (token.kind === "open") depth++;
    if (token.kind === "close") depth--;
    if (depth === 0) break;
    if (token.kind === "comma" && depth === 1) {
      part = [];
      parts.push(part);
    } else part.push(token);
  }
  return { parts, end: at };
}

function readAlternative(tokens: readonly Token[]): { ok: true; alternative: Alternative } | Misread {
  if (tokens.length === 0) return misread("an alternative in `{…}` makes the pattern empty");
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "slash") parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const from = readStart(parts);
  if (typeof from !== "string") return from;
  const segments: Segment[] = [];
  for (const part of parts.slice(from === "home" ? 1 : 0)) {
    if (part.length === 0) continue;
    const glob = readSegment(part);
    if (typeof glob !== "string") return glob;
    if (glob === "**" && segments.at(-1)?.glob === "**") continue;
    segments.push({ glob, literal: part.every((token) => token.kind === "char") ? part.map(textOf).join("") : null });
  }
  // A `/` at the end covers everything below.
  if (parts.at(-1)?.length === 0 && segments.at(-1)?.glob !== "**") segments.push({ glob: "**", literal: null });
  return { ok: true, alternative: { from, segments } };
}

function readStart(parts: readonly (readonly Token[])[]): Alternative["from"] | Misread {
  const [first = []] = parts;
  if (first.length === 0) return "machine";
  const [head] = first;
  if (head?.kind !== "char" || head.text !== "~" || head.escaped) return "root";
  if (first.length === 1) return "home";
  return misread("`~name` is not supported", "write the directory, `~/…` for the own home, `\\~` for the character");
}

function readSegment(tokens: readonly Token[]): string | Misread {
  const glob = tokens.map((token) => (token.kind === "char" ? escapeLiteral(token.text) : textOf(token))).join("");
  const stars = tokens.some((token, at) => isStar(token) && isStar(tokens[at + 1]));
  if (stars && glob !== "**") {
    return misread("`**` must stand alone between two `/`", "write `*` inside a name, `**/*.ts` for any depth");
  }
  return glob;
}

const isStar = (token: Token | undefined): boolean => token?.kind === "wild" && token.text === "*";
const textOf = (token: Token): string => ("text" in token ? token.text : "");
