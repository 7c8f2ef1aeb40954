/**
 * The question that a run is parked with, as it lies for `agent-run approvals`, and the answer that it was given meanwhile.
 * An answer counts for the same request under the same policy only; it goes through a desk, as any other.
 */
import {
  Desk,
  type DeskOptions,
  parkedChannel,
  parkedTicket,
  parkTicket,
  type Settled,
  type Ticket,
  unparkTicket,
} from "@agent-run/approvals";
import { canonicalJson, type Json, type PolicyData } from "@agent-run/policy";
import { approvalsDirectory } from "../places.ts";
import { isWritable } from "../saved-approvals.ts";
import { PARKED_MS } from "./expiry.ts";

export class ParkedQuestion {
  readonly #desk: DeskOptions;
  /** Null: scripts could write there, by the rules of their policy. */
  readonly #directory: string | null;
  /** Of the run that is resumed; null: none, or asked anew by now. */
  #before: Ticket | null = null;
  #open: Ticket | null = null;

  /** `resumes`: the run that this one goes on with. */
  constructor(policy: PolicyData, desk: Omit<DeskOptions, "channels">, resumes: string | null) {
    const directory = approvalsDirectory();
    this.#directory = isWritable(policy, directory) ? null : directory;
    this.#desk = { ...desk, channels: this.#directory === null ? [] : [parkedChannel(this.#directory)] };
    if (resumes !== null && this.#directory !== null) this.#before = parkedTicket(this.#directory, resumes, Date.now());
  }

  /** Null: this was not the question, or it has no answer that settles it. */
  async answered(ticket: Ticket, signal: AbortSignal): Promise<Settled | null> {
    const before = this.#before;
    if (before === null || !isSame(before, ticket)) return null;
    this.#before = null;
    const settled = await new Desk(this.#desk).settle(before, signal);
    if (this.#directory !== null) unparkTicket(this.#directory, before);
    return settled.answer === "allow" || settled.answer === "deny" ? settled : null;
  }

  park(ticket: Ticket): void {
    this.#open ??= ticket;
  }

  /** `parked`: whether the run ended with the question open; else nothing of it is left. */
  end(parked: boolean): void {
    if (this.#directory === null) return;
    if (this.#before !== null) unparkTicket(this.#directory, this.#before);
    if (!parked || this.#open === null) return;
    // Without a file for it, the question can still be answered by who resumes the run.
    parkTicket(this.#directory, { ...this.#open, preview: null, expiresMs: Date.now() + PARKED_MS, parked: true });
  }
}

/**
 * The file is the user's own, so a program of the user could have put another ticket in its place: one that is answered by
 * anybody, where the policy names approvers. What is asked and who may answer is therefore that of now, or it is another.
 */
const isSame = (a: Ticket, b: Ticket): boolean => keyOf(a) === keyOf(b);

/** All but what is of one run alone, or for the eye only. */
function keyOf(ticket: Ticket): string {
  const { run, nonce, seq, createdMs, expiresMs, parked, preview, place, ...same } = ticket;
  return canonicalJson(JSON.parse(JSON.stringify(same)) as Json);
}
