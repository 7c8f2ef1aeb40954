/** What people do with a policy before it applies: analyse, lay out, lint, test, convert, learn. Pure; loaded on demand. */

export { diffPolicies, type PolicyDiff } from "./analysis/diff.ts";
export { neverProblems, proveNevers } from "./analysis/never.ts";
export { readQuestion, type TypedQuestion } from "./analysis/places.ts";
export {
  type Asked,
  type Difference,
  differences,
  type Need,
  needs,
  type Possibility,
  possible,
  type Question,
  type Unknown,
} from "./analysis/regions.ts";
export { IMPORT_FORMATS, type Imported, type ImportFormat, importPolicy } from "./convert/import.ts";
export { type Migrated, migratePolicy } from "./convert/migrate.ts";
export { type Formatted, formatPolicy } from "./format/format.ts";
export { type LearnInput, learn } from "./learn/learn.ts";
export type { Learned } from "./learn/learned.ts";
export { type RecordedRun, readRecordedRun } from "./learn/recorded-run.ts";
export { type Proposal, type TightenInput, tighten } from "./learn/tighten.ts";
export { tightenedText } from "./learn/tightened-text.ts";
export { type Finding, type Level, RANK } from "./lint/finding.ts";
export { type LintInput, lintPolicy } from "./lint/lint.ts";
export { sarifOf } from "./lint/sarif.ts";
export { registrableDomain } from "./registrable-domain.ts";
export { type Coverage, coverageOf } from "./tests/coverage.ts";
export { junitOf, type TestSuite, titleOf } from "./tests/junit.ts";
export { countMutants } from "./tests/mutant.ts";
export { fatesOf, type MutantFate, type MutationScore, scoreOf } from "./tests/mutation.ts";
export { deciderText } from "./tests/near-cause.ts";
export { type ReadyTest, readyTests } from "./tests/ready-test.ts";
export { runTests, type TestResult } from "./tests/run-tests.ts";
