/**
 * The one way out of a git that works with a credential, and the only place where the credential is: git itself is never
 * given it. Git speaks plain HTTP to this door, on a socket of its own; the door lets through the requests of the smart
 * protocol for exactly one repository, adds the credential, and carries them to the one origin that the policy names,
 * over TLS that it verifies itself. Whatever makes git run code, follow a redirect or call another host, in a repository's
 * settings or in git's own bugs, finds no credential to take along; the most it can do is what the call was for.
 *
 * Who may knock: whoever reaches the socket and knows the door's key, a random word of this call. git reads it from a file
 * in a directory that only its owner can enter; it is in no argument and no variable.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import type { SecureContext } from "node:tls";
import { type Failure, fail, ok, type Result } from "@agent-run/gate";

export const DOOR_KEY_HEADER = "x-agent-run-door";

/** gitprotocol-http: pushing and listing; what a fetch would ask for is the listing's service, too. */
export type GitService = "git-receive-pack" | "git-upload-pack";

export interface DoorTo {
  /** `https://host/owner/repo.git`; plain http for loopback only, as the caller has made sure. */
  readonly remote: URL;
  readonly service: GitService;
  readonly user: string;
  readonly secret: string;
  readonly secureContext: () => SecureContext;
}

export interface Door {
  readonly key: string;
  /** Of TCP on loopback; 0 on a socket file. */
  readonly port: number;
  /** Ends all that is under way. */
  close(): Promise<void>;
}

/** `at`: the path of a socket file, or null for any free port of 127.0.0.1. */
export async function openDoor(to: DoorTo, at: string | null): Promise<Result<Door>> {
  const key = randomBytes(16).toString("hex");
  const server = createServer((request, response) => {
    if (isInvited(request, key, to)) carry(request, response, to);
    else refuse(request, response);
  });
  const isOpen = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    const opened = (): void => resolve(true);
    if (at === null) server.listen(0, "127.0.0.1", opened);
    else server.listen(at, opened);
  });
  if (!isOpen) return fail(noDoor);
  const address = server.address();
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return ok({ key, port: isTcp(address) ? address.port : 0, close });
}

const isTcp = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === "object" && address !== null;

/** Path of the repository at its origin, without a slash at the end. */
export const repositoryPath = (remote: URL): string => remote.pathname.replace(/\/+$/, "");

function isInvited({ method, url, headers }: IncomingMessage, key: string, { remote, service }: DoorTo): boolean {
  const given = Buffer.from(String(headers[DOOR_KEY_HEADER] ?? ""));
  const expected = Buffer.from(key);
  if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return false;
  const path = repositoryPath(remote);
  if (method === "GET") return url === `${path}/info/refs?service=${service}`;
  return method === "POST" && url === `${path}/${service}`;
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(403).end();
}

/** Fields that the smart protocol needs; cookies, challenges and locations are for nobody here. */
const TO_ORIGIN = ["accept", "accept-encoding", "content-encoding", "content-type", "git-protocol", "user-agent"];
const FROM_ORIGIN = ["cache-control", "content-encoding", "content-type"];

/** One request, once: no redirect is followed, no connection kept, nothing repeated. */
function carry(request: IncomingMessage, response: ServerResponse, to: DoorTo): void {
  const { remote, secureContext } = to;
  const options: RequestOptions = {
    agent: false,
    hostname: remote.hostname.replace(/^\[|\]$/g, ""),
    port: remote.port,
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: {
      ...picked(request.headers, TO_ORIGIN),
      host: remote.host,
      authorization: basic(to),
      ...framing(request),
    },
  };
  const outgoing =
    remote.protocol === "https:" ? httpsRequest({ ...options, ...verified(secureContext) }) : httpRequest(options);
  outgoing.on("response", (answer) => {
    const status = answer.statusCode ?? 502;
    // A redirect would be followed without a check, or shown with a location of the origin's choice.
    response.writeHead(status >= 300 && status < 400 ? 502 : status, picked(answer.headers, FROM_ORIGIN));
    // An answer that breaks off ends the other side, too.
    pipeline(answer, response, () => undefined);
  });
  outgoing.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

const verified = (secureContext: DoorTo["secureContext"]) => ({
  secureContext: secureContext(),
  rejectUnauthorized: true,
});

const noDoor: Failure = {
  code: "E_EXEC",
  message: "the command was not run, as nothing could be opened that takes its requests",
  capability: "subprocess.exec",
  hint: "see that the directory for temporary files can be written and has a short name",
};

/** RFC 7617. Base64 of bytes: no credential can end the field. */
const basic = ({ user, secret }: DoorTo): string => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;

function framing({ method, headers }: IncomingMessage): IncomingHttpHeaders {
  const length = headers["content-length"];
  if (method !== "POST") return {};
  return length === undefined ? { "transfer-encoding": "chunked" } : { "content-length": length };
}

const picked = (headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])));
