/**
 * `[[release]]`: the one way from a sealed value to a public one that does not go through a server. Nothing that a script
 * says decides what is released: source, part, type and number are the operator's.
 */
import type { ReleaseData, ReleaseSource } from "./local-only-data.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { RawTable } from "./read-tables.ts";
import { bitsOf, readReleaseType } from "./release-type.ts";
import { readTableName } from "./secret-table.ts";
import { METHOD_CAPABILITY } from "./signatures.ts";
import { CONTROL, shown } from "./spelling.ts";
import { canonicalUrl } from "./url.ts";

export interface DeclaredRelease {
  readonly table: RawTable;
  readonly data: ReleaseData;
}

const MAX_OTHERWISE = 200;

/** Null where something is wrong with it; then it was reported. */
export function readRelease(table: RawTable, places: PathPlaces): DeclaredRelease | null {
  const name = readTableName(table);
  const from = readFrom(table, places);
  const select = readSelect(table);
  const type = readReleaseType(table);
  const otherwise = readOtherwise(table);
  if (name === null || from === null || select === null || type === null || otherwise === null) return null;
  const ref = { id: `release.${name}`, file: table.source.file, line: table.at.line };
  const budget = { perRun: table.count("per_run") ?? 1, perDay: table.count("per_day") };
  return { table, data: { name, ref, from, select, type, otherwise, ...budget, bits: bitsOf(type, otherwise) } };
}

function readFrom(table: RawTable, places: PathPlaces): ReleaseSource | null {
  const text = table.text("from");
  if (text === null) return null;
  const [, file] = /^file:(.*)$/s.exec(text.text) ?? [];
  if (file !== undefined) {
    const path = compilePath(file, places, false);
    const [first] = path.ok ? path.exact : [];
    if (first !== undefined && !file.endsWith("/")) return { kind: "file", path: first };
    if (path.ok) table.report(text.at, "a release is from one file, named without wildcards");
    else table.report(text.at, path.message, path.hint);
    return null;
  }
  const [, method = "", target = ""] = /^([A-Z]+) (\S+)$/.exec(text.text) ?? [];
  if (!Object.hasOwn(METHOD_CAPABILITY, method) || method === "HEAD") {
    const example = "write `GET https://status.internal/state` or `file:~/state.json`";
    table.report(text.at, `\`${shown(text.text)}\` is not the source of a release`, example);
    return null;
  }
  const url = canonicalUrl(target);
  if (url.ok) return { kind: "request", method, url: url.value.url };
  table.report(text.at, url.failure.message);
  return null;
}

/** `$`, then `.name` and `[0]`: one value, never a search. */
function readSelect(table: RawTable): readonly (string | number)[] | null {
  const text = table.text("select");
  if (text === null) return table.has("select") ? null : [];
  const parts = /^\$((?:\.[A-Za-z_][\w-]*|\[\d{1,6}\])*)$/.exec(text.text)?.[1];
  if (parts === undefined) {
    table.report(text.at, "`select` is a path to one value", 'write `select = "$.a.b[0]"`');
    return null;
  }
  const found = parts.match(/\.[^.[]+|\[\d+\]/g) ?? [];
  return found.map((part) => (part.startsWith(".") ? part.slice(1) : Number(part.slice(1, -1))));
}

function readOtherwise(table: RawTable): string | null {
  const text = table.text("else");
  if (text === null) return table.has("else") ? null : "withheld";
  if (text.text.length <= MAX_OTHERWISE && !CONTROL.test(text.text)) return text.text;
  table.report(text.at, `\`else\` is up to ${MAX_OTHERWISE} characters on one line`);
  return null;
}
