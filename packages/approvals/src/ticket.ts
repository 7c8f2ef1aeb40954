/**
 * What is asked: one canonical request of one run, once. A ticket is made on the host's side from what the gate was about
 * to do, is shown from those bytes, and dies with its run or when its time is over. Plain data.
 */
import { randomBytes } from "node:crypto";
import type { ApprovalTicket } from "@agent-run/gate";
import { type ApprovalChannel, demandOf, type PolicyData } from "@agent-run/policy";

export interface Ticket extends ApprovalTicket {
  /** The run, as its record is named. */
  readonly run: string;
  /** SHA-256 (hex) of the policy that asks. */
  readonly policyHash: string;
  /** 128 random bits in hex; an answer names it, so that one to another ticket is none to this. */
  readonly nonce: string;
  /** Milliseconds of the wall clock. An answer after `expiresMs` is none. */
  readonly createdMs: number;
  readonly expiresMs: number;
  /** How many different approvers must say yes; one no is a no. */
  readonly quorum: number;
  /** Only a signature by one of `signers` answers it. */
  readonly keysOnly: boolean;
  /** Name to public key: who may sign. */
  readonly signers: Readonly<Record<string, string>>;
  /** Ways that count for it. */
  readonly channels: readonly ApprovalChannel[];
  /** Why it is asked: the rule's `reason`. */
  readonly reason?: string;
  /** Its run has ended and is resumed with the answer: nobody takes that before. */
  readonly parked?: true;
}

/** What is written or sent, for people and for saved rules; null: nothing. A file of an older version does not say it. */
export const contentText = ({ content }: Partial<Pick<Ticket, "content">>): string | null =>
  content ? `${content.as}, sha256 ${content.sha256}` : null;

/** Of a yes. `run`: the same request for the rest of this run; `until`: up to a time; `save`: as a rule, listed and revocable. */
export type Scope = "once" | "run" | "until" | "save";

export function ticketOf(asked: ApprovalTicket, run: string, policy: PolicyData, nowMs: number): Ticket {
  const { quorum, onlySigners, signers, channels, reasons } = demandOf(policy, asked.matched, asked.irreversible);
  return {
    ...asked,
    run,
    policyHash: policy.hash,
    nonce: randomBytes(16).toString("hex"),
    createdMs: nowMs,
    expiresMs: nowMs + policy.approvals.timeoutMs,
    quorum,
    keysOnly: onlySigners,
    signers,
    channels,
    ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }),
  };
}
