/**
 * Settings in JSON, with comments or without, changed in place: what is not ours keeps every byte, and what was put in can
 * be taken out again from the text alone, without a note of how the file was before. Three forms make that possible:
 *   behind another entry    its comma comes with ours, or ours brings the comma that the other had behind it
 *   in an empty list        directly behind the bracket, with no blank between
 *   in a list of our own    the bracket is followed by a line break; the list goes when ours was all it held
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { SetupRefusal } from "./host.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Path = readonly string[];

/** The root, which is an object, or a refusal with the line of the first mistake. */
export function parsedRoot(text: string): Node {
  const errors: ParseError[] = [];
  if (text.trim() === "") throw new SetupRefusal("it is empty, which is no JSON: delete it, or write `{}`", 1);
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const [first] = errors;
  if (first !== undefined) {
    const says = printParseErrorCode(first.error)
      .replace(/(?!^)([A-Z])/g, " $1")
      .toLowerCase();
    throw new SetupRefusal(`it is no valid JSON: ${says}`, lineAt(text, first.offset));
  }
  if (root?.type !== "object") throw new SetupRefusal("it holds no JSON object", 1);
  return root;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

/** What a path leads to; undefined if a part of it is not there. A key that is there twice could mean either. */
export function nodeAt(text: string, root: Node, path: Path): Node | undefined {
  let here: Node | undefined = root;
  for (const [index, key] of path.entries()) {
    if (here.type !== "object") {
      const name = path.slice(0, index).join(".");
      throw new SetupRefusal(`\`${name}\` is no JSON object`, lineAt(text, here.offset));
    }
    const found: Node[] = (here.children ?? []).filter((child) => child.children?.[0]?.value === key);
    if (found.length > 1) {
      throw new SetupRefusal(`\`${key}\` is there twice`, lineAt(text, found[1]?.offset ?? 0));
    }
    here = found[0]?.children?.[1];
    if (here === undefined) return undefined;
  }
  return here;
}

/** Puts a member or an item behind all others of what the path leads to, which is made if it is not there. */
export function insert(text: string, path: Path, entry: { readonly key?: string; readonly value: Json }): string {
  const root = parsedRoot(text);
  const wanted = entry.key === undefined ? "array" : "object";
  let depth = path.length;
  while (nodeAt(text, root, path.slice(0, depth)) === undefined) depth -= 1;
  const into = nodeAt(text, root, path.slice(0, depth)) ?? root;
  if (depth === path.length) {
    if (into.type !== wanted)
      throw new SetupRefusal(`\`${path.join(".")}\` is no JSON ${wanted}`, lineAt(text, into.offset));
    return insertInto(text, root, into, entry);
  }
  if (into.type !== "object") throw new SetupRefusal(`\`${path.slice(0, depth).join(".")}\` is no JSON object`);
  const innermost: Json = entry.key === undefined ? [entry.value] : { [entry.key]: entry.value };
  const value = path.slice(depth + 1).reduceRight<Json>((inner, key) => ({ [key]: inner }), innermost);
  return insertInto(text, root, into, { key: path[depth] ?? "", value });
}

function insertInto(text: string, root: Node, into: Node, entry: { key?: string; value: Json }): string {
  const style = styleOf(text, root);
  const last = into.children?.at(-1);
  if (last === undefined) {
    const at = into.offset + 1;
    return splice(text, at, at, printed(entry, style, indentOfLine(text, into.offset) + style.unit));
  }
  const own = lineBefore(text, last.offset);
  const indent = own ?? indentOfLine(text, into.offset) + style.unit;
  const isSpread = own !== null || text.slice(into.offset, into.children?.[0]?.offset).includes("\n");
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  const behind = comma === null ? end : comma + 1;
  const at = endOfLine(text, behind);
  // Never into a comment that goes on to the end of its line.
  const gap = isSpread || at > behind ? style.eol + indent : " ";
  const body = gap + printed(entry, style, indent) + (comma === null ? "" : ",");
  const rest = splice(text, at, at, body);
  return comma === null ? splice(rest, end, end, ",") : rest;
}

/** Takes an entry out; with it every list and object that it was put into and that holds nothing else. Null: all of it. */
export function removeNode(text: string, node: Node): string | null {
  const entry = node.parent?.type === "property" ? node.parent : node;
  const into = entry.parent;
  if (into === undefined) return null;
  const siblings = into.children ?? [];
  const start = entry.offset;
  const end = start + entry.length;
  if (siblings.length === 1) {
    const before = text.slice(into.offset + 1, start);
    const after = text.slice(end, into.offset + into.length - 1);
    if (before !== "" && before.trim() === "" && after.trim() === "") return removeNode(text, into);
    return splice(text, start, end, "");
  }
  const from = startOfGap(text, start);
  const comma = commaAfter(text, end);
  if (comma !== null) return splice(splice(text, comma, comma + 1, ""), from, end, "");
  const previous = siblings[siblings.indexOf(entry) - 1];
  const theirs = previous === undefined ? null : commaAfter(text, previous.offset + previous.length);
  const rest = splice(text, from, end, "");
  return theirs === null ? rest : splice(rest, theirs, theirs + 1, "");
}

interface Style {
  readonly unit: string;
  readonly eol: string;
}

function styleOf(text: string, root: Node): Style {
  const first = root.children?.[0];
  const unit = first === undefined ? null : lineBefore(text, first.offset);
  return { unit: unit === null || unit === "" ? "  " : unit, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}

function printed({ key, value }: { key?: string; value: Json }, { unit, eol }: Style, indent: string): string {
  const body = JSON.stringify(value, null, unit).replaceAll("\n", eol + indent);
  return key === undefined ? body : `${JSON.stringify(key)}: ${body}`;
}

/** The blanks between the line's beginning and a place; null if something else is there. */
function lineBefore(text: string, at: number): string | null {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^[ \t]*$/.test(line) && text.lastIndexOf("\n", at - 1) !== -1 ? line : null;
}

const indentOfLine = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", at - 1) + 1, at))?.[0] ?? "";

/** The blanks before an entry, and the line break if they begin a line. */
function startOfGap(text: string, at: number): number {
  const gap = /(\r?\n)?[ \t]*$/.exec(text.slice(0, at))?.[0].length ?? 0;
  return at - gap;
}

/** The comma behind a value, over blanks and comments. */
function commaAfter(text: string, at: number): number | null {
  const between = /^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/.exec(text.slice(at))?.[0].length ?? 0;
  return text[at + between] === "," ? at + between : null;
}

/** Behind a comment that stands on the same line, as it is about what stands before it. */
function endOfLine(text: string, at: number): number {
  const rest = /^(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(at));
  return at + (rest?.[0].length ?? 0);
}

const splice = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to);
