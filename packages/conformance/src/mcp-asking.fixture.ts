/**
 * Clients of both generations that can be asked, against the built server; and a bare pipe that speaks the newer revision,
 * for what no library's client would send. `Answer` is what stands in for a person, or for a program that poses as one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Workplace } from "./command.ts";
import { CLIENT_TIMEOUT_MS, INFO, launch, type Message, type Session, sessionOf, Wire } from "./mcp-client.fixture.ts";

export interface Form {
  readonly message: string;
  readonly requestedSchema: { readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>> };
}

export type Answer = (form: Form) => Promise<unknown> | unknown;

export const accepting = (answer = "allow once") => ({ action: "accept", content: { answer } });

const CAPABILITIES = { elicitation: { form: {} } };

type Connect = (place: Workplace, answer: Answer) => Promise<Session>;

/** Title and connection of a client that can be asked, for each generation of the protocol. */
export const ASKED_GENERATIONS: readonly (readonly [string, Connect])[] = [
  [
    "revision 2026-07-28",
    async (place, answer) => {
      const client = new ModernClient(INFO, {
        capabilities: CAPABILITIES,
        versionNegotiation: { mode: { pin: "2026-07-28" } },
        inputRequired: { maxRounds: 100 },
      });
      client.setRequestHandler("elicitation/create", async ({ params }) => (await answer(params as Form)) as never);
      const transport = new ModernTransport(launch(place));
      await client.connect(transport, { timeout: CLIENT_TIMEOUT_MS });
      return sessionOf(client, transport.pid, client.getNegotiatedProtocolVersion());
    },
  ],
  [
    "the older revisions",
    async (place, answer) => {
      const client = new OlderClient(INFO, { capabilities: CAPABILITIES });
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => (await answer(params as Form)) as never);
      const transport = new OlderTransport(launch(place));
      await client.connect(transport, { timeout: CLIENT_TIMEOUT_MS });
      return sessionOf(client, transport.pid, undefined);
    },
  ],
];

/** What a run was asked for by a result. */
export interface Question {
  readonly state: string;
  readonly keys: readonly string[];
  readonly forms: readonly Form[];
}

export interface Outcome {
  readonly text: string;
  readonly data: Record<string, unknown>;
  readonly question: Question | null;
}

/** The newer revision at the end of a pipe: each request says who sends it. */
export class AskedWire extends Wire {
  #id = 0;

  /** A call of `run`; `more`: a state, answers. */
  async run(script: string, more: Record<string, unknown> = {}, client = "wire", capabilities: object = CAPABILITIES) {
    return outcomeOf(await this.answer(this.start(script, more, client, capabilities)));
  }

  /** The id of a call that is not waited for. */
  start(script: string, more: Record<string, unknown> = {}, client = "wire", capabilities: object = CAPABILITIES) {
    this.#id += 1;
    const { arguments: given = {}, ...params } = more;
    const meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: client, version: "1" },
      "io.modelcontextprotocol/clientCapabilities": capabilities,
    };
    const all = { name: "run", arguments: { script, ...(given as object) }, ...params, _meta: meta };
    this.send({ id: this.#id, method: "tools/call", params: all });
    return this.#id;
  }
}

export function outcomeOf({ result = {}, error }: Message): Outcome {
  const { content, structuredContent, requestState, inputRequests } = result as {
    content?: readonly { readonly text?: string }[];
    structuredContent?: Record<string, unknown>;
    requestState?: string;
    inputRequests?: Record<string, { readonly params: Form }>;
  };
  const text = error === undefined ? (content ?? []).map((part) => part.text ?? "").join("\n") : error.message;
  if (requestState === undefined || inputRequests === undefined)
    return { text, data: structuredContent ?? {}, question: null };
  const forms = Object.values(inputRequests).map(({ params }) => params);
  return { text, data: {}, question: { state: requestState, keys: Object.keys(inputRequests), forms } };
}

/** The question, or what came in its place. */
export function asked({ question, text }: Outcome): Question {
  if (question === null) throw new Error(`nothing was asked: ${text}`);
  return question;
}

export const replyTo = ({ state, keys }: Question, response: unknown = accepting()) => ({
  requestState: state,
  inputResponses: Object.fromEntries(keys.map((key) => [key, response])),
});

/** Waits until `isSo`; the test's own time limit ends it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}
