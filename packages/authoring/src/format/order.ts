/**
 * The order of tables and keys: that of the tables that docs/policy.md is held against. Lists of tables (`[[rule]]`,
 * `[[test]]`, ...) stand behind the sections, all of them in the order in which they were written; what is not known
 * stands behind what is.
 */
import { ALIASES, KEYS, TABLES } from "@agent-run/policy";
import type { Entry, Table } from "./document.ts";

type Rank = readonly number[];

export function orderedTables(tables: readonly Table[]): readonly Table[] {
  const isList = new Set(tables.filter((one) => one.isEntryOfList && one.names.length === 1).map(sectionOf));
  // Which entry of a list a table belongs to depends on what stands before it.
  const isFixed = new Set(tables.filter((one) => one.isEntryOfList).map(sectionOf));
  const first = new Map<string, number>();
  for (const [at, table] of tables.entries()) {
    if (!first.has(sectionOf(table))) first.set(sectionOf(table), at);
  }
  return sorted(tables, (table, at) => {
    const section = sectionOf(table);
    if (isList.has(section)) return [1, at];
    return [0, rankOf([section]), first.get(section) ?? at, isFixed.has(section) ? 0 : rankOf(table.names), at];
  });
}

/** `names`: of the table that they stand in. */
export function orderedEntries(names: readonly string[], entries: readonly Entry[]): readonly Entry[] {
  const fields = FIELDS.get(names.join("."));
  return sorted(entries, (entry, at) => {
    const field = fields?.indexOf(entry.names[0] ?? "") ?? -1;
    return [fields === undefined ? rankOf([...names, ...entry.names]) : field === -1 ? LAST : field, at];
  });
}

const LAST = Number.MAX_SAFE_INTEGER;

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(TABLES).map(([name, fields]) => [name, Object.keys(fields)]),
);

const PATTERNS: readonly { readonly names: readonly string[]; readonly rank: number }[] = (() => {
  const keys = Object.keys(KEYS);
  const places = [...keys.map((key) => [key, key]), ...Object.entries(ALIASES)];
  return places.map(([key = "", meant = ""]) => ({ names: key.split("."), rank: keys.indexOf(meant) }));
})();

/** Of the first key that has this name, or lies in this table. */
function rankOf(names: readonly string[]): number {
  const found = PATTERNS.find((pattern) =>
    names.every((name, at) => pattern.names[at] === name || pattern.names[at] === "NAME"),
  );
  return found?.rank ?? LAST;
}

const sectionOf = ({ names }: Table): string => names[0] ?? "";

function sorted<T>(all: readonly T[], rank: (one: T, at: number) => Rank): readonly T[] {
  return all
    .map((one, at) => ({ one, rank: rank(one, at) }))
    .sort((a, b) => compared(a.rank, b.rank))
    .map(({ one }) => one);
}

function compared(a: Rank, b: Rank): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
