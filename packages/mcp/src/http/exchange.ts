/**
 * One HTTP request and its response between Node's streams and the Web's, which the protocol's transports speak. The body
 * is read here, whole, bounded and as strict UTF-8; a client that hangs up is seen here.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import { MAX_MESSAGE_BYTES } from "../message-lines.ts";
import type { Room } from "../room.ts";

export type Body = { readonly json: unknown } | { readonly status: number; readonly message: string };

/** `room`: for the bodies of all requests that are being read. */
export async function readBody(request: IncomingMessage, room: Room): Promise<Body> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    if (Number(request.headers["content-length"] ?? 0) > MAX_MESSAGE_BYTES) return TOO_LARGE;
    if ((request.headers["content-encoding"] ?? "identity") !== "identity") return CODED;
    // What is too long is refused in words, which a destroyed request could not be.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > MAX_MESSAGE_BYTES) return TOO_LARGE;
      if (!room.take(chunk.length)) return BUSY;
      bytes += chunk.length;
      parts.push(chunk);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
    return { json: JSON.parse(text) as unknown };
  } catch {
    return UNREADABLE;
  } finally {
    room.give(bytes);
  }
}

const TOO_LARGE = { status: 413, message: `a message of more than ${MAX_MESSAGE_BYTES} bytes is not read` };
const CODED = { status: 415, message: "a coded body is not read" };
const BUSY = { status: 503, message: "too much is being read at once: come back later" };
const UNREADABLE = { status: 400, message: "the body is not JSON in UTF-8" };

/** As the transports see it. Aborted when the client hangs up before it has all of its answer. */
export function webRequest(request: IncomingMessage, response: ServerResponse): Request {
  const hungUp = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) hungUp.abort();
  });
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const url = `http://${request.headers.host}${request.url}`;
  return new Request(url, { method: request.method ?? "GET", headers, signal: hungUp.signal });
}

/** Resolves when the client has it, or is away. */
export async function send({ status, headers, body }: Response, response: ServerResponse): Promise<void> {
  response.writeHead(status, { ...Object.fromEntries(headers), "x-content-type-options": "nosniff" });
  if (body === null) {
    response.end();
    return;
  }
  // A proxy or client that waits for the head must not wait for the first event.
  response.flushHeaders();
  await pipeline(Readable.fromWeb(body as ReadableStream), response).catch(() => undefined);
}

/** A request that is not served. What is left of its body is not read: the connection ends. */
export function refuse(
  response: ServerResponse,
  { status, message, headers = {} }: { status: number; message: string; headers?: Readonly<Record<string, string>> },
): void {
  const code = status === 400 ? ProtocolErrorCode.ParseError : ProtocolErrorCode.InvalidRequest;
  const text = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } });
  response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers });
  response.end(text);
}
