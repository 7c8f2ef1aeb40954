/**
 * One call of a tool whose run may ask a person, from its first request to its result. The run is begun once. While a
 * question waits, the VM, its worker, its gate and its record wait with it; a client that is asked by a result goes away
 * and comes back with the same call, which then goes on with that run. Nothing is run again, so no effect happens twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Reply, Ticket } from "@agent-run/approvals";
import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { type AskingClient, digest } from "./elicitation-client.ts";
import { newNonce, type StateClaims, type StateSeal } from "./elicitation-state.ts";
import { answerOf, formFor, messageFor } from "./elicitation-text.ts";
import { Heartbeat } from "./heartbeat.ts";

/** Milliseconds: what a script asks about at the same time is put into one result. */
const TOGETHER_MS = 10;
/** Milliseconds that a client has to come for the result, once the time of the last question is over. */
const GRACE_MS = 30_000;
/** Nobody is waited for longer than this, however long a question may wait. */
const LONGEST_ABSENCE_MS = 3_600_000;

export type Served = CallToolResult | InputRequiredResult;

interface Question {
  readonly ticket: Ticket;
  readonly alike: number;
  /** `given`: what the client says, in whatever form. */
  answer(given: unknown): void;
}

/** What the client was sent away with. */
interface Away {
  readonly claims: StateClaims;
  readonly keys: ReadonlySet<string>;
  readonly timer: NodeJS.Timeout;
}

/** What a run stands on. */
export interface RunParts {
  readonly seal: StateSeal;
  /** The policy lets a yes be kept for a run. */
  readonly keeps: boolean;
  /** SHA-256 of the tool and its arguments; computed when there is something to ask. */
  callHash(): string;
  /** Starts the run; called once. */
  begin(signal: AbortSignal): Promise<CallToolResult>;
  /** Its result was told, or its client did not come back for it: nobody may ask for it any more. */
  over(): void;
}

export class WaitingRun {
  readonly #parts: RunParts;
  readonly #interrupt = new AbortController();
  readonly #questions = new Map<string, Question>();
  readonly #result: Promise<CallToolResult>;
  #client: AskingClient;
  #context: ServerContext | null = null;
  #away: Away | null = null;
  #onQuestion: () => void = () => undefined;
  #heartbeat: Heartbeat | null = null;
  #doing = "the call waits for its turn";

  constructor(client: AskingClient, parts: RunParts) {
    this.#client = client;
    this.#parts = parts;
    this.#result = parts.begin(this.#interrupt.signal);
    // It may fail while nobody is there to hear of it; and nobody answers for it any more.
    this.#result.catch(() => undefined).finally(() => this.#forget());
  }

  /** The client was asked by a result and is not back yet. */
  get isAway(): boolean {
    return this.#away !== null;
  }

  /** What whoever waits for it is told meanwhile. */
  says(doing: string): void {
    this.#doing = doing;
    this.#heartbeat?.says(doing);
  }

