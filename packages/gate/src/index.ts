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
export { Budget } from "./budget.ts";
export type { Call } from "./call.ts";
export * from "./errand.ts";
export { type Flow, openFlow } from "./flow.ts";
export { Gate } from "./gate.ts";
export { type AnswerStore, type KeptAnswer, KeptAnswers } from "./kept-answers.ts";
export { LearningDecider } from "./learning/learning-decider.ts";
export type * from "./operation.ts";
export { defineOperation, deniedBy } from "./operation.ts";
export { InvariantViolation, Permit } from "./permit.ts";
export type * from "./ports.ts";
export type * from "./preview.ts";
export type * from "./recorder.ts";
export { isRead } from "./recorder.ts";
export { redactFlow } from "./redact/redact-flow.ts";
export { Redactor } from "./redact.ts";
export { faceOf, type Handle, Handles, type Origin } from "./sealing/handles.ts";
export { Lines } from "./sealing/lines.ts";
export { reads } from "./sealing/orders.ts";
export { PublicFlow, type PublicFlowPorts } from "./sealing/public-flow.ts";
export { publicView } from "./sealing/public-view.ts";
export { useOnly } from "./sealing/refusals.ts";
export { SealedWrites } from "./sealing/sealed-writes.ts";
export { SettleState } from "./sealing/settle.ts";
export * from "./sealing/slot-text.ts";
export * from "./sealing/token.ts";
export { define, type VaultLine } from "./sealing/vault-line.ts";
export * from "./sealing/vault-message.ts";
