/**
 * What will run, line by line, from the canonical request: that text is what was decided and what will be done, so nothing
 * here comes from elsewhere (CHECKED-IS-USED). A member that is not known is shown as it is, so that nothing is left out.
 */
import { domainToUnicode } from "node:url";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@agent-run/policy";
import { escaped, type Letters, shownValue, shownWord } from "./shown-value.ts";

/** A name and what it is; further lines of the same have no name. */
export type Row = readonly [name: string, value: string];

/** More targets, or words of a command, than this are told by number: nobody reads them. The last ones are shown. */
const MAX_ROWS = 60;

/** `domainOf`: the part of a host that somebody can register, or null. */
export function subjectRows(request: string, letters: Letters, domainOf: (host: string) => string | null): Row[] {
  const parsed = JSON.parse(request) as Json;
  if (!isJsonObject(parsed)) return [["request", shownValue(request, letters)]];
  const { targets = [], attrs = {}, labels = [] } = parsed;
  const things = isJsonArray(targets) ? targets.filter(isJsonObject) : [];
  const given = isJsonObject(attrs) ? attrs : {};
  return [
    ...commandRows(given, letters),
    ...shortened(things.flatMap((target) => targetRows(target, letters, domainOf))),
    ...attributeRows(given, letters),
    ...(isJsonArray(labels) && labels.length > 0
      ? [["labels", labels.map((label) => escaped(String(label), letters)).join(", ")] as const]
      : []),
  ];
}

/** Word by word: where one ends is what decides what a command does. */
function commandRows({ argv, env }: JsonObject, letters: Letters): Row[] {
  const words = isJsonArray(argv) ? argv.map(String) : [];
  const line = words.map((word) => shownWord(word, letters)).join(" ");
  const rows: Row[] =
    words.length === 0
      ? []
      : line.length <= 60
        ? [["command", line]]
        : shortened(
            words.map((word, index): Row => [index === 0 ? "command" : `word ${index}`, shownWord(word, letters)]),
          );
  const variables = isJsonArray(env) ? env.map(String) : [];
  return [...rows, ...variables.map((text): Row => ["environment", shownWord(text, letters)])];
}

const ROLES: Readonly<Record<string, string>> = {
  read: "reads",
  search: "searches",
  write: "writes",
  delete: "deletes",
  connect: "connects to",
  execute: "executes",
};

function targetRows(
  { role, kind, value }: JsonObject,
  letters: Letters,
  domainOf: (host: string) => string | null,
): Row[] {
  const text = String(value);
  const name = ROLES[String(role)] ?? escaped(String(role), letters);
  if (kind === "url") return [[name, shownValue(text, letters)], ...hostRows(text, letters, domainOf)];
  if (kind === "address") return [["at address", shownValue(text, letters)]];
  return [[name, shownValue(text, letters)]];
}

/** Who owns the host, and what a host in punycode looks like elsewhere. */
function hostRows(url: string, letters: Letters, domainOf: (host: string) => string | null): Row[] {
  const host = hostOf(url);
  if (host === null) return [];
  const domain = domainOf(host);
  const rows: Row[] = domain === null ? [] : [["domain", shownValue(domain, letters)]];
  if (!/(^|\.)xn--/i.test(host)) return rows;
  const looks = escaped(domainToUnicode(host), { ascii: true });
  return [...rows, ["PUNYCODE", `not the Latin letters that it may look like: ${looks}`]];
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}

/** Shown already, as part of a target or a command. */
const TOLD = new Set(["argv", "command", "command_line", "env", "host", "scheme", "url_path", "port", "path", "name"]);
const SIZES = new Set(["bytes", "stdin_bytes"]);

function attributeRows(attrs: JsonObject, letters: Letters): Row[] {
  return Object.entries(attrs)
    .filter(([name, value]) => !TOLD.has(name) && value !== 0)
    .map(([name, value]): Row => {
      const label = escaped(name.replaceAll("_", " "), letters);
      if (SIZES.has(name) && typeof value === "number") return [label, value.toLocaleString("en-US")];
      return [label, shownValue(typeof value === "string" ? value : JSON.stringify(value), letters)];
    });
}

function shortened(rows: readonly Row[]): Row[] {
  const left = rows.length - MAX_ROWS;
  if (left <= 0) return [...rows];
  return [
    ...rows.slice(0, MAX_ROWS / 2),
    ["...", `${left} more, all of them in the record`],
    ...rows.slice(left + MAX_ROWS / 2),
  ];
}
