/**
 * Path patterns of the dialect. There a pattern without `/` meant any depth, and `*`, `?` and classes crossed `/`. In
 * grants we keep our narrower reading; a denial must not lose anything, so it is carried as all that it matched.
 */

import { isWild } from "../glob-overlap.ts";
import { expandBraces } from "../glob-text.ts";
import type { Place } from "../problem.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted } from "./carrying.ts";
import { type Carried, carryList, changed, kept, left } from "./list.ts";

/** Directories with all in them stay so, since a jail shows directories; `grantedPath` is exact. */
export function grantedTree(text: string): Carried {
  const problem = neverMatched(text);
  if (problem !== null) return problem;
  const tree = atAnyDepth(gluedApart(text));
  const directory = tree.replace(/\/\*\*$/, "");
  // What a jail can not show as a directory need not be one.
  return kept(directory !== tree && isWild(directory) ? `${tree}/*` : tree);
}

export function grantedPath(text: string): Carried {
  const carried = grantedTree(text);
  return { ...carried, texts: carried.texts.map((one) => one.replace(/(^|\/)\*\*$/, "$1**/*")) };
}

export function deniedPath(text: string): Carried {
  const problem = neverMatched(text);
  // A `/` at the end, and dots in front, mean something here; more is denied then.
  if (problem !== null && !/^(?:\.\.?\/)*[^.].*[^.]\/?$/.test(text)) return problem;
  const wanted = atAnyDepth(gluedApart(text));
  const texts = crossing(wanted);
  return texts.length === 1 && texts[0] === wanted
    ? kept(wanted)
    : changed(
        texts,
        `${quoted(text)} crossed \`/\` there, so it is denied as ${texts.slice(0, 4).map(quoted).join(", ")}`,
      );
}

/** Local-only files must be nameable for a jail; others are denied where there are commands. */
export function carryLocalFiles(into: Carrying, path: readonly string[], at: Place, node: Node): void {
  const { hasCommands, closed } = into.about;
  const isHidden = (text: string) => !hasCommands || !isWild(text.replace(/\/\*\*$/, ""));
  const one = (text: string) => grantedTree(text).texts[0] ?? "";
  const taken = closed.has("fs.read")
    ? () => left("`[functions]` does not allow fs.read")
    : (text: string) => (isHidden(one(text)) ? grantedTree(text) : { texts: [] });
  carryList(into, path, at, node, taken);
  const items = node.kind === "array" ? node.items : [];
  for (const item of items) {
    if (item.kind !== "string" || item.value.startsWith("!") || isHidden(one(item.value))) continue;
    into.add(
      ["filesystem", "deny"],
      item.at,
      [...deniedPath(item.value).texts].map((value) => ({ ...item, value })),
    );
    into.note(item.at, {
      message: `${quoted(item.value)} is denied here, as a jail for commands hides only what it can name`,
      hint: "write paths, or directories as `private/**`",
    });
  }
}

/** Paths were compared without dot segments and without a `/` at the end. */
function neverMatched(text: string): Carried | null {
  const segments = text.replace(/^[~/]/, "").replace(/^\//, "").split("/");
  if (text === "~" || text === "/") return null;
  if (!segments.some((segment) => segment === "" || segment === "." || segment === "..")) return null;
  return left(`${quoted(text)} matched nothing there`, "write it without `.`, `..` and a `/` at its end");
}

const atAnyDepth = (text: string): string => (/^~|\//.test(text) || text === "**" ? text : `**/${text}`);

/** `a**b` was `a*b`. */
const gluedApart = (text: string): string =>
  text
    .split("/")
    .map((segment) => (segment === "**" ? segment : segment.replace(/\*{2,}/g, "*")))
    .join("/");

/** More patterns than this are not read by anybody; then the directory is denied as a whole. */
const MOST = 16;

/** All that a pattern matches whose wildcards cross `/`, in patterns whose wildcards do not. */
function crossing(text: string): readonly string[] {
  const plain = text.includes("{") ? (expandBraces(text.replace(/^~\//, "/")) ?? [text]) : [text];
  const texts = text.startsWith("~/") ? plain.map((one) => (one.startsWith("/") ? `~${one}` : one)) : plain;
  const all = texts.flatMap(alternatives);
  return all.length <= MOST ? all : texts.map(directoryOf);
}

function alternatives(text: string): readonly string[] {
  const pieces = text.match(/\\.|\[[!^]?(?:\\.|[^\]])[^\]]*\]|\*\*|[^\\]/gsu) ?? [];
  let found: readonly string[] = [""];
  for (const [at, piece] of pieces.entries()) {
    const choices = choicesOf(pieces, at);
    found = found.flatMap((one) => choices.map((choice) => one + (choice ?? piece)));
    if (found.length > MOST) return found;
  }
  return [...new Set(found)].filter((one) => !one.includes("//"));
}

function choicesOf(pieces: readonly string[], at: number): readonly string[] {
  const piece = pieces[at] ?? "";
  const [before, after] = [pieces[at - 1], pieces[at + 1]];
  // What lies below is denied anyway.
  if (after === undefined) return [piece];
  if (piece === "*") return before === "/" && pieces[at - 2] === "**" ? [piece] : [piece, "*/**/*"];
  const isOne = piece === "?" || /^\[[!^]/.test(piece);
  return isOne && before !== undefined && before !== "/" && after !== "/" ? [piece, "/"] : [piece];
}

/** The leading part that has no wildcard, with all that is in it. */
function directoryOf(text: string): string {
  const segments = text.split("/");
  const wild = segments.findIndex((segment) => isWild(segment));
  const head = segments.slice(0, wild === -1 ? segments.length - 1 : wild).join("/");
  return head === "" ? (text.startsWith("/") ? "/**" : "**") : `${head}/**`;
}
