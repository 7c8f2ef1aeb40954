/**
 * Whether an answer is one. What this guards: nothing counts that the policy does not take for a person's, a named
 * approver is known by the key alone, and one person counts once, whatever they answer by.
 */
import type { Channel, ChannelName, Reply } from "./channel.ts";
import { isSignedBy } from "./signature.ts";
import type { Scope, Ticket } from "./ticket.ts";

export interface Vote {
  readonly answer: "allow" | "deny";
  readonly channel: ChannelName;
  readonly by: string;
  /** The same for the same person. */
  readonly person: string;
  readonly scope: Scope;
  readonly untilMs?: number;
  readonly covers: "request" | "place";
  readonly comment?: string;
}

/** Null: it is none, for this ticket. */
export function voteOf(ticket: Ticket, given: Reply, from: ChannelName): Vote | null {
  const { answer, scope = "once" } = given;
  if ((answer !== "allow" && answer !== "deny") || !SCOPES.includes(scope)) return null;
  const { signature } = given;
  const signer = signature === undefined ? null : signerOf(ticket, given, signature.name);
  if (signature !== undefined && signer === null) return null;
  const channel = signer === null ? from : "key";
  if (signer === null && ticket.keysOnly) return null;
  if (channel === "option" ? !answersByOption(ticket) : !ticket.channels.includes(channel)) return null;
  const by = signer === null ? oneLine(given.by, 256) : `key:${signature?.name}`;
  const comment = oneLine(given.comment, 500);
  return {
    answer,
    channel,
    by: by === "" ? channel : by,
    person: signer ?? personOf(channel, by),
    scope,
    // Anything but the word is the narrower one.
    covers: given.covers === "place" ? "place" : "request",
    ...(isTime(given.untilMs) ? { untilMs: given.untilMs } : {}),
    ...(comment === "" ? {} : { comment }),
  };
}

/** `--yes` is for what the policy that was named asks of anybody: never for a ceiling's question, nor for a named approver's. */
export const answersByOption = ({ layer, quorum, keysOnly }: Ticket): boolean =>
  layer === "policy" && quorum === 1 && !keysOnly;

/** Named approvers are not expected at this terminal: they may come by another. */
export const isOnlyBeside = ({ beside }: Channel, { keysOnly }: Ticket): boolean => beside === true && !keysOnly;

const SCOPES: readonly Scope[] = ["once", "run", "until", "save"];

const isTime = (ms: number | undefined): ms is number => Number.isSafeInteger(ms) && Number(ms) >= 0;

/** The public key, which is who it is: names are the policy's. */
function signerOf(ticket: Ticket, given: Reply, name: string): string | null {
  const key = Object.hasOwn(ticket.signers, name) ? ticket.signers[name] : undefined;
  return key !== undefined && isSignedBy(key, ticket, given) ? key : null;
}

/** Both terminals are the operator's; an embedder tells people apart, and answers for it. */
function personOf(channel: ChannelName, by: string): string {
  if (channel === "callback") return `callback ${by}`;
  return channel === "terminal" || channel === "command" ? "operator" : channel;
}

/** One line without what could draw: it goes to the record, and to the script. */
export const oneLine = (text: unknown, most: number): string =>
  typeof text === "string"
    ? text
        .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, " ")
        .slice(0, most)
        .trim()
    : "";
