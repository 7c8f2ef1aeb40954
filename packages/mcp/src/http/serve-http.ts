/**
 * The server over Streamable HTTP, for several clients at once: admission, then the body, then the transport of the
 * client's generation. A client that hangs up has its requests cancelled, in both generations: nothing keeps an answer
 * that nobody took.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Runtime } from "@agent-run/runtime";
import { createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import { Room } from "../room.ts";
import { serverFor, sharedOf } from "../server.ts";
import { Admission } from "./admission.ts";
import { readBody, refuse, send, webRequest } from "./exchange.ts";
import type { Listener } from "./listener.ts";
import { KEEP_ALIVE_MS, SESSION_BOUNDS, type SessionBounds, Sessions } from "./sessions.ts";

export interface McpHttpOptions {
  readonly version: string;
  /** Clients may be asked for approvals; whether their answers count is for the policy to say. Default: true. */
  readonly asksClients?: boolean;
  readonly listener: Listener;
  readonly token: string;
  readonly sessions?: SessionBounds;
  /** What went wrong with the protocol, in a line for standard error. */
  onError(message: string): void;
}

export interface McpHttpHandle {
  /** Interrupts every call, waits until all have ended, and cuts the connections. */
  close(): Promise<void>;
}

/** Bytes of bodies that are being read. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_SUBSCRIPTIONS = 64;
/** Milliseconds that answers have to get out when the server ends. */
const CLOSE_MS = 500;

export function serveMcpHttp(runtime: Runtime, options: McpHttpOptions): McpHttpHandle {
  const { version, listener, token, sessions: bounds = SESSION_BOUNDS, onError } = options;
  const shared = sharedOf(runtime, version, options.asksClients ?? true);
  const admission = new Admission(listener.port, token);
  const sessions = new Sessions(() => serverFor(shared), bounds);
  const modern = createMcpHandler(() => serverFor(shared), {
    legacy: "reject",
    // A stream from the start: it shows signs of life also to clients that ask for no progress.
    responseMode: "sse",
    keepAliveMs: KEEP_ALIVE_MS,
    maxSubscriptions: MOST_SUBSCRIPTIONS,
    onerror: ({ message }) => onError(message),
  });
  const room = new Room(MOST_BYTES);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = admission.refusal(request);
    if (refusal !== null) return refuse(response, refusal);
    const web = webRequest(request, response);
    const body = request.method === "POST" ? await readBody(request, room) : null;
    if (body !== null && !("json" in body)) return refuse(response, body);
    const parsed = body?.json;
    if (!(await isLegacyRequest(web, parsed))) return send(await modern.fetch(web, { parsedBody: parsed }), response);
    const { response: answered, done } = await sessions.answer(web, parsed);
    await send(answered, response).finally(done);
  };

  listener.serve((request, response) => {
    // Sockets fail as they like; what that means is seen where the response closes.
    for (const side of [request, response]) side.on("error", () => undefined);
    answer(request, response).catch((error: unknown) => {
      onError(error instanceof Error ? error.message : String(error));
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: "the server failed" });
    });
  });
  const close = async () => {
    const closed = listener.close(CLOSE_MS);
    await Promise.all([shared.underway.close(), shared.elicitation.close()]);
    // Clients are told how their calls ended before their streams are closed.
    await nextTurn();
    await Promise.all([modern.close(), sessions.close()]);
    await closed;
  };
  return { close };
}
