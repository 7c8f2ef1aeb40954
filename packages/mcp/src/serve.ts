/**
 * The server on standard input and output. Only protocol is written to the output; whatever a script prints travels
 * inside a result. When the input ends, what was read from it is still answered, for a while; when the client goes
 * away, everything that it started ends.
 */
import type { Readable, Writable } from "node:stream";
import type { Runtime } from "@agent-run/runtime";
import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { MAX_MESSAGE_BYTES, MessageLines } from "./message-lines.ts";
import { OpenRequests } from "./open-requests.ts";
import { serverFor, sharedOf } from "./server.ts";

export interface McpOptions {
  readonly version: string;
  /** Clients may be asked for approvals; whether their answers count is for the policy to say. Default: true. */
  readonly asksClients?: boolean;
  readonly input: Readable;
  readonly output: Writable;
  /** Milliseconds that calls may go on after the end of the input. */
  readonly graceMs?: number;
  /** What went wrong with the protocol, in a line for standard error. */
  onError(message: string): void;
}

export interface McpHandle {
  /** The client has all its answers and sends no more requests, or had its time to wait for them, or is away. */
  readonly gone: Promise<void>;
  /** Interrupts every call, waits until all have ended, and lets go of the input. */
  close(): Promise<void>;
}

/** A client that has sent its last request waits for its answers; one that was killed waits for nothing. */
const GRACE_MS = 5000;

export function serveMcp(runtime: Runtime, options: McpOptions): McpHandle {
  const { version, input, output, graceMs = GRACE_MS, onError } = options;
  const shared = sharedOf(runtime, version, options.asksClients ?? true);
  const lines = new MessageLines((id) => tooLong(transport, id, onError));
  const wire = new StdioServerTransport(lines, output, { maxBufferSize: Number.POSITIVE_INFINITY });
  const transport = new OpenRequests(wire);
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) input.once(event, () => resolve());
  });
  const gone = new Promise<void>((resolve) => {
    output.once("error", () => resolve());
    // Behind the lines, which may hold messages that the server has not seen yet.
    void ended.then(() => setImmediate(() => void transport.answered(graceMs).then(resolve)));
  });
  const connection = serveStdio(() => serverFor(shared), {
    transport,
    onerror: ({ message }) => onError(message),
  });
  // The end of the input must not close the transport: it has answers to take.
  input.pipe(lines, { end: false });
  const close = async () => {
    await Promise.all([connection.close(), shared.underway.close(), shared.elicitation.close()]);
    input.unpipe(lines);
  };
  return { gone, close };
}

/** Answered where the id can be found; else the client waits until it gives up. */
function tooLong(transport: OpenRequests, id: string | number | null, onError: McpOptions["onError"]): void {
  const message = `a message of more than ${MAX_MESSAGE_BYTES} bytes was not read`;
  onError(message);
  if (id === null) return;
  const error = { code: ProtocolErrorCode.InvalidRequest, message };
  transport.send({ jsonrpc: "2.0", id, error }).catch(() => undefined);
}
