/** What people do with a policy before it applies: analyse, lint, test, convert, learn. Pure; loaded on demand. */
export type { PolicyChecks } from "@agent-run/policy";
export { IMPORT_FORMATS, type Imported, type ImportFormat, importPolicy } from "./convert/import.ts";
export { type Migrated, migratePolicy } from "./convert/migrate.ts";
export { type Learned, type LearnInput, learn } from "./learn/learn.ts";
export { type RecordedRun, readRecordedRun } from "./learn/recorded-run.ts";
export { type Proposal, type TightenInput, tighten } from "./learn/tighten.ts";
export { tightenedText } from "./learn/tightened-text.ts";
