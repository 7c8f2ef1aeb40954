/**
 * One request and one response over a connected socket. The other side is hostile: size and number of header fields,
 * bytes of the body and the time for all of it are bounded here or by the deadline. The client lives for this one
 * exchange: no connection, cookie or session is shared between calls.
 */
import type { Socket } from "node:net";
import { type Failure, fail, type HttpAnswer, ok, type PinnedRequest, type Result } from "@agent-run/gate";
import type { Dispatcher } from "undici";
import { loadClient } from "./client.ts";
import type { Deadline } from "./deadline.ts";
import { responseTooLarge } from "./decode.ts";
import { networkFailure } from "./network-failure.ts";
import { ReceivedBytes } from "./received.ts";

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADER_FIELDS = 256;

/** The body is still in its content coding. */
export async function exchange(
  url: URL,
  request: PinnedRequest,
  socket: Socket,
  deadline: Deadline,
): Promise<Result<HttpAnswer>> {
  const Client = await loadClient();
  let handedOver = false;
  const client = new Client(url.origin, {
    // One socket, one request. A client whose socket is dead asks for another one, at once and for ever; there is
    // none. It must not be answered while it is still in the middle of asking.
    connect: (_options, done) => {
      const again = handedOver;
      handedOver = true;
      queueMicrotask(() => (again ? done(new Error("one connection a request"), null) : done(null, socket)));
    },
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  try {
    return await new Promise((settle) => {
      const onAbort = (): void => settle(fail(deadline.failure()));
      deadline.signal.addEventListener("abort", onAbort, { once: true });
      if (deadline.signal.aborted) return onAbort();
      client.dispatch(dispatchOptions(url, request), new ResponseReader(url, request, settle));
    });
  } finally {
    socket.destroy();
    await client.destroy();
  }
}

function dispatchOptions(url: URL, request: PinnedRequest): Dispatcher.DispatchOptions {
  return {
    path: url.pathname + url.search,
    method: request.method,
    headers: request.headers.flat(),
    body: request.body,
    // Never sent a second time, whatever the method.
    idempotent: false,
    reset: true,
  };
}

type Settle = (answer: Result<HttpAnswer>) => void;

class ResponseReader implements Dispatcher.DispatchHandler {
  readonly #url: URL;
  readonly #request: PinnedRequest;
  readonly #settle: Settle;
  readonly #body: ReceivedBytes;
  #status = 0;
  #headers: HttpAnswer["headers"] = [];

  constructor(url: URL, request: PinnedRequest, settle: Settle) {
    this.#url = url;
    this.#request = request;
    this.#settle = settle;
    // Coded bytes may be a little more than what they hold; far more would be padding without end.
    this.#body = new ReceivedBytes(request.maxResponseBytes + 64 * 1024);
  }

  onRequestStart(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Called for interim responses (1xx), too; the last one counts.
    const raw = controller.rawHeaders;
    const fields = Array.isArray(raw) ? raw : [];
    if (fields.length / 2 > MAX_HEADER_FIELDS) {
      const message = `the response of \`${this.#url.host}\` has more than ${MAX_HEADER_FIELDS} header fields`;
      this.#giveUp(controller, { code: "E_TOO_LARGE", message });
      return;
    }
    this.#status = status;
    this.#headers = joinFields(fields);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#body.add(chunk)) return;
    this.#giveUp(controller, responseTooLarge(this.#url.host, this.#request.maxResponseBytes));
  }

  onResponseEnd(): void {
    this.#settle(ok({ status: this.#status, headers: this.#headers, body: this.#body.bytes() }));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(fail(networkFailure(error, "exchange", this.#url.host)));
  }

  #giveUp(controller: Dispatcher.DispatchController, failure: Failure): void {
    this.#settle(fail(failure));
    controller.abort(new Error(failure.message));
  }
}

/** Lower-case names in the order of their first appearance; bytes as Latin-1 (RFC 9110 section 5.5). */
function joinFields(raw: readonly (Buffer | string)[]): HttpAnswer["headers"] {
  const joined = new Map<string, string>();
  const cookies: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = fieldText(raw[index]).toLowerCase();
    const value = fieldText(raw[index + 1]);
    const before = joined.get(name);
    if (name === "set-cookie") cookies.push([name, value]);
    else joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return [...joined, ...cookies];
}

const fieldText = (field: Buffer | string | undefined): string =>
  typeof field === "string" ? field : (field ?? Buffer.alloc(0)).toString("latin1");
