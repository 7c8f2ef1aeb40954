/**
 * One question under way, for all calls that ask the same. Every channel that counts is asked at once; the first valid no,
 * or as many yeses of different people as the ticket wants, settle it, and what is still shown is taken back. Answers that
 * come afterwards, or that do not count, change nothing and are told.
 */
import { setMaxListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import type { Channel, ChannelName, IdleAnswer, Reply } from "./channel.ts";
import { isOnlyBeside, oneLine, type Vote, voteOf } from "./reply.ts";
import type { Ticket } from "./ticket.ts";

export type Outcome =
  | { readonly answer: "allow" | "deny"; readonly votes: readonly [Vote, ...Vote[]] }
  | { readonly answer: "timeout" | "unavailable"; readonly votes: readonly Vote[] };

/** Answers to one ticket; whoever brings more, without settling it, is not listened to any more. */
const MOST_REPLIES = 100;

export interface QuestionPorts {
  now(): number;
  tell(idle: IdleAnswer): void;
  /** It is settled, or nobody waits any more. */
  over(): void;
}

export class Question {
  readonly ticket: Ticket;
  readonly #ports: QuestionPorts;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<{ readonly ticket: Ticket; readonly resolve: (outcome: Outcome) => void }>();
  /** Of each call that ever waited: for what comes too late. */
  readonly #asked: Ticket[] = [];
  readonly #yes = new Map<string, Vote>();
  #settled = false;
  #taken = 0;
  #open = 0;

  constructor(ticket: Ticket, channels: readonly Channel[], ports: QuestionPorts) {
    this.ticket = ticket;
    this.#ports = ports;
    setMaxListeners(0, this.#stop.signal);
    void this.#ask(channels);
  }

  /** One more call that asks the same. Its run's end takes it out; the last one takes the question back. */
  join(ticket: Ticket, signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve) => {
      const waiting = { ticket, resolve };
      this.#waiting.add(waiting);
      this.#asked.push(ticket);
      const leave = () => {
        if (!this.#waiting.delete(waiting)) return;
        resolve({ answer: "unavailable", votes: [] });
        if (this.#waiting.size === 0) this.#settle({ answer: "unavailable", votes: [] });
      };
      // A run has more questions under way than the ten listeners that Node warns about.
      setMaxListeners(0, signal);
      signal.addEventListener("abort", leave, { once: true });
      this.#stop.signal.addEventListener("abort", () => signal.removeEventListener("abort", leave), { once: true });
      if (signal.aborted) leave();
    });
  }

  async #ask(channels: readonly Channel[]): Promise<void> {
    // Calls that a script starts together are shown as so many.
    await turn();
    if (this.#settled) return;
    const left = this.ticket.expiresMs - this.#ports.now();
    const timer = setTimeout(
      () => this.#settle({ answer: "timeout", votes: [...this.#yes.values()] }),
      Math.max(0, left),
    );
    this.#stop.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    this.#open = channels.filter((channel) => !isOnlyBeside(channel, this.ticket)).length;
    for (const channel of channels) void this.#listen(channel);
    if (channels.length === 0) this.#settle({ answer: "unavailable", votes: [] });
  }

  async #listen(channel: Channel): Promise<void> {
    do {
      const reply = await asked(channel, this.ticket, this.#waiting.size, this.#stop.signal);
      if (reply === null) break;
      this.#take(reply, channel.name);
    } while (channel.signs === true && !this.#settled && this.#taken < MOST_REPLIES);
    if (isOnlyBeside(channel, this.ticket)) return;
    this.#open -= 1;
    // Nobody is left who could answer.
    if (this.#open === 0) this.#settle({ answer: "unavailable", votes: [...this.#yes.values()] });
  }

  #take(reply: Reply, channel: ChannelName): void {
    this.#taken += 1;
    if (this.#settled || this.#ports.now() >= this.ticket.expiresMs) {
      this.#tell("late", reply, channel);
      this.#settle({ answer: "timeout", votes: [] });
      return;
    }
    const vote = voteOf(this.ticket, reply, channel);
    if (vote === null) {
      this.#tell("invalid", reply, channel);
      return;
    }
    if (vote.answer === "deny") this.#settle({ answer: "deny", votes: [vote] });
    else this.#yes.set(vote.person, vote);
    const [first, ...others] = this.#yes.values();
    if (first !== undefined && vote.answer === "allow" && this.#yes.size >= this.ticket.quorum)
      this.#settle({ answer: "allow", votes: [first, ...others] });
  }

  #tell(event: IdleAnswer["event"], reply: Reply, channel: ChannelName): void {
    const answer = reply.answer === "allow" || reply.answer === "deny" ? reply.answer : "neither";
    for (const ticket of this.#asked) this.#ports.tell({ event, ticket, channel, answer, by: oneLine(reply.by, 256) });
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#ports.over();
    this.#stop.abort();
    for (const { resolve } of this.#waiting) resolve(outcome);
    this.#waiting.clear();
  }
}

/** A channel that fails has nobody, and so has one that brings no answer at all. */
async function asked(channel: Channel, ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null> {
  try {
    const reply: unknown = signal.aborted ? null : await channel.ask(ticket, alike, signal);
    return typeof reply === "object" ? (reply as Reply | null) : null;
  } catch {
    return null;
  }
}
