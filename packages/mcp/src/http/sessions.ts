/**
 * Sessions of clients of the older revisions, which open one by `initialize` and name it in every request. There is a
 * bounded number of them; one that nobody uses ends, with what it has started.
 */
import { randomUUID } from "node:crypto";
import {
  isInitializeRequest,
  ProtocolErrorCode,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";

export interface SessionBounds {
  readonly most: number;
  /** Milliseconds without a request or an open stream. */
  readonly idleMs: number;
}

export const SESSION_BOUNDS: SessionBounds = { most: 64, idleMs: 30 * 60 * 1000 };

/** Milliseconds between two signs of life on a stream. */
export const KEEP_ALIVE_MS = 8000;

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Requests and streams. */
  open: number;
  usedMs: number;
}

export interface SessionAnswer {
  readonly response: Response;
  /** The client has all of it, or is away. */
  done(): void;
}

export class Sessions {
  readonly #connect: () => Server;
  readonly #bounds: SessionBounds;
  readonly #sessions = new Map<string, Session>();
  readonly #sweep: NodeJS.Timeout;

  constructor(connect: () => Server, bounds: SessionBounds) {
    this.#connect = connect;
    this.#bounds = bounds;
    this.#sweep = setInterval(() => this.#endIdle(), Math.min(60_000, bounds.idleMs / 2)).unref();
  }

  async answer(request: Request, parsedBody: unknown): Promise<SessionAnswer> {
    const id = request.headers.get("mcp-session-id");
    const session = id === null ? await this.#begin(parsedBody) : this.#sessions.get(id);
    if (session === undefined)
      return id === null ? refused(503, "too many sessions are open") : refused(404, "there is no such session");
    if (session === null) return refused(400, "no session is named, and `initialize` opens one");
    session.open += 1;
    const done = () => {
      session.open -= 1;
      session.usedMs = Date.now();
    };
    try {
      const given = parsedBody === undefined ? {} : { parsedBody };
      const response = await session.transport.handleRequest(request, given);
      // It was refused before it was one.
      if (session.transport.sessionId === undefined) await session.transport.close();
      return { response, done };
    } catch (error) {
      done();
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions.values()].map(({ transport }) => transport.close()));
  }

  /** Null: this is no request that opens one. Undefined: there is no room. */
  async #begin(body: unknown): Promise<Session | null | undefined> {
    if (!isInitializeRequest(body)) return null;
    if (this.#sessions.size >= this.#bounds.most && !(await this.#endLongestIdle())) return undefined;
    const id = randomUUID();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    const session: Session = { transport, open: 0, usedMs: Date.now() };
    // At once: those that open at the same time are counted, too.
    this.#sessions.set(id, session);
    const server = this.#connect();
    server.onclose = () => this.#sessions.delete(id);
    await server.connect(transport);
    return session;
  }

  #endIdle(): void {
    const since = Date.now() - this.#bounds.idleMs;
    for (const { transport, open, usedMs } of this.#sessions.values()) {
      if (open === 0 && usedMs <= since) void transport.close();
    }
  }

  async #endLongestIdle(): Promise<boolean> {
    const [idle] = [...this.#sessions.values()]
      .filter(({ open }) => open === 0)
      .sort((one, other) => one.usedMs - other.usedMs);
    await idle?.transport.close();
    return idle !== undefined;
  }
}

function refused(status: number, message: string): SessionAnswer {
  const error = { code: ProtocolErrorCode.InvalidRequest, message };
  return { response: Response.json({ jsonrpc: "2.0", id: null, error }, { status }), done: () => undefined };
}
