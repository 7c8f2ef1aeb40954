/**
 * The second terminal: a pending ticket lies as a file in the state directory, and `agent-run approvals` puts an answer
 * beside it. Names hold the ticket's 128 random bits, files and directories are this user's alone, and an answer is taken
 * once. Who is this user's program can write such an answer, too: where that matters, the policy names approvers by key.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, Reply } from "./channel.ts";
import { createOwn, namesIn, ownDirectory, readOwn, removeOwn } from "./own-files.ts";
import { ticketHash } from "./signature.ts";
import type { Ticket } from "./ticket.ts";

const EVERY_MS = 100;

const ticketsIn = (directory: string): string => join(directory, "pending");
const answersIn = (directory: string): string => join(directory, "answers");

/** `waits`: it is somebody who may be waited for, and not only another way beside one who is there. */
export function commandChannel(directory: string, waits: boolean): Channel {
  return {
    name: "command",
    signs: true,
    ...(waits ? {} : { beside: true }),
    async ask(ticket, _alike, signal) {
      const path = join(ownDirectory(ticketsIn(directory)), `${ticket.nonce}.json`);
      if (createOwn(path, JSON.stringify(ticket)))
        signal.addEventListener("abort", () => removeAll(directory, ticket), { once: true });
      while (!signal.aborted) {
        const reply = takeAnswer(directory, ticket);
        if (reply !== null) return reply;
        await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
      return null;
    },
  };
}

const namesOfAnswers = (directory: string, { nonce }: Ticket): readonly string[] =>
  namesIn(answersIn(directory)).filter((name) => name.startsWith(`${nonce}.`));

function takeAnswer(directory: string, ticket: Ticket): Reply | null {
  for (const name of namesOfAnswers(directory, ticket)) {
    const path = join(answersIn(directory), name);
    try {
      const text = readOwn(path);
      if (text !== null) return readAnswer(text, ticket);
    } catch {
      // Not ours, or no answer: as if it were not there.
    } finally {
      removeOwn(path);
    }
  }
  return null;
}

/** To what was shown: where somebody put another text in the ticket's place, the answer is none. */
function readAnswer(text: string, ticket: Ticket): Reply {
  const { shown, ...said } = JSON.parse(text) as Reply & { readonly shown?: unknown };
  // A name is proved by a signature; whoever writes a file is no more than this way.
  const reply = { ...said, by: "command" };
  return shown === ticketHash(ticket) ? reply : { ...reply, answer: "neither" as "deny" };
}

function removeAll(directory: string, ticket: Ticket): void {
  removeOwn(join(ticketsIn(directory), `${ticket.nonce}.json`));
  for (const name of namesOfAnswers(directory, ticket)) removeOwn(join(answersIn(directory), name));
}

/** Those that are waited for; what is over, as after a crash, is swept away. */
export function pendingTickets(directory: string, nowMs: number): readonly Ticket[] {
  return namesIn(ticketsIn(directory)).flatMap((name) => {
    const path = join(ticketsIn(directory), name);
    const ticket = /^[0-9a-f]{32}\.json$/.test(name) ? readTicket(path) : null;
    if (ticket === null || `${ticket.nonce}.json` !== name) return [];
    if (nowMs < ticket.expiresMs) return [ticket];
    removeAll(directory, ticket);
    return [];
  });
}

function readTicket(path: string): Ticket | null {
  try {
    const value = JSON.parse(readOwn(path) ?? "null") as Ticket | null;
    return typeof value === "object" && typeof value?.expiresMs === "number" ? value : null;
  } catch {
    return null;
  }
}

/** Of a run that ended with this question: it lies there until the run is resumed, or its time is over. */
export function parkTicket(directory: string, ticket: Ticket): boolean {
  return createOwn(join(ownDirectory(ticketsIn(directory)), `${ticket.nonce}.json`), JSON.stringify(ticket));
}

/** The question that this run was parked with, if it still lies there. */
export const parkedTicket = (directory: string, run: string, nowMs: number): Ticket | null =>
  pendingTickets(directory, nowMs).find((ticket) => ticket.parked === true && ticket.run === run) ?? null;

/** What was answered while the run was parked; it waits for nothing. */
export const parkedChannel = (directory: string): Channel => ({
  name: "command",
  signs: true,
  ask: async (ticket) => takeAnswer(directory, ticket),
});

/** It was asked anew, or its run is over. */
export const unparkTicket = (directory: string, ticket: Ticket): void => removeAll(directory, ticket);

/** How long whoever asks has to take an answer, in milliseconds. */
const TAKEN_WITHIN_MS = 3000;

/** False: nobody took it; the question was settled meanwhile. That of a parked run is taken when it is resumed. */
export async function answerPending(directory: string, ticket: Ticket, reply: Reply): Promise<boolean> {
  const path = join(ownDirectory(answersIn(directory)), `${ticket.nonce}.${process.pid}.json`);
  if (!createOwn(path, JSON.stringify({ ...reply, shown: ticketHash(ticket) }))) return false;
  if (ticket.parked === true) return true;
  for (let waited = 0; waited < TAKEN_WITHIN_MS; waited += EVERY_MS) {
    if (!namesOfAnswers(directory, ticket).includes(`${ticket.nonce}.${process.pid}.json`)) return true;
    await sleep(EVERY_MS);
  }
  removeOwn(path);
  return false;
}
