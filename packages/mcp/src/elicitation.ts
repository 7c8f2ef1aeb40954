/**
 * The approval channel of an MCP server: it asks through the client whose call the run belongs to. In older revisions that
 * is a request inside the client's; from 2026-07-28 on the call ends with `input_required` and comes back with the answers.
 * Who answers is a client, by the name it gives itself, not a person: whether that counts is for the policy to say.
 */
import type { Channel, Reply, Ticket } from "@agent-run/approvals";
import type { Failure, Json } from "@agent-run/policy";
import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import { type AskingClient, digest } from "./elicitation-client.ts";
import { newNonce, type StateClaims, StateSeal } from "./elicitation-state.ts";
import { type Served, WaitingRun } from "./waiting-run.ts";

/** Runs whose clients were sent away and are not back, over all clients; more are not asked about. */
const MOST_AWAY = 256;

/** One request for a tool. */
export interface AskingCall {
  readonly tool: string;
  readonly given: unknown;
  readonly context: ServerContext;
  readonly client: AskingClient;
  /** The client cancelled this request, or the server closes. */
  readonly signal: AbortSignal;
  /** What says why a request with a state, or with answers, is not taken. */
  refuse(failure: Failure): CallToolResult;
  /** Does the tool's work; for a first request only. `began`: to be told the name of the run. */
  begin(signal: AbortSignal, began: (run: string) => void): Promise<CallToolResult> | CallToolResult;
}

export class Elicitation implements Channel {
  readonly name = "elicitation";
  readonly #seal = new StateSeal();
  readonly #keeps: boolean;
  /** Begun and not told the result of, by the names of their records. */
  readonly #runs = new Map<string, WaitingRun>();

  /** `remember`: of the policy's `[approvals]`. */
  constructor(remember: "never" | "run" | "save") {
    this.#keeps = remember !== "never";
  }

  async ask(ticket: Ticket, alike: number, signal: AbortSignal): Promise<Reply | null> {
    const away = [...this.#runs.values()].filter(({ isAway }) => isAway).length;
    return away < MOST_AWAY ? ((await this.#runs.get(ticket.run)?.ask(ticket, alike, signal)) ?? null) : null;
  }

  /** Serves one request for a tool: a first one, or one that comes back with a state and answers. */
  async serve(call: AskingCall): Promise<Served> {
    const { requestState, inputResponses } = call.context.mcpReq;
    const state = requestState<unknown>();
    if (state !== undefined) return this.#again(call, state, inputResponses ?? {});
    if (inputResponses !== undefined) return call.refuse(unfit("there are answers, and nothing was asked"));
    return this.#first(call);
  }

  /** Ends all runs whose clients are away; resolves once their records are finished. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.close()));
  }

  async #first({ tool, given, context, client, signal, begin }: AskingCall): Promise<Served> {
    const names: string[] = [];
    const waiting = new WaitingRun(client, {
      seal: this.#seal,
      keeps: this.#keeps,
      callHash: () => callHash(tool, given),
      begin: async (ended) => {
        // A run may begin at once, and is put down under its name then.
        await null;
        return begin(ended, (run) => {
          names.push(run);
          this.#runs.set(run, waiting);
          waiting.says("the script is running");
        });
      },
      over: () => {
        for (const run of names) this.#runs.delete(run);
      },
    });
    return waiting.serve(context, client, signal);
  }

  async #again(call: AskingCall, state: unknown, answers: Readonly<Record<string, unknown>>): Promise<Served> {
    const claims = this.#seal.open(state);
    if (claims === null) return call.refuse(unfit("this request state was not made by this server, or was changed"));
    const problem = problemOf(claims, call);
    if (problem !== null) return call.refuse(problem);
    const waiting = this.#runs.get(claims.run);
    if (waiting === undefined) return call.refuse(unfit("the run has ended"));
    const refused = waiting.comeBack(claims, answers);
    if (refused !== null) return call.refuse(unfit(refused));
    return waiting.serve(call.context, call.client, call.signal);
  }
}

/** Null: the state is of this client, of this call, and still good. */
function problemOf(claims: StateClaims, { tool, given, client }: AskingCall): Failure | null {
  if (claims.client !== client.identity) return unfit("this request state is of another client or session");
  if (claims.call !== callHash(tool, given))
    return unfit("the tool or its arguments are not those of the call that was asked about");
  if (Date.now() < claims.expiresMs) return null;
  return { code: "E_APPROVAL_TIMEOUT", message: "the time of this request state is over", hint: AGAIN };
}

/** Of no call that can be made, where arguments are nested too deep to be hashed. */
function callHash(tool: string, given: unknown): string {
  try {
    return digest([tool, given as Json]);
  } catch {
    return newNonce();
  }
}

const AGAIN = "call the tool again without a request state: that begins a new run";
const unfit = (message: string): Failure => ({ code: "E_ARGUMENT", message, hint: AGAIN });
