/** What the ways in (command, MCP server) are made of. What is published as the library is library.ts. */
export type { CallReport, Preview } from "@agent-run/gate";
export { assetsDirectory } from "./assets.ts";
export { actorProblem } from "./circumstances.ts";
export { type Diagnosis, diagnose } from "./diagnose.ts";
export { createRuntime, loadPolicy } from "./library.ts";
export {
  loadText,
  nearestPolicy,
  type OpenedPolicy,
  type OpenPolicyOptions,
  openPolicy,
  readPolicy,
  trustPolicy,
} from "./open-policy.ts";
export { findParked, type ParkedRun } from "./parking/parked-run.ts";
export { launchWorker } from "./parts.ts";
export {
  approvalsDirectory,
  homeDirectories,
  homeDirectory,
  keysDirectory,
  NoStateDirectory,
  stateDirectory,
} from "./places.ts";
export { type RecordedRun, recordedRun } from "./recorded-run.ts";
export type { CheckReport, RunError, RunReport } from "./report.ts";
export { type RunOptions, Runtime, type RuntimeOptions } from "./runtime.ts";
export { isWritable } from "./saved-approvals.ts";
export type { Supervisor } from "./supervisor.ts";
export { version } from "./version.ts";
export { weakSecrets } from "./weak-secrets.ts";