  /** A request of the client about this run: ends with the run's result, or with what must be asked first. */
  async serve(context: ServerContext, client: AskingClient, signal: AbortSignal): Promise<Served> {
    const interrupt = () => this.#interrupt.abort();
    const heartbeat = new Heartbeat(context, this.#doing);
    this.#heartbeat = heartbeat;
    this.#context = context;
    this.#client = client;
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    try {
      for (;;) {
        const result = await Promise.race([this.#result, this.#question()]);
        if (result !== null) return result;
        await sleep(TOGETHER_MS);
        if (this.#questions.size > 0 && !signal.aborted) return this.#sendAway();
      }
    } finally {
      if (this.#away === null) this.#parts.over();
      this.#context = null;
      heartbeat.stop();
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** Of the channel: null where this client cannot be asked, closes the form, or gives no answer that was offered. */
  async ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null> {
    const { canElicit, asksByResult, name } = this.#client;
    if (!canElicit || signal.aborted) return null;
    const given = await (asksByResult ? this.#queue(ticket, alike, signal) : this.#request(ticket, alike, signal));
    const answer = signal.aborted ? null : answerOf(given, ticket, this.#parts.keeps);
    return answer === null ? null : { ...answer, by: name };
  }

  /** Takes the answers; the state is used up then. Or says why it takes nothing. */
  comeBack(claims: StateClaims, answers: Readonly<Record<string, unknown>>): string | null {
    const away = this.#away;
    if (away === null || claims.nonce !== away.claims.nonce) return "this request state was used already";
    const isSame = claims.asked === away.claims.asked && claims.policy === away.claims.policy;
    if (!isSame) return "this request state is of other questions";
    if (Object.keys(answers).some((key) => !away.keys.has(key))) return "there is an answer to what was not asked";
    this.#away = null;
    clearTimeout(away.timer);
    // What is not answered is asked again; what another channel answered meanwhile is not here any more.
    for (const [key, given] of Object.entries(answers)) this.#questions.get(key)?.answer(given);
    return null;
  }

  /** Ends it, whoever is waited for; resolves once the record is finished. */
  async close(): Promise<void> {
    clearTimeout(this.#away?.timer);
    this.#interrupt.abort();
    await this.#result.catch(() => undefined);
    this.#parts.over();
  }

  #forget(): void {
    for (const { answer } of this.#questions.values()) answer(null);
  }

  #question(): Promise<null> {
    return new Promise((resolve) => {
      this.#onQuestion = () => resolve(null);
      if (this.#questions.size > 0) resolve(null);
    });
  }

  /** By a result: shown once the open request has ended with it. */
  #queue(ticket: Ticket, alike: number, signal: AbortSignal): Promise<unknown> {
    const key = `approval-${ticket.nonce}`;
    return new Promise((resolve) => {
      const answer = (given: unknown) => {
        this.#questions.delete(key);
        resolve(given);
      };
      signal.addEventListener("abort", () => answer(null), { once: true });
      this.#questions.set(key, { ticket, alike, answer });
      this.#onQuestion();
    });
  }

  /** By a request of ours inside the client's; taken back when the signal says so. */
  async #request(ticket: Ticket, alike: number, signal: AbortSignal): Promise<unknown> {
    this.says("the call waits for a person");
    const timeout = Math.max(1, ticket.expiresMs - Date.now());
    const params = { message: messageFor(ticket, alike), requestedSchema: formFor(ticket, this.#parts.keeps) };
    try {
      return await this.#context?.mcpReq.send({ method: "elicitation/create", params }, { signal, timeout });
    } catch {
      // It failed in the client, or the client is gone.
      return null;
    } finally {
      this.says("the script is running");
    }
  }

  #sendAway(): InputRequiredResult {
    const asked = [...this.#questions];
    const tickets = asked.map(([, { ticket }]) => ticket);
    const [{ run, policyHash } = { run: "", policyHash: "" }] = tickets;
    const now = Date.now();
    const lastMs = Math.max(...tickets.map(({ expiresMs }) => expiresMs)) + GRACE_MS;
    const expiresMs = Math.min(lastMs, now + LONGEST_ABSENCE_MS);
    const claims: StateClaims = {
      ...{
        run,
        expiresMs,
        nonce: newNonce(),
        policy: policyHash,
        call: this.#parts.callHash(),
        client: this.#client.identity,
      },
      asked: digest(tickets.map(({ nonce, requestHash }) => [nonce, requestHash])),
    };
    const timer = setTimeout(() => void this.close(), expiresMs - now).unref();
    this.#away = { claims, keys: new Set(this.#questions.keys()), timer };
    const requests = asked.map(([key, { ticket, alike }]) => {
      const params = { message: messageFor(ticket, alike), requestedSchema: formFor(ticket, this.#parts.keeps) };
      return [key, { method: "elicitation/create" as const, params }] as const;
    });
    return inputRequired({ inputRequests: Object.fromEntries(requests), requestState: this.#parts.seal.seal(claims) });
  }
}
