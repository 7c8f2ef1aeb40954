/**
 * What is asked: one canonical request of one run, once. A ticket is made on the host's side from what the gate was about
 * to do, is shown from those bytes, and dies with its run or when its time is over. Plain data.
 */
import type { ApprovalTicket } from "@agent-run/gate";

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
  /** What it does cannot be taken back: it is answered at a terminal or by a key, and never for more than once. */
  readonly irreversible: boolean;
  /** How many different approvers must say yes; one no is a no. */
  readonly quorum: number;
  /** Who may answer, as `key:NAME` of the policy; empty: whoever the channels take for a person. */
  readonly approvers: readonly string[];
  /** Why it is asked: the rule's `reason`. */
  readonly reason?: string;
}

/** Of a yes. `run`: the same request for the rest of this run; `until`: up to a time; `save`: as a rule, listed and revocable. */
export type Scope = "once" | "run" | "until" | "save";
