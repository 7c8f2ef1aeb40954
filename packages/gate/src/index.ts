export type * from "@agent-run/policy";
export {
  argumentPaths,
  CODES,
  canonicalAddress,
  canonicalJson,
  canonicalPath,
  canonicalUrl,
  compileGlob,
  FATAL_CODES,
  fail,
  isJsonArray,
  isJsonObject,
  METHOD_CAPABILITY,
  ok,
  readScriptGlob,
  SIGNATURES,
} from "@agent-run/policy";
export { refusalCode } from "./approval.ts";
export * from "./errand.ts";
export { Gate } from "./gate.ts";
export type * from "./operation.ts";
export { defineOperation, deniedBy } from "./operation.ts";
export { InvariantViolation, Permit } from "./permit.ts";
export type * from "./ports.ts";
export type * from "./recorder.ts";
export { REDACT_BANNER, Redactor } from "./redact.ts";
export * from "./token.ts";
export type * from "./vault-message.ts";
