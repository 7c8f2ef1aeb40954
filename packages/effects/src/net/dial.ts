/**
 * Opens the connection of a request to one of the addresses that were decided, and to no other (CHECKED-IS-USED): the
 * socket is dialled by literal address, no resolver is involved, so a name that changes its mind (DNS rebinding) changes
 * nothing. The name is used for SNI and for the certificate only; verification cannot be switched off.
 */
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import { fail, ok, type Result } from "@agent-run/gate";
import type { Deadline } from "./deadline.ts";
import { networkFailure } from "./network-failure.ts";
import { ownPortRefusal } from "./own-port.ts";

/** Milliseconds for an address that does not answer at all, as long as another one is left to try. */
const ATTEMPT_MS = 3000;

export interface DialOptions {
  /** Read only for https. */
  secureContext(): SecureContext;
  /** Ports of this machine on which agent-run listens. */
  readonly listeners: readonly number[];
}

/** Addresses are tried in order. The socket comes back connected and, for https, verified. */
export async function dial(
  url: URL,
  addresses: readonly string[],
  options: DialOptions,
  deadline: Deadline,
): Promise<Result<Socket>> {
  const refusal = ownPortRefusal(url, addresses, portOf(url), options.listeners);
  if (refusal !== null) return fail(refusal);
  const socket = await connectToFirst(url, addresses, deadline);
  if (!socket.ok || url.protocol !== "https:") return socket;
  return secure(url, socket.value, options.secureContext(), deadline);
}

async function connectToFirst(url: URL, addresses: readonly string[], deadline: Deadline): Promise<Result<Socket>> {
  let last: unknown = new Error("no address");
  for (const [index, address] of addresses.entries()) {
    const isLast = index === addresses.length - 1;
    const outcome = await connectTo(address, portOf(url), isLast ? null : ATTEMPT_MS, deadline.signal);
    if (!(outcome instanceof Error)) return ok(outcome);
    if (deadline.signal.aborted) return fail(deadline.failure());
    last = outcome;
  }
  return fail(networkFailure(last, "connect", url.host));
}

async function connectTo(
  address: string,
  port: number,
  patienceMs: number | null,
  signal: AbortSignal,
): Promise<Socket | Error> {
  const socket = connect({ host: address, port, lookup: noLookup, autoSelectFamily: false, noDelay: true });
  const timer = patienceMs === null ? undefined : setTimeout(() => socket.destroy(), patienceMs);
  const outcome = await reached(socket, "connect", signal);
  clearTimeout(timer);
  return outcome;
}

async function secure(
  url: URL,
  socket: Socket,
  secureContext: SecureContext,
  deadline: Deadline,
): Promise<Result<Socket>> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secured: TLSSocket = connectTls({
    socket,
    host,
    // SNI holds names only (RFC 6066 section 3); for an address the certificate is checked against `host`.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext,
    // Explicit, because the default follows NODE_TLS_REJECT_UNAUTHORIZED.
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
  });
  const outcome = await reached(secured, "secureConnect", deadline.signal);
  if (!(outcome instanceof Error) && outcome.authorized) return ok(outcome);
  socket.destroy();
  secured.destroy();
  if (deadline.signal.aborted) return fail(deadline.failure());
  return fail(networkFailure(outcome, "handshake", url.host));
}

/** Waits for a socket to get there; destroys it if it does not. */
function reached<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S | Error> {
  return new Promise((settle) => {
    const finish = (outcome: S | Error): void => {
      signal.removeEventListener("abort", onAbort);
      // The error listener stays: an error between here and the first use must not be an uncaught one.
      if (outcome instanceof Error) socket.destroy();
      settle(outcome);
    };
    const onAbort = (): void => finish(new Error("given up"));
    socket.once(event, () => finish(socket));
    socket.on("error", finish);
    socket.once("close", () => finish(new Error("closed")));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** Never called for a literal address. Whatever else gets here (a name, a path, nothing) is not dialled. */
const noLookup: LookupFunction = (_host, _options, callback) =>
  callback(new Error("names are not resolved here"), "", 4);

const portOf = (url: URL): number => (url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port));
