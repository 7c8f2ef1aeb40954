/**
 * What a person is shown of a ticket in the form of an MCP client, and what of the client's answer counts. All that a
 * script could have chosen (names of files, URLs, arguments) is shown as JSON with what is invisible or would be taken for
 * markup escaped, so that it can neither end its quotes nor look like what we say. The answer is a client's: of what is
 * not exactly one of the offered answers nothing counts (DEFAULT-NO).
 */
import { contentText, type Reply, type Ticket } from "@agent-run/approvals";
import { isJsonObject } from "@agent-run/policy";
import { escapedInJson, quoted, visible } from "./quoted.ts";

/** Characters of the target, of the reason, and of the request. */
const MOST_OF_TARGET = 300;
const MOST_OF_REASON = 300;
const MOST_OF_REQUEST = 2000;

/** ECMA-262, 21.4.1.1. */
const LAST_DATE_MS = 8.64e15;

const REFUSE = "refuse";
const ONCE = "allow once";
const RUN = "allow for this run";

/** What clients that render Markdown or HTML would make links, pictures or code of; and letters under piles of marks. */
const MARKUP = /[<`]|(?<=\])\(|(?<=\p{M}\p{M})\p{M}/gu;

/** A form of one flat field, without a default: a client that fills in defaults by itself has answered nothing. */
export const formFor = (ticket: Ticket, keeps: boolean) => ({
  type: "object" as const,
  properties: {
    answer: {
      type: "string" as const,
      title: "Answer",
      description: "anything but an answer of this list is none",
      enum: answersTo(ticket, keeps),
    },
  },
  required: ["answer"],
});

/** What cannot be taken back is never answered for more than once; nor is anything where nothing is kept (`remember`). */
const answersTo = ({ irreversible }: Ticket, keeps: boolean): string[] =>
  irreversible || !keeps ? [REFUSE, ONCE] : [REFUSE, ONCE, RUN];

export function messageFor(ticket: Ticket, alike: number): string {
  const { capability, target, rule, layer, reason, irreversible, request, requestHash, content, expiresMs } = ticket;
  const whose = layer === "policy" ? "" : ` of ${shown(layer.replace(":", " "), MOST_OF_TARGET)}`;
  const lines = [
    `agent-run asks: may this run do ${capability}?`,
    `target: ${shown(target, MOST_OF_TARGET)}`,
    ...(reason === undefined ? [] : [`the policy says why it asks: ${shown(reason, MOST_OF_REASON)}`]),
    ...(irreversible ? ["It cannot be taken back."] : []),
    ...(alike > 1 ? [`${alike} calls wait for this answer.`] : []),
    `exactly this will run: ${cutRequest(request, requestHash)}`,
    ...(content === null ? [] : [`its content: ${contentText(ticket)}`]),
    `asked by rule ${shown(rule, MOST_OF_TARGET)}${whose}; ${untilText(expiresMs)}`,
  ];
  return lines.join("\n");
}

/** A time that no calendar has is no reason not to ask. */
const untilText = (ms: number): string =>
  Math.abs(ms) <= LAST_DATE_MS
    ? `an answer counts until ${new Date(ms).toISOString()}`
    : "an answer counts at any time";

function cutRequest(request: string, hash: string): string {
  const more = request.length - MOST_OF_REQUEST;
  if (more <= 0) return withoutMarkup(visible(request));
  // Cut before it is escaped; half a character at the end is escaped with the rest.
  const begin = withoutMarkup(visible(request.slice(0, MOST_OF_REQUEST)));
  return `${begin}… (${more} more characters; SHA-256 of all of it: ${hash})`;
}

const shown = (text: string, most: number): string => withoutMarkup(quoted(text, most));

const withoutMarkup = (json: string): string => json.replace(MARKUP, escapedInJson);

/** Null: no answer, as the form was closed, or as this is none of the answers that were offered. */
export function answerOf(result: unknown, ticket: Ticket, keeps: boolean): Pick<Reply, "answer" | "scope"> | null {
  if (!isJsonObject(result)) return null;
  const { action, content } = result;
  if (action === "decline") return { answer: "deny" };
  if (action !== "accept" || !isJsonObject(content)) return null;
  const { answer } = content;
  if (Object.keys(content).length !== 1 || typeof answer !== "string") return null;
  if (!answersTo(ticket, keeps).includes(answer)) return null;
  if (answer === REFUSE) return { answer: "deny" };
  return { answer: "allow", scope: answer === RUN ? "run" : "once" };
}
