/**
 * Ways to a person. A channel shows a ticket and brings an answer; it decides nothing. What a channel is taken for (a
 * person or not) is settled by the policy's `[approvals]`, not by the channel.
 */
import type { ApprovalAnswer } from "@agent-run/gate";
import type { ApprovalChannel } from "@agent-run/policy";
import type { Scope, Ticket } from "./ticket.ts";

/**
 * `terminal`: the controlling terminal of the run. `elicitation`: the MCP client's form; a client or a hook of it can answer
 * by itself. `command`: `agent-run approvals` at another terminal. `key`: a signature by a key that the policy names.
 * `callback`: the embedder's code. `option`: `--yes`, which answers what the policy itself asks of anybody, and no more.
 */
export type ChannelName = ApprovalChannel | "option";

export interface Reply {
  readonly answer: "allow" | "deny";
  /** Who gave it, as far as the channel knows: `terminal`, `client claude-code`; for the record. */
  readonly by: string;
  /** Of a yes; default: once. */
  readonly scope?: Scope;
  /** Milliseconds of the wall clock, for `until`, and for how long a saved rule holds. */
  readonly untilMs?: number;
  /** Of `save`: this very request (default), or the same place with any number of bytes. */
  readonly covers?: "request" | "place";
  /** Free text of the approver, for the record and for the script's error. */
  readonly comment?: string;
  /** Over all of the above but `by`, and the ticket (signature.ts); with it the answer is that of the key's owner. */
  readonly signature?: { readonly name: string; readonly value: string };
}

export interface Channel {
  readonly name: ChannelName;
  /** It can bring signatures, and several answers to one ticket: it is asked again until the ticket is settled. */
  readonly signs?: true;
  /** Somebody may come by it, but it is not known that anybody is there: it is asked beside others, and not waited for. */
  readonly beside?: true;
  /**
   * Null: nobody is there. `alike`: how many calls wait for the same answer. Aborted when another channel answered first,
   * the ticket's time is over, or the run ended; what is shown is then taken back.
   */
  ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null>;
}

/** What becomes of a ticket. `parked`: nobody is there now; the run ends and can be resumed. */
export interface Settled extends ApprovalAnswer {
  readonly channel?: ChannelName;
  readonly scope?: Scope;
}

/** An answer that settles nothing, for the record of the run: it came too late, or from somebody who may not give it. */
export interface IdleAnswer {
  readonly event: "late" | "invalid";
  readonly ticket: Ticket;
  readonly channel: ChannelName;
  readonly answer: "allow" | "deny" | "neither";
  readonly by: string;
}

/** Where all questions of a process go; made from the policy's `[approvals]` and the channels that are there. */
export interface ApprovalDesk {
  /** `own`: channels of the ticket's run alone, besides those of the desk. */
  settle(ticket: Ticket, signal: AbortSignal, own?: readonly Channel[]): Promise<Settled>;
  /** Forgets what was answered for this run. */
  end(run: string): void;
}
