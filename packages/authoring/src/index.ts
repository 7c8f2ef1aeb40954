/** What people do with a policy before it applies: analyse, lint, test, convert, learn. Pure; loaded on demand. */
export type { PolicyChecks } from "@agent-run/policy";
export * from "./convert/import.ts";
