/**
 * Guards the HTTP server: who may talk to it at all. A request must name this machine as its host and, if it has an
 * origin, this server as that (a web page that was made to resolve to 127.0.0.1, DNS rebinding, has its own name in both),
 * and must bear the token. All of it is settled from the head; nothing of a body was read then.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The one path that is served. */
const ENDPOINT = "/mcp";
const METHODS = ["POST", "GET", "DELETE"];

export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Admission {
  readonly #hosts: readonly string[];
  readonly #origins: readonly string[];
  readonly #token: Buffer;

  constructor(port: number, token: string) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#origins = this.#hosts.map((host) => `http://${host}`);
    this.#token = digest(token);
  }

  /** Null: it may go on. */
  refusal({ method = "", url, headersDistinct }: IncomingMessage): Refusal | null {
    const { host = [], origin = [], authorization = [] } = headersDistinct;
    if ([host, origin, authorization].some((values) => values.length > 1))
      return { status: 400, message: "a header field is there twice" };
    if (!this.#hosts.includes(host[0]?.toLowerCase() ?? "")) return { status: 403, message: "not this host" };
    if (origin[0] !== undefined && !this.#origins.includes(origin[0].toLowerCase()))
      return { status: 403, message: "not from this origin" };
    if (!this.#isBearer(authorization[0])) return UNAUTHORIZED;
    if (url !== ENDPOINT) return { status: 404, message: `only ${ENDPOINT} is served` };
    if (METHODS.includes(method)) return null;
    return { status: 405, message: `use ${METHODS.join(", ")}`, headers: { allow: METHODS.join(", ") } };
  }

  /** In constant time, whatever is given: what is compared are digests, of one length. */
  #isBearer(authorization = ""): boolean {
    const given = /^bearer +([\w.~+/=-]+) *$/i.exec(authorization)?.[1] ?? "";
    return timingSafeEqual(digest(given), this.#token);
  }
}

const UNAUTHORIZED: Refusal = {
  status: 401,
  message: "the token of this server is missing or wrong",
  headers: { "www-authenticate": 'Bearer realm="agent-run"' },
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
