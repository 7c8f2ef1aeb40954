/** What people do with a policy before it applies: analyse, lint, test, convert, learn. Pure; loaded on demand. */
export { type Finding, type Level, RANK } from "./lint/finding.ts";
export { type LintInput, lintPolicy } from "./lint/lint.ts";
export { sarifOf } from "./lint/sarif.ts";
