/**
 * Where all questions of a process go. What this guards: a call is done on the yes of people that the policy takes for
 * people, given to this very request, in time; a question that nobody can answer is refused at once; and a script cannot
 * wear anybody down, as it gets only so many questions. It decides who may answer, never what runs.
 */
import type { PolicyData } from "@agent-run/policy";
import type { ApprovalDesk, Channel, ChannelName, IdleAnswer, Settled } from "./channel.ts";
import { Grants, type Kept, questionKey, scopeOf } from "./grants.ts";
import { proposal } from "./proposal.ts";
import { type Outcome, Question } from "./question.ts";
import { answersByOption, isOnlyBeside } from "./reply.ts";
import type { Ticket } from "./ticket.ts";

/** Rules that were saved; a way to them. */
export interface SavedAnswers {
  find(ticket: Ticket, nowMs: number): Kept | null;
  /** False: it could not be written, and is kept for the run only. */
  add(ticket: Ticket, kept: Kept, nowMs: number): boolean;
}

export interface DeskOptions {
  readonly policy: PolicyData;
  readonly channels: readonly Channel[];
  readonly saved?: SavedAnswers;
  /** Milliseconds of the wall clock. */
  readonly now?: () => number;
  /** Answers that settle nothing, for the record. */
  onIdle?(idle: IdleAnswer): void;
}

export class Desk implements ApprovalDesk {
  readonly #policy: PolicyData;
  readonly #channels: readonly Channel[];
  readonly #saved: SavedAnswers | undefined;
  readonly #now: () => number;
  readonly #onIdle: (idle: IdleAnswer) => void;
  readonly #grants: Grants;
  /** Under way, by what they ask. */
  readonly #questions = new Map<string, Question>();
  readonly #promptsOf = new Map<string, number>();
  #prompts = 0;

  constructor({ policy, channels, saved, now = Date.now, onIdle = () => undefined }: DeskOptions) {
    this.#policy = policy;
    this.#channels = channels;
    this.#saved = saved;
    this.#now = now;
    this.#onIdle = onIdle;
    this.#grants = new Grants();
  }

