/**
 * A settings file in TOML. What we write stands between two comments, and goes with them; keys of the top go behind the
 * last one of the file's, as they must stand before the first table, and tables go to the end.
 */
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import { type FileSetup, SetupRefusal } from "./host.ts";

const BEGIN = "# >>> agent-run: written by `agent-run install`, taken out by `agent-run uninstall`";
const END = "# <<< agent-run";

/** A key of the top with its line; left out, and told, where the file has that key. */
export interface TopKey {
  readonly key: string;
  readonly line: string;
  readonly note: string;
}

/** `table`: lines of the table `[path]`, which must not be there already. */
export function tomlSetup(
  path: string,
  holds: string,
  table: { readonly path: readonly string[]; readonly lines: readonly string[] },
  top: readonly TopKey[],
): FileSetup {
  return {
    path,
    holds,
    has: (text) => blocksOf(text, parsed(text)).length > 0,
    add(original) {
      let text = original === null ? "" : withoutBlocks(original);
      const values = valuesOf(text);
      if (inside(values, table.path) !== undefined) {
        throw new SetupRefusal(`\`${table.path.join(".")}\` is there and is none of ours; rename it, or delete it`);
      }
      const notes = top.filter(({ key }) => key in values).map(({ note }) => note);
      const lines = top.filter(({ key }) => !(key in values)).map(({ line }) => line);
      if (lines.length > 0) text = putIn(text, behindTopKeys(text), lines);
      text = putIn(text, text.length, table.lines);
      // An inline table of that name, say, takes no table of its own.
      parsed(text);
      return { text, notes };
    },
    remove(text) {
      const rest = withoutBlocks(text);
      return rest === "" ? null : rest;
    },
  };
}

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (error) {
    if (error instanceof ParseError) {
      throw new SetupRefusal(`it is no valid TOML: ${error.message.toLowerCase()}`, error.lineNumber);
    }
    throw new SetupRefusal("it cannot be read as TOML");
  }
}

export function valuesOf(text: string): Record<string, unknown> {
  return getStaticTOMLValue(parsed(text));
}

export function inside(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      typeof here === "object" && here !== null && Object.hasOwn(here, key)
        ? (here as Record<string, unknown>)[key]
        : undefined,
    values,
  );
}

/** The beginning of the line behind the last key of the top; the beginning of the file where there is none. */
function behindTopKeys(text: string): number {
  const last = parsed(text)
    .body[0].body.filter(({ type }) => type === "TOMLKeyValue")
    .at(-1);
  if (last === undefined) return text.startsWith("\uFEFF") ? 1 : 0;
  const end = text.indexOf("\n", last.range[1]);
  return end === -1 ? text.length : end + 1;
}

/** Where a text does not end with a line break, the one before our block is ours, and the block has none at its end. */
function putIn(text: string, at: number, lines: readonly string[]): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const block = [BEGIN, ...lines, END].join(eol);
  const isOpen = at > 0 && at === text.length && !text.endsWith("\n") && text !== "\uFEFF";
  return text.slice(0, at) + (isOpen ? eol + block : block + eol) + text.slice(at);
}

/** From the start of our first comment to behind the line of our second. Comments only: a string may hold their text. */
function blocksOf(text: string, { comments }: AST.TOMLProgram): { from: number; to: number }[] {
  const marks = comments.map(({ range }) => ({ range, says: text.slice(...range).trimEnd() }));
  return marks.flatMap(({ range: [from], says }, index) => {
    if (says !== BEGIN) return [];
    const end = marks.slice(index).find((mark) => mark.says === END);
    if (end === undefined)
      throw new SetupRefusal(`the line \`${END}\` is missing`, text.slice(0, from).split("\n").length);
    return [{ from, to: end.range[1] }];
  });
}

function withoutBlocks(text: string): string {
  return blocksOf(text, parsed(text)).reduceRight((rest, { from, to }) => {
    const eol = /^[ \t]*\r?\n/.exec(rest.slice(to))?.[0].length;
    if (eol !== undefined) return rest.slice(0, from) + rest.slice(to + eol);
    return rest.slice(0, from).replace(/\r?\n$/, "") + rest.slice(to);
  }, text);
}
