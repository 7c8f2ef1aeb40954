/** A tool whose run asks, and requests of clients for it, without a wire: what a server would hand to the channel. */
import type { Reply, Ticket } from "@agent-run/approvals";
import type { CallToolResult, InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";
import type { AskingCall, Elicitation } from "./elicitation.ts";
import type { AskingClient } from "./elicitation-client.ts";

export const RUN = "01JTESTTESTTESTTESTTESTTES";

let made = 0;

export function ticketOf(more: Partial<Ticket> = {}): Ticket {
  made += 1;
  const request = '{"attrs":{"bytes":3},"on":"fs.write","targets":[{"kind":"path","value":"/w/out/a.md"}]}';
  return {
    ...{
      seq: 1,
      capability: "fs.write",
      target: "out/a.md",
      requestHash: "ab".repeat(32),
      rule: "requires_approval[0]",
    },
    ...{ layer: "policy", request, run: RUN, policyHash: "cd".repeat(32), nonce: made.toString(16).padStart(32, "0") },
    ...{ createdMs: Date.now(), expiresMs: Date.now() + 60_000, irreversible: false, quorum: 1, keysOnly: false },
    ...{
      place: null,
      preview: null,
      content: null,
      matched: ["requires_approval[0]"],
      signers: {},
      channels: ["elicitation"],
    },
    ...more,
  };
}

export const NEWER: AskingClient = { name: "client test", canElicit: true, asksByResult: true, identity: "one" };
export const OLDER: AskingClient = { ...NEWER, asksByResult: false };

export interface Asked {
  readonly state?: unknown;
  readonly responses?: Record<string, unknown>;
  readonly client?: AskingClient;
  readonly tool?: string;
  readonly given?: unknown;
  readonly signal?: AbortSignal;
  send?(request: unknown, options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** `replies`: what the run got, one after the other; null ended it. `effects`: what it did after each yes. */
export class AskingTool {
  readonly replies: (Reply | null)[] = [];
  effects = 0;
  begun = 0;
  ended = 0;
  readonly #elicitation: Elicitation;
  readonly #tickets: readonly (readonly Ticket[])[];

  /** `tickets`: what it asks about, group after group; those of a group at the same time. */
  constructor(elicitation: Elicitation, tickets: readonly (readonly Ticket[])[]) {
    this.#elicitation = elicitation;
    this.#tickets = tickets;
  }

  request({ state, responses, client = NEWER, tool = "run", given = { script: "1" }, signal, send }: Asked = {}) {
    const mcpReq = {
      requestState: () => state,
      ...(responses === undefined ? {} : { inputResponses: responses }),
      ...(send === undefined ? {} : { send }),
    };
    const call: AskingCall = {
      ...{ tool, given, client, signal: signal ?? new AbortController().signal },
      context: { mcpReq } as unknown as ServerContext,
      refuse: (failure) => textResult(`${failure.code}: ${failure.message}`, true),
      begin: (ended, began) => this.#run(ended, began),
    };
    return this.#elicitation.serve(call);
  }

  async #run(ended: AbortSignal, began: (run: string) => void): Promise<CallToolResult> {
    this.begun += 1;
    began(RUN);
    try {
      for (const group of this.#tickets) {
        const replies = await Promise.all(group.map((ticket) => this.#elicitation.ask(ticket, 1, ended)));
        this.replies.push(...replies);
        if (replies.some((reply) => reply?.answer !== "allow")) return textResult("refused", true);
        this.effects += replies.length;
      }
      return textResult("done", false);
    } finally {
      this.ended += 1;
    }
  }
}

const textResult = (text: string, isError: boolean): CallToolResult => ({ content: [{ type: "text", text }], isError });

export const textOf = (served: CallToolResult | InputRequiredResult): string =>
  "content" in served && Array.isArray(served.content) ? String(served.content[0]?.text) : "input_required";

/** What a client is sent away with. */
export function questionOf(served: CallToolResult | InputRequiredResult) {
  const { requestState, inputRequests } = served as InputRequiredResult;
  if (requestState === undefined || inputRequests === undefined)
    throw new Error(`nothing was asked: ${textOf(served)}`);
  return { state: requestState, keys: Object.keys(inputRequests), requests: inputRequests };
}

export const accept = (answer: unknown = "allow once") => ({ action: "accept", content: { answer } });

/** The answer to every question that was asked. */
export const all = (keys: readonly string[], response: unknown): Record<string, unknown> =>
  Object.fromEntries(keys.map((key) => [key, response]));
