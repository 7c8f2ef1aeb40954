/**
 * `[[label]]`: a group of local-only places that is kept apart. What comes from its sources has its label, and goes to its
 * sinks only. What this guards: a file that takes the label must give it back, else a value would lose its label by being
 * written and read again.
 */
import { compileHost } from "./host-pattern.ts";
import type { LabelData, LabelPlace } from "./local-only-data.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { RawTable, Text } from "./read-tables.ts";
import { readTableName } from "./secret-table.ts";
import { CONTROL, shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

export interface DeclaredLabel {
  readonly table: RawTable;
  readonly data: LabelData;
}

const TAKEN: ReadonlySet<string> = new Set(["local", "public", "secret"]);
const KINDS = ["file", "host", "env", "command"];

/** Null where something is wrong with it; then it was reported. */
export function readLabel(table: RawTable, places: PathPlaces): DeclaredLabel | null {
  const name = readTableName(table);
  if (name !== null && TAKEN.has(name.toLowerCase())) {
    table.report(table.placeOf("name"), `\`${name}\` is a label of the language itself`, "choose another name");
  }
  const [sources = [], sinks = []] = ["sources", "sinks"].map((key) =>
    table.texts(key).flatMap((text) => readPlace(table, text, places)),
  );
  if (table.isList("sources") && table.texts("sources").length === 0) {
    table.report(table.placeOf("sources"), "a label without sources names nothing");
  }
  if (name === null) return null;
  for (const text of table.texts("sinks")) checkSink(table, text, places, sources);
  return { table, data: { name, sources, sinks } };
}

function readPlace(table: RawTable, { text, at }: Text, places: PathPlaces): readonly LabelPlace[] {
  if (!table.allows(at, 0)) return [];
  const [, kind = "", value = ""] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  if (kind === "file") {
    const path = compilePath(value, places, false);
    if (path.ok && !table.allows(at, path.patterns.length - 1)) return [];
    if (path.ok) return path.patterns.map((pattern) => ({ kind, pattern }));
    table.report(at, path.message, path.hint);
    return [];
  }
  if (kind === "host") {
    const host = compileHost(value, false);
    if (host.ok && !table.allows(at, host.patterns.length - 1)) return [];
    if (host.ok) return host.patterns.map((pattern) => ({ kind, pattern }));
    table.report(at, host.message, host.hint);
    return [];
  }
  if ((kind === "env" || kind === "command") && value !== "" && !CONTROL.test(value) && !/[*?\s]/.test(value)) {
    return [{ kind, name: value }];
  }
  const example = "write `file:~/notes/**`, `host:localhost:11434`, `env:NAME` or `command:NAME`";
  const near = KINDS.includes(kind) ? undefined : didYouMean(kind, KINDS);
  table.report(at, `\`${shown(text)}\` is not a place`, near ?? example);
  return [];
}

function checkSink(table: RawTable, text: Text, places: PathPlaces, sources: readonly LabelPlace[]): void {
  if (!text.text.startsWith("file:")) return;
  const path = compilePath(text.text.slice("file:".length), places, false);
  if (!path.ok) return;
  const given = sources.flatMap((one) => (one.kind === "file" ? [one.pattern] : []));
  const isGiven = (pattern: string) => given.some((one) => one === pattern || isInTree(pattern, one));
  if (path.patterns.every(isGiven)) return;
  table.report(
    text.at,
    "what is written there would lose its label when it is read again",
    `add \`${shown(text.text)}\` to \`sources\``,
  );
}

/** `tree` is a directory without wildcards, and all of it. */
function isInTree(pattern: string, tree: string): boolean {
  const directory = tree.endsWith("/**") ? tree.slice(0, -3) : null;
  if (directory === null || /(?<!\\)(?:\\\\)*[*?[]/.test(directory)) return false;
  return pattern === directory || pattern.startsWith(`${directory}/`);
}
