/**
 * Sends one decided request from the main thread. Nothing here decides: addresses, URL, headers and limits come frozen
 * in the errand. What is not in the errand does not go out: no proxy of the environment, no cookie, no credential, no
 * redirect, no connection of an earlier call.
 */
import { type ErrandAnswer, fail, ok, type PinnedRequest } from "@agent-run/gate";
import { startDeadline } from "./deadline.ts";
import { decodeBody, responseTooLarge } from "./decode.ts";
import { type DialOptions, dial } from "./dial.ts";
import { exchange } from "./exchange.ts";

export async function sendRequest(
  request: PinnedRequest,
  options: DialOptions,
  stop: AbortSignal,
): Promise<ErrandAnswer<"http">> {
  const url = new URL(request.url);
  // What is read here a second time must be what was decided (CHECKED-IS-USED).
  if (url.href !== request.url) return fail({ code: "E_ARGUMENT", message: "the URL is not in its canonical form" });
  const deadline = startDeadline(`the request to \`${url.host}\``, request.timeoutMs, stop);
  try {
    const socket = await dial(url, request.addresses, options, deadline);
    if (!socket.ok) return socket;
    const response = await exchange(url, request, socket.value, deadline);
    if (!response.ok) return response;
    const { status, headers, body } = response.value;
    const coding = headers.find(([name]) => name === "content-encoding")?.[1] ?? "";
    const decoded = await decodeBody(body, coding, request.maxResponseBytes, url.host);
    if (deadline.signal.aborted) return fail(deadline.failure());
    if (!decoded.ok) return decoded;
    if (decoded.value.byteLength > request.maxResponseBytes) {
      return fail(responseTooLarge(url.host, request.maxResponseBytes));
    }
    return ok({ status, headers, body: decoded.value });
  } finally {
    deadline.end();
  }
}
