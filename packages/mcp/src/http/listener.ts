/**
 * The TCP port of the HTTP server, on loopback only, with bounds on what a connection may take: a client that sends its
 * request drop by drop is cut off, and so is one connection too many.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fail, ok, type Result } from "@agent-run/policy";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Listener {
  readonly port: number;
  /** Until then every request is told to come back. */
  serve(handler: Handler): void;
  /** No new connection is taken; `ms` milliseconds later those that are left are cut. */
  close(ms: number): Promise<void>;
}

const HOST = "127.0.0.1";

const LIMITS = {
  /** Milliseconds for the head of a request, and for all of it. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16 * 1024,
  noDelay: true,
};
const MOST_CONNECTIONS = 1024;

/** `port` 0: any free one. `limits` shortens the times, for tests. */
export async function openListener(port: number, limits: Partial<typeof LIMITS> = {}): Promise<Result<Listener>> {
  let handler: Handler = notYet;
  const server = createServer({ ...LIMITS, ...limits }, (request, response) => handler(request, response));
  server.maxConnections = MOST_CONNECTIONS;
  server.maxHeadersCount = 100;
  const problem = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    server.once("error", resolve);
    server.listen(port, HOST, () => resolve(null));
  });
  if (problem !== null) return fail(unopened(port, problem.code ?? problem.message));
  return ok({
    port: (server.address() as AddressInfo).port,
    serve: (given) => {
      handler = given;
    },
    close: (ms) =>
      new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), ms);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  });
}

const notYet: Handler = (request, response) => {
  request.resume();
  response.writeHead(503, { connection: "close" }).end();
};

function unopened(port: number, code: string) {
  const why = REASONS[code] ?? code;
  return {
    code: "E_CONFIG" as const,
    message: `port ${port} of ${HOST} cannot be opened: ${why}`,
    hint: "name another port, or 0 for any free one",
  };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EACCES: "this account may not open it",
};
