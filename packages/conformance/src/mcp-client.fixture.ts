/**
 * Real MCP clients of both protocol generations against the built server, and a bare pipe for what no client would send.
 * Each starts `agent-run mcp` as a child process in a workplace of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { COMMAND, type Workplace } from "./command.ts";

export interface ListedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: object | undefined;
  readonly _meta?: object | undefined;
}

export interface ReadResource {
  readonly uri: string;
  readonly mimeType?: string | undefined;
  readonly text: string;
}

export interface ToolAnswer {
  readonly text: string;
  readonly data: Record<string, unknown>;
  readonly isError: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly progress: number; readonly message?: string | undefined }): void;
}

export interface Session {
  readonly protocol: string | undefined;
  readonly pid: number;
  tools(): Promise<readonly ListedTool[]>;
  /** The answer's data was held against the tool's output schema. */
  call(name: string, given: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  resources(): Promise<readonly { readonly uri: string; readonly name: string }[]>;
  read(uri: string): Promise<ReadResource>;
  /** `ping`, or what the newer revision has in its place. */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}

/** Longer than any test; a client gives up on calls by itself otherwise. */
export const CLIENT_TIMEOUT_MS = 600_000;

export const INFO = { name: "conformance", version: "1" };

/** Title and connection of a client for each generation of the protocol. */
export type Connect = (place: Workplace, env?: Environment, options?: readonly string[]) => Promise<Session>;
/** Variables of the server, beside those of every workplace. */
type Environment = Readonly<Record<string, string>>;

export const GENERATIONS: readonly (readonly [string, Connect])[] = [
  [
    "revision 2026-07-28",
    async (place, env, options) => {
      const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
      const transport = new ModernTransport(launch(place, env, options));
      await client.connect(transport, { timeout: CLIENT_TIMEOUT_MS });
      return sessionOf(client, transport.pid, client.getNegotiatedProtocolVersion());
    },
  ],
  [
    "the older revisions",
    async (place, env, options) => {
      const client = new OlderClient(INFO);
      const transport = new OlderTransport(launch(place, env, options));
      await client.connect(transport, { timeout: CLIENT_TIMEOUT_MS });
      return sessionOf(client, transport.pid, undefined);
    },
  ],
];

export const SERVE = ["mcp", "--policy", "agent-run.toml"];

export const environmentOf = (place: Workplace) => ({
  PATH: process.env.PATH ?? "",
  HOME: place.home,
  XDG_STATE_HOME: place.state,
  COLOUR: "green",
});

export const launch = (place: Workplace, env: Environment = {}, options: readonly string[] = []) => ({
  command: process.execPath,
  args: [COMMAND, ...SERVE, ...options],
  cwd: place.directory,
  env: { ...environmentOf(place), ...env },
  stderr: "ignore" as const,
});

export function sessionOf(
  client: ModernClient | OlderClient,
  pid: number | null | undefined,
  protocol: string | undefined,
): Session {
  const schemas = new Map<string, object>();
  const tools = async () => {
    const listed = (await client.listTools()).tools;
    for (const { name, outputSchema } of listed) if (outputSchema) schemas.set(name, outputSchema);
    return listed;
  };
  return {
    protocol,
    pid: pid ?? -1,
    tools,
    async call(name, given, { signal, onProgress } = {}) {
      if (schemas.size === 0) await tools();
      const options = {
        timeout: CLIENT_TIMEOUT_MS,
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onprogress: onProgress }),
      };
      const params = { name, arguments: given };
      const result =
        client instanceof ModernClient
          ? await client.callTool(params, options)
          : await client.callTool(params, undefined, options);
      return answerOf(result as RawResult, schemas.get(name) ?? {});
    },
    resources: async () => (await client.listResources()).resources,
    async read(uri) {
      const [content] = (await client.readResource({ uri })).contents;
      return { uri: content?.uri ?? "", mimeType: content?.mimeType, text: textIn(content) };
    },
    ping: () => (client instanceof ModernClient ? client.discover() : client.ping()),
    close: () => client.close(),
  };
}

const textIn = (content: object | undefined): string =>
  content !== undefined && "text" in content ? String(content.text) : "";

interface RawResult {
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

function answerOf({ content, structuredContent, isError }: RawResult, schema: object): ToolAnswer {
  const verdict = new AjvJsonSchemaValidator().getValidator(schema)(structuredContent);
  if (!verdict.valid) throw new Error(`the structured result does not fit its schema: ${verdict.errorMessage}`);
  return {
    text: content.map(({ text = "" }) => text).join("\n"),
    data: structuredContent ?? {},
    isError: isError === true,
  };
}

export interface Message {
  readonly jsonrpc: string;
  readonly id?: number | string | null;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The server at the end of a pipe. Every line of its standard output must be a message. */
export class Wire {
  readonly child: ChildProcess;
  readonly messages: Message[] = [];
  readonly exited: Promise<number | null>;
  stderr = "";
  #wake: () => void = () => undefined;

  constructor(place: Workplace, args: readonly string[] = SERVE, more: Environment = {}) {
    const env = { ...environmentOf(place), ...more };
    this.child = spawn(process.execPath, [COMMAND, ...args], { cwd: place.directory, env });
    this.exited = new Promise((resolve) => this.child.once("close", (code) => resolve(code)));
    this.child.stdin?.on("error", () => undefined);
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    if (this.child.stdout === null) throw new Error("the server has no standard output");
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.messages.push(JSON.parse(line) as Message);
      this.#wake();
    });
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  send(message: object): void {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  call(id: number | string, name: string, given: unknown, meta?: object): void {
    const extra = meta === undefined ? {} : { _meta: meta };
    this.send({ id, method: "tools/call", params: { name, arguments: given, ...extra } });
  }

  async initialize(): Promise<void> {
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: INFO };
    this.send({ id: "initialize", method: "initialize", params });
    await this.answer("initialize");
    this.send({ method: "notifications/initialized" });
  }

  answer(id: number | string): Promise<Message> {
    return this.until(() => this.messages.find((message) => message.id === id));
  }

  /** Waits until the server said something that makes `find` succeed; fails if the server ends first. */
  async until<T>(find: () => T | undefined): Promise<T> {
    const ended = this.exited.then(() => true);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const said = new Promise<false>((resolve) => {
        this.#wake = () => resolve(false);
      });
      if ((await Promise.race([said, ended])) && find() === undefined)
        throw new Error(`the server ended first: ${this.stderr}`);
    }
  }
}

/** The last line of a run's record: how it ended. */
export function endOf(record: string): { readonly kind: string; readonly code?: string | null } {
  const lines = readFileSync(record, "utf8").trimEnd().split("\n");
  return JSON.parse(lines.at(-1) ?? "{}") as { kind: string; code?: string | null };
}

/** Waits until a run is on the record, and gives its file. */
export async function recordOf(place: Workplace, which = 0): Promise<string> {
  for (;;) {
    const record = place.records()[which];
    if (record !== undefined && readFileSync(record, "utf8").includes('"kind":"verify"')) return record;
    await sleep(20);
  }
}
