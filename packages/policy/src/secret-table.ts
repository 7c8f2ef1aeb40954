/**
 * `[[secret]]`: where a credential comes from and the places where it may go. It is named here, never held: no value of
 * it is part of a policy. What stands in several files (two secrets of one name, circles of `from`) is looked at once
 * all files are merged, in declarations.ts.
 */
import { readCommandName } from "./entry.ts";
import type { SecretData, SecretSource, SecretUse } from "./local-only-data.ts";
import { compilePath, type PathPlaces } from "./path-pattern.ts";
import type { RawTable } from "./read-tables.ts";
import { CONTROL, shown } from "./spelling.ts";
import { canonicalUrl } from "./url.ts";
import { insecurePlace, readUse } from "./use-table.ts";
import { isLoaderVariable } from "./variable.ts";

export interface DeclaredSecret {
  readonly table: RawTable;
  readonly data: SecretData;
  /** Every spelling of its source file. */
  readonly files: readonly string[];
  readonly uses: readonly { readonly table: RawTable; readonly data: SecretUse }[];
}

/** Null where something is wrong with it; then it was reported. */
export function readSecret(table: RawTable, places: PathPlaces): DeclaredSecret | null {
  const name = readTableName(table);
  const uses = table.tables("use").flatMap((one) => {
    const data = readUse(one, name ?? String(table.index));
    return data === null ? [] : [{ table: one, data }];
  });
  const read = readSource(table, places);
  if (table.isList("use") && table.tables("use").length === 0) table.report(table.placeOf("use"), "`use` is empty");
  if (name === null || read === null) return null;
  const ref = { id: `secret.${name}`, file: table.source.file, line: table.at.line };
  const data = { name, source: read.source, data: table.flag("data"), uses: uses.map((one) => one.data), ref };
  return { table, data, files: read.files, uses };
}

/** Of secrets, releases and labels: one word that stands in messages, labels and ids of rules. */
export function readTableName(table: RawTable): string | null {
  const name = table.text("name");
  if (name === null) return null;
  if (/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name.text)) return name.text;
  table.report(
    name.at,
    `\`${shown(name.text)}\` is no name: up to 64 letters, digits, \`_\` and \`-\`, beginning with a letter`,
  );
  return null;
}

interface ReadSource {
  readonly source: SecretSource;
  readonly files: readonly string[];
}

const KINDS = ["env", "file", "command", "from"] as const;

function readSource(table: RawTable, places: PathPlaces): ReadSource | null {
  const [kind, second] = KINDS.filter((one) => table.has(one));
  if (kind === undefined) {
    const message = "`[[secret]]` lacks its source: exactly one of `env`, `file`, `command` and `from`";
    table.report(table.at, message, 'write `env = "STRIPE_KEY"`');
    return null;
  }
  if (second !== undefined) {
    table.report(
      table.placeOf(second),
      `a secret has one source, and \`${kind}\` is given already`,
      "keep one of them",
    );
    return null;
  }
  if (kind === "from") return readExchange(table);
  const field = readField(table);
  if (kind === "env") return readVariable(table, field);
  return kind === "file" ? readFile(table, field, places) : readCommand(table, field);
}

function readField(table: RawTable): string | null {
  const field = table.text("field");
  if (field === null) return null;
  if (/^[^.\p{Cc}]+(?:\.[^.\p{Cc}]+)*$/u.test(field.text) && field.text.length <= 200) return field.text;
  table.report(field.at, "`field` is a path of names with dots between them", 'write `field = "db.password"`');
  return null;
}

function readVariable(table: RawTable, field: string | null): ReadSource | null {
  const text = table.text("env");
  if (text === null) return null;
  const isName = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(text.text);
  if (isName && !isLoaderVariable(text.text)) {
    return { source: { kind: "env", name: text.text, field }, files: [] };
  }
  const what = isName ? "says how processes are started; it holds no secret" : "is not the name of one variable";
  table.report(text.at, `\`${shown(text.text)}\` ${what}`);
  return null;
}

function readFile(table: RawTable, field: string | null, places: PathPlaces): ReadSource | null {
  const text = table.text("file");
  if (text === null) return null;
  const path = compilePath(text.text, places, false);
  if (!path.ok) {
    table.report(text.at, path.message, path.hint);
    return null;
  }
  const [first] = path.exact;
  if (first === undefined || text.text.endsWith("/")) {
    table.report(
      text.at,
      "the source of a secret is one file, named without wildcards",
      "write `\\*` for the character",
    );
    return null;
  }
  return { source: { kind: "file", path: first, field }, files: path.exact };
}

function readCommand(table: RawTable, field: string | null): ReadSource | null {
  const words = table.texts("command");
  const [first] = words;
  if (first === undefined) {
    if (table.isList("command")) table.report(table.placeOf("command"), "`command` is empty");
    return null;
  }
  const name = readCommandName(first.text);
  if (!name.ok) {
    table.report(first.at, name.message, name.hint);
    return null;
  }
  const bad = words.find(({ text }) => CONTROL.test(text));
  if (bad !== undefined) table.report(bad.at, "a word of the command holds a control character");
  return { source: { kind: "command", argv: words.map(({ text }) => text), field }, files: [] };
}

/** Token exchange: the first secret leaves by it, so it goes where secrets may go only (P7). */
function readExchange(table: RawTable): ReadSource | null {
  if (table.has("field")) {
    table.report(
      table.placeOf("field"),
      "the field of an exchange stands inside `from`",
      'write `from = { ..., field = "..." }`',
    );
  }
  const [from] = table.tables("from");
  const [secret, url, field] = ["secret", "url", "field"].map((key) => from?.text(key) ?? null);
  if (from === undefined || !secret || !url || !field) return null;
  const read = canonicalUrl(url.text);
  if (!read.ok) {
    from.report(url.at, read.failure.message);
    return null;
  }
  const { scheme, host, port } = read.value;
  const problem = insecurePlace({ scheme, host, port, path: null });
  if (problem !== null) from.report(url.at, problem.message, "write a URL that begins with `https://`");
  const path = readField(from);
  if (path === null) return null;
  return { source: { kind: "exchange", secret: secret.text, url: read.value.url, field: path }, files: [] };
}
