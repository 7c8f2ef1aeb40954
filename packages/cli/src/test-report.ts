/** What `policy test` prints: a line for each failing test, totals, what is not covered, which mutants survive. */
import type { Coverage, MutationScore, TestResult } from "@agent-run/authoring";
import type { PolicyProblem, RuleRef } from "@agent-run/policy";
import { printable, printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

export interface PolicyReport {
  readonly policy: string;
  readonly results: readonly TestResult[];
  /** `[[never]]`: how many, and what keeps some from being proved. */
  readonly nevers: { readonly count: number; readonly problems: readonly PolicyProblem[] };
  readonly coverage: Coverage | null;
  readonly mutation: MutationScore | null;
}

/** Loaded on demand, so whoever has it hands it over. */
type Words = Pick<typeof import("@agent-run/authoring"), "titleOf" | "deciderText">;

export function showReport(report: PolicyReport, words: Words, style: Style): string {
  const { policy, results, nevers, coverage, mutation } = report;
  const failed = results.filter(({ passed }) => !passed);
  const counts = `${counted(results.length, "test")}, ${results.length - failed.length} passed, ${failed.length} failed`;
  const verdict = failed.length === 0 && nevers.problems.length === 0 ? style.green("ok") : style.red("failed");
  return [
    ...failed.map((result) => showFailed(result, words, style)),
    ...nevers.problems.map(
      ({ file, line, message }) => `${style.red("FAIL")} ${printableLine(`${file}:${line}: ${message}`)}`,
    ),
    `${verdict}: ${printableLine(policy)}: ${counts}${neversText(nevers)}`,
    ...(coverage === null ? [] : showCoverage(coverage)),
    ...(mutation === null ? [] : showMutation(mutation, style)),
    "",
  ].join("\n");
}

const neversText = ({ count, problems }: PolicyReport["nevers"]): string =>
  count === 0 ? "" : `; ${count} [[never]]${problems.length === 0 ? ", proved" : ", not all proved"}`;

/** One line, so that it can be searched. */
function showFailed({ test, differences, decision, near }: TestResult, words: Words, style: Style): string {
  const place = `${test.at.file}:${test.at.line}`;
  const cause = near === null ? "" : `; ${near}`;
  const says = printableLine(
    `${place}: ${words.titleOf(test)}: ${differences.join(", ")} by ${words.deciderText(decision)}${cause}`,
  );
  return `${style.red("FAIL")} ${says}`;
}

function showCoverage({ rules, seen, outcomes, percent }: Coverage): readonly string[] {
  const all = rules.filter(({ missing }) => missing.length === 0).length;
  const head = `coverage: ${percent} % (${seen} of ${outcomes} outcomes), ${all} of ${counted(rules.length, "rule")} seen from both sides`;
  return [
    head,
    ...rules
      .filter(({ missing }) => missing.length > 0)
      .map(({ rule, missing }) => printableLine(`  ${rule.id}${placeOf(rule)}: ${missing.join("; ")}`)),
  ];
}

function showMutation({ mutants, killed, equivalent, survived, percent }: MutationScore, style: Style) {
  const head = `mutation: ${percent} % (${killed} of ${counted(mutants - equivalent, "mutant")} noticed; ${equivalent} more change no answer)`;
  const shown = new Map<string, string>();
  const lines = survived.flatMap(({ rule, what, fate }) => {
    const says = printableLine(`${rule.id}${placeOf(rule)}: ${what}`);
    const toml = fate.is === "survived" ? (fate.suggestion?.toml ?? null) : null;
    if (toml === null) return [`${style.yellow("survived")} ${says}: no call was found that tells them apart`];
    const before = shown.get(toml);
    if (before !== undefined) return [`${style.yellow("survived")} ${says}: noticed by the same test as ${before}`];
    shown.set(toml, printableLine(`${rule.id}, ${what}`));
    return [`${style.yellow("survived")} ${says}; a test that notices it:`, printable(toml).trimEnd()];
  });
  return [head, ...lines];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const placeOf = ({ file, line }: RuleRef): string => (file === undefined ? "" : ` (${file}:${line ?? 1})`);
