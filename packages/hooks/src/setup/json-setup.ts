/** A settings file in JSON, as the pieces that go into it. */
import { getNodeValue, type Node } from "jsonc-parser";
import { type FileSetup, SetupRefusal } from "./host.ts";
import { insert, type Json, nodeAt, type Path, parsedRoot, removeNode } from "./json-document.ts";

/** One thing that is put into a list (no `key`) or an object. */
export interface Piece {
  readonly at: Path;
  readonly key?: string;
  readonly value: Json;
  /** Whether what is there was put there by us, maybe by another version or with another policy. */
  isOurs(value: unknown): boolean;
  /** What is told where the file has something else there. Without it such a file is refused. */
  readonly yields?: string;
}

/** Several items in a row. Whose they are is told by the first piece of the file: a user may have some of them, too. */
export interface Row {
  readonly at: Path;
  readonly items: readonly string[];
}

/** `pieces` has one at least. */
export function jsonSetup(path: string, holds: string, pieces: readonly Piece[], rows: readonly Row[] = []): FileSetup {
  const has = (text: string) => pieces.some((piece) => findPiece(withoutMark(text), piece) !== undefined);
  return {
    path,
    holds,
    has,
    add(original) {
      const mark = original?.startsWith(MARK) ? MARK : "";
      const notes: string[] = [];
      const base = original === null ? null : withoutMark(original);
      let text = base === null ? null : without(base, pieces, rows);
      for (const piece of pieces) {
        if (text !== null && yields(text, piece, notes)) continue;
        text = text === null ? created(piece) : insert(text, piece.at, piece);
      }
      for (const { at, items } of rows) for (const item of items) text = insert(text ?? "{}", at, { value: item });
      if (text === null) throw new SetupRefusal("nothing can be put into it");
      return { text: mark + text, notes };
    },
    remove(text) {
      const rest = without(withoutMark(text), pieces, rows);
      return rest === null ? null : (text.startsWith(MARK) ? MARK : "") + rest;
    },
  };
}

/** Some editors put a byte order mark before a text. */
const MARK = "\uFEFF";
const withoutMark = (text: string): string => (text.startsWith(MARK) ? text.slice(1) : text);

/** Something else is there already. */
function yields(text: string, { at, key, value, yields: note }: Piece, notes: string[]): boolean {
  const root = parsedRoot(text);
  try {
    if (key === undefined || nodeAt(text, root, [...at, key]) === undefined) {
      const into = nodeAt(text, root, at);
      if (into === undefined || into.type === (key === undefined ? "array" : "object")) return false;
      throw new SetupRefusal(`\`${at.join(".")}\` is no JSON ${key === undefined ? "array" : "object"}`);
    }
    const name = [...at, key].join(".");
    throw new SetupRefusal(
      `\`${name}\` is there and is none of ours; rename it, or delete it`,
      lineOf(text, root, [...at, key]),
    );
  } catch (error) {
    if (note === undefined || !(error instanceof SetupRefusal)) throw error;
    notes.push(`${note} (\`${[...at, key ?? JSON.stringify(value)].join(".")}\`: ${error.message})`);
    return true;
  }
}

function lineOf(text: string, root: Node, path: Path): number {
  return text.slice(0, nodeAt(text, root, path)?.offset ?? 0).split("\n").length;
}

/** In the reverse order of adding, so that each finds the text as it left it. */
function without(text: string, pieces: readonly Piece[], rows: readonly Row[]): string | null {
  let rest: string | null = text;
  const [first] = pieces;
  if (first !== undefined && findPiece(text, first) !== undefined) {
    for (const row of [...rows].reverse()) rest = rest === null ? null : withoutRow(rest, row);
  }
  for (const piece of [...pieces].reverse()) {
    for (;;) {
      const node: Node | undefined = rest === null ? undefined : findPiece(rest, piece);
      if (node === undefined || rest === null) break;
      rest = removeNode(rest, node);
    }
  }
  return rest;
}

function findPiece(text: string, { at, key, isOurs }: Piece): Node | undefined {
  const root = parsedRoot(text);
  const into = reachable(text, root, at);
  if (key === undefined) {
    const items = into?.type === "array" ? (into.children ?? []) : [];
    return items.filter((item) => isOurs(getNodeValue(item))).at(-1);
  }
  const node = into?.type === "object" ? nodeAt(text, into, [key]) : undefined;
  return node !== undefined && isOurs(getNodeValue(node)) ? node : undefined;
}

/** The last place where the items stand in a row; taken out one by one, from behind. */
function withoutRow(text: string, { at, items }: Row): string | null {
  const found = (now: string) => {
    const into = reachable(now, parsedRoot(now), at);
    return into?.type === "array" ? (into.children ?? []) : [];
  };
  const values = found(text).map((node) => node.value as unknown);
  let from = values.length - items.length;
  while (from >= 0 && !items.every((item, index) => values[from + index] === item)) from -= 1;
  let rest: string | null = text;
  for (let index = items.length - 1; index >= 0 && from >= 0 && rest !== null; index -= 1) {
    const node = found(rest)[from + index];
    if (node !== undefined) rest = removeNode(rest, node);
  }
  return rest;
}

function reachable(text: string, root: Node, at: Path): Node | undefined {
  try {
    return nodeAt(text, root, at);
  } catch (error) {
    if (error instanceof SetupRefusal) return undefined;
    throw error;
  }
}

function created({ at, key, value }: Piece): string {
  const innermost: Json = key === undefined ? [value] : { [key]: value };
  return `${JSON.stringify(
    at.reduceRight<Json>((inner, name) => ({ [name]: inner }), innermost),
    null,
    2,
  )}\n`;
}
