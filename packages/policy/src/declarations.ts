/**
 * The rules, tests, secrets, releases and labels of a file, and of all files together: names are given once, a secret that is made
 * from another finds it, and nobody is made from itself.
 */
import { type DeclaredLabel, readLabel } from "./label-table.ts";
import type { SecretSource } from "./local-only-data.ts";
import { type DeclaredNever, readNever } from "./never-table.ts";
import type { PathPlaces } from "./path-pattern.ts";
import type { RawTable } from "./read-tables.ts";
import { type DeclaredRelease, readRelease } from "./release-table.ts";
import { type DeclaredRule, readRule } from "./rule-table.ts";
import { type DeclaredSecret, readSecret } from "./secret-table.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { type DeclaredTest, readTest } from "./test-table.ts";

export interface Tables {
  readonly rules: readonly DeclaredRule[];
  readonly tests: readonly DeclaredTest[];
  readonly nevers: readonly DeclaredNever[];
  readonly secrets: readonly DeclaredSecret[];
  readonly releases: readonly DeclaredRelease[];
  readonly labels: readonly DeclaredLabel[];
}

export const NO_TABLES: Tables = { rules: [], tests: [], nevers: [], secrets: [], releases: [], labels: [] };

export function readDeclarations(tables: readonly RawTable[], places: PathPlaces): Tables {
  const named = (name: string) => tables.filter((table) => table.name === name);
  const present = <T>(one: T | null): readonly T[] => (one === null ? [] : [one]);
  return {
    rules: named("rule").flatMap((table) => present(readRule(table, places))),
    tests: named("test").flatMap((table) => present(readTest(table))),
    nevers: named("never").flatMap((table) => present(readNever(table, places))),
    secrets: named("secret").flatMap((table) => present(readSecret(table, places))),
    releases: named("release").flatMap((table) => present(readRelease(table, places))),
    labels: named("label").flatMap((table) => present(readLabel(table, places))),
  };
}

/** One file may be inherited by several ways; its tables are there once. */
export function joinTables(all: readonly Tables[]): Tables {
  return {
    rules: [...new Set(all.flatMap(({ rules }) => rules))],
    tests: [...new Set(all.flatMap(({ tests }) => tests))],
    nevers: [...new Set(all.flatMap(({ nevers }) => nevers))],
    secrets: [...new Set(all.flatMap(({ secrets }) => secrets))],
    releases: [...new Set(all.flatMap(({ releases }) => releases))],
    labels: [...new Set(all.flatMap(({ labels }) => labels))],
  };
}

/** What only shows once all files are merged. */
export function checkDeclarations(tables: Tables): void {
  for (const list of [tables.rules, tables.secrets, tables.releases, tables.labels]) refuseSameNames(list);
  refuseSharedVariables(tables.secrets);
  for (const secret of tables.secrets) checkExchange(secret, tables.secrets);
}

interface Named {
  readonly table: RawTable;
  readonly data: { readonly name: string };
}

function refuseSameNames(declared: readonly Named[]): void {
  const first = new Map<string, RawTable>();
  for (const { table, data } of declared) {
    const key = data.name.toLowerCase();
    const other = first.get(key);
    if (other === undefined) first.set(key, table);
    else {
      const place = `${other.source.file}:${other.at.line}`;
      table.report(
        table.placeOf(table.has("id") ? "id" : "name"),
        `there is another ${table.name} \`${data.name}\` in ${place}`,
        "rename one of them",
      );
    }
  }
}

/** A script reads a secret by its name or by its variable; each of them must mean one secret. */
function refuseSharedVariables(secrets: readonly DeclaredSecret[]): void {
  const names = new Map(secrets.map(({ data }) => [data.name, data.name] as const));
  for (const { table, data } of secrets) {
    if (data.source.kind !== "env" || data.source.field !== null) continue;
    const variable = data.source.name;
    const other = names.get(variable) ?? data.name;
    names.set(variable, other);
    if (other === data.name) continue;
    const message = `\`${data.source.name}\` means the secret \`${other}\` already`;
    table.report(table.placeOf("env"), message, "declare it once, with several uses");
  }
}

function checkExchange({ table, data }: DeclaredSecret, secrets: readonly DeclaredSecret[]): void {
  if (data.source.kind !== "exchange") return;
  const [from] = table.tables("from");
  const at = from?.placeOf("secret") ?? table.at;
  const names = secrets.map((one) => one.data.name);
  const chain = [data.name];
  let source: SecretSource = data.source;
  while (source.kind === "exchange") {
    const { secret }: { readonly secret: string } = source;
    const next: DeclaredSecret | undefined = secrets.find((one) => one.data.name === secret);
    if (next === undefined) {
      // Told where it stands, not again by those that are made from it.
      if (chain.length === 1) table.report(at, `there is no secret \`${shown(secret)}\``, didYouMean(secret, names));
      return;
    }
    if (chain.includes(secret)) {
      if (secret === data.name) table.report(at, `the secret is made from itself: ${[...chain, secret].join(" <- ")}`);
      return;
    }
    chain.push(secret);
    source = next.data.source;
  }
}
