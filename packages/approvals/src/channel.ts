/**
 * Ways to a person. A channel shows a ticket and brings an answer; it decides nothing. What a channel is taken for (a
 * person or not) is settled by the policy's `[approvals]`, not by the channel.
 */
import type { Scope, Ticket } from "./ticket.ts";

/**
 * `terminal`: the controlling terminal of the run. `elicitation`: the MCP client's form; a client or a hook of it can answer
 * by itself. `command`: `agent-run approvals` at another terminal. `key`: a signature by a key that the policy names.
 * `callback`: the embedder's code. `option`: `--yes`.
 */
export type ChannelName = "terminal" | "elicitation" | "command" | "key" | "callback" | "option";

export interface Reply {
  readonly answer: "allow" | "deny";
  /** Who gave it, as far as the channel knows: `terminal`, `key:alice`, `client claude-code`; for the record. */
  readonly by: string;
  /** Of a yes; default: once. */
  readonly scope?: Scope;
  /** Milliseconds of the wall clock, for `until`. */
  readonly untilMs?: number;
  /** Free text of the approver, for the record and for the script's error. */
  readonly comment?: string;
}

export interface Channel {
  readonly name: ChannelName;
  /**
   * Null: nobody is there. `alike`: how many calls wait for the same answer. Aborted when another channel answered first,
   * the ticket's time is over, or the run ended; what is shown is then taken back.
   */
  ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null>;
}

/** What becomes of a ticket. `parked`: nobody is there now; the run ends and can be resumed. */
export interface Settled {
  readonly answer: "allow" | "deny" | "timeout" | "unavailable" | "parked";
  readonly by: string;
  readonly channel: ChannelName | null;
  readonly scope: Scope;
  readonly comment?: string;
}

/** Where all questions of a process go; made from the policy's `[approvals]` and the channels that are there. */
export interface ApprovalDesk {
  settle(ticket: Ticket, signal: AbortSignal): Promise<Settled>;
  /** Forgets what was answered for this run, and takes back what is still shown. */
  end(run: string): void;
}
