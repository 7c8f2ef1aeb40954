/** The built server over HTTP, as a process in a workplace of its own, and real clients of both generations to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as OlderClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OlderTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as OlderPort } from "@modelcontextprotocol/sdk/shared/transport.js";
import { COMMAND, type Workplace } from "./command.ts";
import {
  CLIENT_TIMEOUT_MS,
  type Connect,
  environmentOf,
  INFO,
  SERVE,
  type Session,
  sessionOf,
} from "./mcp-client.fixture.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export class HttpServer {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  stderr = "";
  url = "";
  tokenFile = "";

  private constructor(place: Workplace, env: Readonly<Record<string, string>>, options: readonly string[]) {
    const args = [COMMAND, ...SERVE, "--http", "0", ...options];
    this.child = spawn(process.execPath, args, {
      cwd: place.directory,
      env: { ...environmentOf(place), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.exited = new Promise((resolve) => this.child.once("close", (code) => resolve(code)));
  }

  static async start(
    place: Workplace,
    env: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
  ): Promise<HttpServer> {
    const server = new HttpServer(place, env, options);
    await new Promise<void>((resolve) => {
      server.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        server.stderr += text;
        const [, url = "", file = ""] =
          /serving (http\S+\/mcp); its bearer token is in (.+)\n/.exec(server.stderr) ?? [];
        if (url === "") return;
        server.url = url;
        server.tokenFile = file;
        resolve();
      });
      void server.exited.then(() => resolve());
    });
    return server;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get token(): string {
    return readFileSync(this.tokenFile, "utf8").trim();
  }

  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** One request as no client would send it. `null` takes a header away. */
  send(body: string | Buffer | null, { method = "POST", path = "/mcp", headers = {} }: Sending = {}): Promise<Reply> {
    const usual = {
      authorization: `Bearer ${this.token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    };
    const given = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== null);
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port: this.port, method, path, headers: Object.fromEntries(given) as OutgoingHttpHeaders },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
          response.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(body ?? undefined);
    });
  }
}

export interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[] | null>>;
}

export async function modernSession(server: HttpServer): Promise<Session> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(new ModernTransport(new URL(server.url), bearer(server)), { timeout: CLIENT_TIMEOUT_MS });
  return sessionOf(client, server.child.pid, client.getNegotiatedProtocolVersion());
}

export async function olderSession(server: HttpServer): Promise<Session> {
  const client = new OlderClient(INFO);
  const transport = new OlderTransport(new URL(server.url), bearer(server));
  // Its own types do not know `exactOptionalPropertyTypes`.
  await client.connect(transport as OlderPort, { timeout: CLIENT_TIMEOUT_MS });
  return sessionOf(client, server.child.pid, undefined);
}

const bearer = (server: HttpServer) => ({ requestInit: { headers: { authorization: `Bearer ${server.token}` } } });

/** Each connection has a server of its own, which ends with it. */
const own =
  (connect: (server: HttpServer) => Promise<Session>): Connect =>
  async (place, env, options) => {
    const server = await HttpServer.start(place, env, options);
    const session = await connect(server);
    const close = async () => {
      await session.close();
      await server.stop();
    };
    return { ...session, close };
  };

export const HTTP_GENERATIONS: readonly (readonly [string, Connect])[] = [
  ["revision 2026-07-28 over HTTP", own(modernSession)],
  ["the older revisions over HTTP", own(olderSession)],
];