  async settle(ticket: Ticket, signal: AbortSignal, own: readonly Channel[] = []): Promise<Settled> {
    if (signal.aborted) return { answer: "unavailable", by: "nobody" };
    const kept = this.#kept(ticket);
    if (kept !== null) {
      const { covers: _, ...settled } = kept;
      return { answer: "allow", ...settled };
    }
    const key = groupOf(ticket, own);
    const under = key === null ? undefined : this.#questions.get(key);
    if (under !== undefined) return this.#answered(ticket, under, await under.join(ticket, signal));
    const channels = [...this.#channels, ...own].filter((channel) => mayAnswer(channel, ticket));
    if (channels.every((channel) => isOnlyBeside(channel, ticket))) return this.#unavailable(ticket);
    // An option asks nobody.
    if (channels.some(({ name }) => name !== "option") && !channels.some(({ name }) => name === "option")) {
      const hint = this.#countPrompt(ticket);
      if (hint !== null) return { answer: "unavailable", by: "nobody", hint };
    }
    const question = this.#open(ticket, channels, key);
    return this.#answered(ticket, question, await question.join(ticket, signal));
  }

  end(run: string): void {
    this.#grants.end(run);
    this.#promptsOf.delete(run);
  }

  #kept(ticket: Ticket): Kept | null {
    if (ticket.irreversible) return null;
    const now = this.#now();
    const found = this.#grants.find(ticket, now);
    return found ?? (this.#policy.approvals.remember === "save" ? (this.#saved?.find(ticket, now) ?? null) : null);
  }

  /** Where `--yes` answers, nobody else is asked. */
  #open(ticket: Ticket, channels: readonly Channel[], key: string | null): Question {
    const option = channels.filter(({ name }) => name === "option");
    const question: Question = new Question(ticket, option.length > 0 ? option : channels, {
      now: this.#now,
      tell: this.#onIdle,
      over: () => {
        if (key !== null && this.#questions.get(key) === question) this.#questions.delete(key);
      },
    });
    if (key !== null) this.#questions.set(key, question);
    return question;
  }

  #answered(ticket: Ticket, question: Question, outcome: Outcome): Settled {
    const { answer, votes } = outcome;
    const asked = question.ticket.nonce;
    if (answer === "timeout") return { answer, by: "nobody", ticket: asked, ...missing(ticket, votes.length) };
    if (answer === "unavailable") return { ...this.#unavailable(ticket, votes.length), ticket: asked };
    const [first] = votes;
    if (first === undefined) return { answer: "unavailable", by: "nobody" };
    const by = votes.map((vote) => vote.by).join(", ");
    const { channel, comment } = first;
    const told = { by, channel, ticket: asked, ...(comment === undefined ? {} : { comment }) };
    if (answer === "deny") return { answer, ...told };
    return { answer, ...told, ...this.#keep(ticket, question.ticket.run, votes, { by, channel, ticket: asked }) };
  }

  /** `run`: whose question was shown. Nobody was told of another run's, so nothing is kept for it alone. */
  #keep(
    ticket: Ticket,
    run: string,
    votes: Outcome["votes"],
    who: { readonly by: string; readonly channel: ChannelName; readonly ticket: string },
  ): Pick<Kept, "scope" | "untilMs"> {
    const now = this.#now();
    const { remember } = this.#policy.approvals;
    const scope = scopeOf(ticket, votes, remember, now);
    const covers = votes.every((vote) => vote.covers === "place") ? "place" : "request";
    const goesOn = remember === "save" && (scope.scope === "save" || scope.scope === "until");
    if (goesOn && this.#saved?.add(ticket, { ...who, ...scope, covers }, now) === true) return scope;
    if (ticket.run !== run) return { scope: "once" };
    const kept = scope.scope === "save" ? ({ scope: "run" } as const) : scope;
    this.#grants.keep(ticket, { ...who, ...kept });
    return kept;
  }

  /** Null: it may be asked. */
  #countPrompt(ticket: Ticket): string | null {
    const { maxPrompts, maxPromptsPerSession } = this.#policy.approvals;
    const ofRun = this.#promptsOf.get(ticket.run) ?? 0;
    if (ofRun >= maxPrompts) return proposal(this.#policy, ticket, "run", maxPrompts);
    if (this.#prompts >= maxPromptsPerSession) return proposal(this.#policy, ticket, "session", maxPromptsPerSession);
    this.#promptsOf.set(ticket.run, ofRun + 1);
    this.#prompts += 1;
    return null;
  }

  #unavailable(ticket: Ticket, yeses = 0): Settled {
    return { answer: "unavailable", by: "nobody", ...missing(ticket, yeses), ...unanswerable(ticket) };
  }
}

/**
 * Calls with the same are asked about together; null: by itself. Who is there for one run alone (the client that asked for
 * it) does not answer for another, nor does a signature, whose ticket names its run.
 */
function groupOf(ticket: Ticket, own: readonly Channel[]): string | null {
  if (ticket.irreversible) return null;
  const isOfRun = own.length > 0 || ticket.keysOnly || ticket.channels.includes("elicitation");
  return isOfRun ? `${ticket.run} ${questionKey(ticket)}` : questionKey(ticket);
}

function mayAnswer({ name, signs }: Channel, ticket: Ticket): boolean {
  if (name === "option") return answersByOption(ticket);
  const takesKeys = signs === true && ticket.channels.includes("key") && Object.keys(ticket.signers).length > 0;
  return takesKeys || (!ticket.keysOnly && ticket.channels.includes(name));
}

const missing = ({ quorum }: Ticket, yeses: number): { readonly hint?: string } =>
  yeses === 0 ? {} : { hint: `${yeses} of ${quorum} approvers said yes; all of them have to` };

/** Why nobody could be asked, where that is the policy's doing and not this place's. */
function unanswerable({ keysOnly, signers, channels, irreversible }: Ticket): { readonly hint?: string } {
  if (keysOnly && Object.keys(signers).length === 0)
    return {
      hint: "no approver is accepted by all rules that ask, so nobody can answer: look at `approvers` of the rules",
    };
  if (keysOnly && !channels.includes("key"))
    return { hint: "its approvers answer by key, and `[approvals] channels` has no `key`" };
  if (keysOnly)
    return {
      hint: `it is answered by the key of ${Object.keys(signers).join(" or ")}: \`agent-run approvals approve --key FILE\``,
    };
  if (irreversible && channels.length === 0)
    return {
      hint: "nobody may answer for what cannot be taken back: `[approvals] irreversible_channels` has none of `channels`",
    };
  if (irreversible)
    return {
      hint: `what cannot be taken back is answered by ${channels.join(" or ")} (\`[approvals] irreversible_channels\`), and none of them was there`,
    };
  return channels.length > 0 ? {} : { hint: "`[approvals] channels` is empty, so nobody can be asked" };
}
