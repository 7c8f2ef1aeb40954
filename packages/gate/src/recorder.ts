import {
  type CanonicalRequest,
  type Capability,
  type Code,
  type Decision,
  isTool,
  type Signature,
  signatureOf,
} from "@agent-run/policy";
import type { ApprovalAnswer } from "./errand.ts";

/** Where the gate writes before and after an effect. False means that it could not be written: nothing may happen. */
export interface Recorder {
  /** Written before the effect; `durable`: on disk (fsync) before this returns. */
  intent(entry: IntentEntry, durable: boolean): boolean;
  approval(entry: ApprovalEntry): boolean;
  /**
   * After the effect. `mayWait`: it changed nothing, so its line may be written together with the next one; the next
   * intent tells if that fails.
   */
  outcome(entry: OutcomeEntry, mayWait: boolean): boolean;
}

export interface IntentEntry {
  readonly seq: number;
  readonly op: string;
  readonly request: CanonicalRequest;
  readonly decision: Decision;
}

export interface ApprovalEntry extends Omit<ApprovalAnswer, "answer" | "hint"> {
  readonly seq: number;
  /**
   * Absent: what the call was settled with. `asked`: the question begins. `late`: an answer to a question that was settled
   * already; `invalid`: one by somebody who may not give it. Neither of these changes anything.
   */
  readonly event?: "asked" | "late" | "invalid";
  readonly answer: string;
  readonly requestHash: string;
}

export interface OutcomeEntry {
  readonly seq: number;
  readonly ok: boolean;
  readonly code: Code | null;
  readonly bytes: number;
  readonly ms: number;
}

/** What an operation says of itself. */
type Defined = { readonly class?: Signature["class"] };

/**
 * What a call may do, by what it touches. Of a tool the policy knows nothing and takes the worst; who defines it says it
 * (`Defined`).
 */
const classesOf = ({ targets }: CanonicalRequest, { class: ofTool }: Defined) =>
  targets.map(({ on }: { readonly on: Capability }) =>
    isTool(on) ? (ofTool ?? signatureOf(on).class) : signatureOf(on).class,
  );

/** Reads and local writes may be synced in a batch; what cannot be undone is on disk before it happens. */
export const isDurable = (request: CanonicalRequest, operation: Defined): boolean =>
  classesOf(request, operation).some((one) => one === "irreversible" || one === "network");

export const isIrreversible = (request: CanonicalRequest, operation: Defined): boolean =>
  classesOf(request, operation).includes("irreversible");

export const isRead = (request: CanonicalRequest, operation: Defined): boolean =>
  classesOf(request, operation).every((one) => one === "read");
