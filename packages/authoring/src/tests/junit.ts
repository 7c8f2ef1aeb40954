/**
 * Results as JUnit's XML, which build servers read. Names and paths come from files: what XML gives a meaning is escaped,
 * and what it can not hold at all (control characters, halves of surrogate pairs) is shown as `\u0000`.
 */
import { isJsonArray, type PolicyTest } from "@agent-run/policy";
import { originText } from "./near-cause.ts";
import type { TestResult } from "./run-tests.ts";

/** The tests of one policy. */
export interface TestSuite {
  /** As the operator named it. */
  readonly policy: string;
  readonly results: readonly TestResult[];
}

export function junitOf(suites: readonly TestSuite[]): string {
  const all = suites.flatMap(({ results }) => results);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="agent-run policy test"${countsOf(all)}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function suiteLines({ policy, results }: TestSuite): readonly string[] {
  return [
    `  <testsuite name="${escaped(policy)}"${countsOf(results)}>`,
    ...results.flatMap((result) => caseLines(policy, result)),
    "  </testsuite>",
  ];
}

function caseLines(policy: string, { test, passed, decision, differences, near }: TestResult): readonly string[] {
  const { file, line } = test.at;
  const head = `    <testcase name="${escaped(titleOf(test))}" classname="${escaped(policy)}" file="${escaped(file)}" line="${line}"`;
  if (passed) return [`${head}/>`];
  const by = `decided by ${decision.rule.id}${originText(decision)}`;
  const text = [`${file}:${line}`, ...differences, by, ...(near === null ? [] : [near])].join("\n");
  const message = escaped(differences.join("; "));
  return [
    `${head}>`,
    `      <failure message="${message}" type="policy">${escaped(text)}</failure>`,
    "    </testcase>",
  ];
}

function countsOf(results: readonly TestResult[]): string {
  const failures = results.filter(({ passed }) => !passed).length;
  return ` tests="${results.length}" failures="${failures}" errors="0"`;
}

/** Its name, or the call. */
export function titleOf({ name, given }: PolicyTest): string {
  if (name !== null) return name;
  const { on, ...members } = given.call;
  const words = Object.entries(members).map(([key, value]) => {
    const text = isJsonArray(value)
      ? value.join(" ")
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
    return ["path", "url", "name", "argv", "pattern"].includes(key) ? text : `${key}=${text}`;
  });
  return [on, ...words].join(" ");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\t": "&#9;",
};

/** XML 1.0, section 2.2: what a document may hold; `\r` would be read as a newline. */
const UNFIT = /(?![\n\t])[\p{Cc}\p{Cs}\ufffe\uffff]/gu;

const escaped = (text: string): string =>
  text
    .replace(UNFIT, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/[&<>"'\n\t]/g, (character) => ENTITIES[character] ?? character);
