/**
 * Files of tests beside a policy, `*.test.toml`: which policy they are about, `[[test]]` as in a policy, and `[[table]]`
 * for many calls of one capability. They grant nothing; a file with anything wrong in it gives no test at all.
 */

import { readPolicyCall } from "./call-table.ts";
import { readCall } from "./call-text.ts";
import type { PolicyCall, PolicyTest } from "./condition.ts";
import type { Effect } from "./decision.ts";
import { Problems, type Source } from "./problem.ts";
import { found, type RawTable, readTables, type Text } from "./read-tables.ts";
import { readOn } from "./rule-table.ts";
import type { Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";
import { readTest } from "./test-table.ts";
import { readToml, type TableNode } from "./toml.ts";
import type { PolicyProblem } from "./world.ts";

export type TestFile =
  | {
      readonly ok: true;
      /** As written: relative to the file of tests. Null: not said. */
      readonly policy: string | null;
      readonly tests: readonly PolicyTest[];
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** Characters: 10,000 tests of one line each and more. */
const MAX_TEXT = 2 * 1024 * 1024;
/** A table multiplies its lists; beyond this a file is a mistake, or an attack on the reader. */
const MAX_TESTS = 50_000;
const KEYS = ["policy", "test", "table"];

export function readTestFile(source: Source): TestFile {
  const problems = new Problems();
  const document = readToml(source, problems, MAX_TEXT);
  const policy = document === null ? null : readPolicyName(document, source, problems);
  const tests = document === null ? [] : readTests(document, source, problems);
  return problems.count > 0 ? { ok: false, problems: problems.all() } : { ok: true, policy, tests };
}

function readPolicyName({ entries }: TableNode, source: Source, problems: Problems): string | null {
  for (const [key, { at }] of entries) {
    if (KEYS.includes(key)) continue;
    const message = `unknown key \`${shown(key)}\` in a file of tests`;
    problems.add(source, at, message, didYouMean(key, KEYS) ?? `there are: ${KEYS.join(", ")}`);
  }
  const policy = entries.get("policy")?.node;
  if (policy === undefined) return null;
  if (policy.kind === "string" && policy.value !== "") return policy.value;
  problems.add(source, policy.at, "`policy` takes the name of a policy, relative to this file");
  return null;
}

function readTests({ entries }: TableNode, source: Source, problems: Problems): readonly PolicyTest[] {
  const [single, tables] = (["test", "table"] as const).map((name) => {
    const node = entries.get(name)?.node;
    return node === undefined ? [] : readTables(name, node, source, problems);
  });
  const tests = (single ?? []).flatMap((table) => readTest(table)?.data ?? []);
  for (const table of tables ?? []) {
    for (const test of testsOf(table)) {
      if (tests.length < MAX_TESTS) tests.push(test);
      else {
        table.report(table.at, `a file holds at most ${MAX_TESTS} tests`, "part it into several files");
        return [];
      }
    }
  }
  return tests;
}

const EFFECTS: readonly Effect[] = ["allow", "ask", "deny"];

function* testsOf(table: RawTable): Generator<PolicyTest> {
  const on = readOn(table);
  const [node] = table.nodes("with");
  const shared = node === undefined ? null : readPolicyCall(table, node);
  const name = table.text("name")?.text ?? null;
  const file = table.source.file;
  if (EFFECTS.every((effect) => !table.has(effect) || (table.isList(effect) && table.texts(effect).length === 0))) {
    table.report(table.at, "`[[table]]` has no entry, so it tests nothing", 'write `deny = ["out/../.env"]`');
  }
  for (const capability of on) {
    for (const effect of EFFECTS) {
      for (const place of table.texts(effect)) {
        const given = callOf(table, capability, place, shared?.call ?? null);
        const { line, column } = place.at;
        if (given !== null)
          yield {
            name: name === null ? null : `${name}: ${capability} ${place.text}`,
            given,
            expect: { effect },
            at: { file, line, column },
          };
      }
    }
  }
}

/** What a capability's one place is called in a call. */
function callOf(table: RawTable, on: Capability, { text, at }: Text, shared: PolicyCall | null): PolicyCall | null {
  const around = { ...shared?.call };
  const circumstances = shared?.circumstances ?? { now: null, actor: null };
  if (on !== "subprocess.exec") {
    const member = on === "env.read" ? "name" : on.startsWith("fs.") ? "path" : "url";
    return { call: { ...around, on, [member]: text }, circumstances };
  }
  const line = readCall(`${on} ${text}`);
  const argv = line.ok ? line.value.argv : null;
  if (!line.ok || !Array.isArray(argv)) {
    table.report(
      at,
      line.ok ? `\`${shown(text)}\` is ${found({ kind: "string", at, value: text })}` : line.failure.message,
    );
    return null;
  }
  return { call: { ...around, on, argv: argv.map(String) }, circumstances };
}
