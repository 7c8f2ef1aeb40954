/** What a lint finds, and the catalogue of what there is to find: id, level, and the sentence that SARIF and docs show. */
import type { RuleRef } from "@agent-run/policy";

/** error: hardly ever meant. warning: look at it. note: could be better. */
export type Level = "error" | "warning" | "note";

export interface Finding {
  readonly lint: LintId;
  readonly level: Level;
  /** What is so, with the call or the pattern that shows it. */
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
  /** The rule that it is about; without a file where it is about the whole policy. */
  readonly rule: RuleRef;
  /** A call that shows it, as `evaluate` takes it. */
  readonly witness?: string;
}

export const LINTS = {
  "violated-never": { level: "error", says: "a `[[never]]` does not hold" },
  "allow-all": { level: "error", says: "a grant covers everything of its kind" },
  "public-suffix": { level: "error", says: "a wildcard covers hosts that anybody can register" },
  "private-address": { level: "error", says: "a metadata service, this machine or its network can be reached" },
  "contradictory-examples": { level: "error", says: "two examples or tests can not both hold" },
  "secret-and-network": { level: "warning", says: "secrets can be read in the open by scripts that reach the network" },
  "any-port": { level: "warning", says: "a host is granted on every port" },
  "runs-code": { level: "warning", says: "a granted command runs any code that it is given" },
  "free-arguments": { level: "warning", says: "arguments of a command are not held against the file rules" },
  "writes-settings": { level: "warning", says: "scripts can write files that other programs run or obey" },
  expired: { level: "warning", says: "a grant has expired" },
  "expires-soon": { level: "note", says: "a grant expires within two weeks" },
  unreachable: { level: "warning", says: "no call can match a rule" },
  shadowed: { level: "warning", says: "stricter rules cover everything that a rule says" },
  redundant: { level: "note", says: "other rules give the same answers without it" },
  unexamined: { level: "note", says: "it is not known whether some rules do anything" },
  "no-limit": { level: "note", says: "a grant with effects has no limit and the policy no budget" },
} as const satisfies Record<string, { level: Level; says: string }>;

export type LintId = keyof typeof LINTS;

export const finding = (
  lint: LintId,
  rule: RuleRef,
  message: string,
  hint: string,
  more: { level?: Level; witness?: string } = {},
): Finding => ({ lint, level: LINTS[lint].level, rule, message, hint, ...more });

/** What is about the policy as a whole stands at its first line. */
export const wholePolicy = (file: string | undefined): RuleRef =>
  file === undefined ? { id: "policy" } : { id: "policy", file, line: 1, column: 1 };

export const RANK: Readonly<Record<Level, number>> = { note: 0, warning: 1, error: 2 };

/** By file and place, the worst first where several are at one place. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const place = ({ rule }: Finding) => rule.file ?? "";
  return [...findings].sort(
    (a, b) =>
      place(a).localeCompare(place(b)) ||
      (a.rule.line ?? 0) - (b.rule.line ?? 0) ||
      (a.rule.column ?? 0) - (b.rule.column ?? 0) ||
      RANK[b.level] - RANK[a.level] ||
      a.lint.localeCompare(b.lint),
  );
}
