/** `[[never]]`: places where no call is ever allowed or asked about, whatever the rules say. Proved by tools, not by runs. */
import type { NeverPlace, PolicyNever } from "./condition.ts";
import { readCommandName, readVariable } from "./entry.ts";
import { compileHost } from "./host-pattern.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { Misread } from "./problem.ts";
import type { RawTable } from "./read-tables.ts";
import { kindOf } from "./rule-places.ts";
import { readOn } from "./rule-table.ts";
import { isTool } from "./tool-name.ts";

export interface DeclaredNever {
  readonly table: RawTable;
  readonly data: PolicyNever;
}

const PLACES = [
  { attribute: "path", kind: "path", of: "fs.*" },
  { attribute: "host", kind: "host", of: "net.*" },
  { attribute: "name", kind: "variable", of: "env.read" },
  { attribute: "command", kind: "command", of: "subprocess.exec" },
] as const;

/** Null where something is wrong with it; then it was reported. */
export function readNever(table: RawTable, places: PathPlaces): DeclaredNever | null {
  const on = readOn(table);
  if (on.some(isTool)) {
    const hint = "write a rule that denies them: a denial beats every grant";
    table.report(table.placeOf("on"), "`[[never]]` cannot be proved for calls of tools", hint);
    return null;
  }
  const where = PLACES.flatMap(({ attribute, kind, of }) =>
    [false, true].flatMap((not): readonly (NeverPlace | null)[] => {
      const key = not ? `${attribute}_not` : attribute;
      if (!table.has(key)) return [];
      const others = on.filter((one) => kindOf(one) !== kind);
      if (others.length > 0) {
        const hint =
          others.length < on.length ? `\`${key}\` is for ${of}; write two of them` : `\`${key}\` is for ${of}`;
        table.report(table.keyPlace(key), `\`${key}\` does not apply to ${others.join(", ")}`, hint);
        return [null];
      }
      return [readPlace(table, key, attribute, not, places)];
    }),
  );
  const good = where.filter((one) => one !== null);
  if (on.length === 0 || good.length < where.length) return null;
  const { line, column } = table.at;
  const at = { file: table.source.file, line, column };
  return { table, data: { name: table.text("id")?.text ?? null, on, where: good, at } };
}

function readPlace(
  table: RawTable,
  key: string,
  attribute: NeverPlace["attribute"],
  not: boolean,
  places: PathPlaces,
): NeverPlace | null {
  const texts = table.texts(key);
  if (texts.length === 0) {
    table.report(table.placeOf(key), `\`${key}\` is empty`, "remove it, or name a place");
    return null;
  }
  if (attribute === "host") {
    // `not` says where calls may go, as a grant does.
    const patterns = each(table, key, (text) => compileHost(text, !not));
    return patterns === null ? null : { attribute, not, patterns };
  }
  const patterns = each(table, key, (text) => readPattern(attribute, text, not, places));
  return patterns === null ? null : { attribute, not, patterns };
}

type Patterns<T> = { readonly ok: true; readonly patterns: readonly T[] } | Misread;

function readPattern(
  attribute: "path" | "name" | "command",
  text: string,
  not: boolean,
  places: PathPlaces,
): Patterns<string> {
  if (attribute === "path") return compilePath(text, places, !not);
  const read = attribute === "name" ? readVariable(text) : readCommandName(text);
  return read.ok ? { ok: true, patterns: [text] } : read;
}

function each<T>(table: RawTable, key: string, read: (text: string) => Patterns<T>): readonly T[] | null {
  const all = table.texts(key).map(({ text, at }) => {
    if (!table.allows(at, 0)) return null;
    const one = read(text);
    if (!one.ok) table.report(at, one.message, one.hint);
    return one.ok && table.allows(at, one.patterns.length - 1) ? one.patterns : null;
  });
  const good = all.filter((one) => one !== null);
  return good.length === all.length ? good.flat() : null;
}
