/**
 * Turns an error of sockets, TLS or the HTTP parser into what a script may read. Node's own messages name addresses
 * that a resolver gave and certificates of other hosts; a script learns the host it typed and one of these sentences.
 */
import type { Failure } from "@agent-run/gate";

export type Stage = "connect" | "handshake" | "exchange";

/** `host` as it stands in the canonical URL, with a port that is not the scheme's. */
export function networkFailure(error: unknown, stage: Stage, host: string): Failure {
  const code = errorCode(error);
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) {
    const hint = "certificates are always verified; a CA of your own is added with NODE_EXTRA_CA_CERTS";
    return { code: "E_NETWORK", message: `the certificate of \`${host}\` ${certificate}`, hint };
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return { code: "E_TOO_LARGE", message: `the header of the response of \`${host}\` is too large` };
  }
  const reason = REASON[code] ?? (isParserError(error) ? NOT_HTTP : STAGE[stage]);
  return { code: "E_NETWORK", message: `\`${host}\` ${reason}` };
}

const NOT_HTTP = "answered with something that is not HTTP/1.1";
const CLOSED = "closed the connection before the response was complete";

const STAGE: Record<Stage, string> = {
  connect: "could not be reached",
  handshake: "did not complete a TLS handshake",
  exchange: CLOSED,
};

const REASON: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  EHOSTUNREACH: STAGE.connect,
  ENETUNREACH: STAGE.connect,
  ETIMEDOUT: STAGE.connect,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "sent a response of another length than it announced",
  UND_ERR_INVALID_ARG: "was not asked: the request is not one that HTTP/1.1 can carry",
};

/** What OpenSSL and Node say about certificates; the codes are those of `tls` in the Node documentation. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name",
  HOSTNAME_MISMATCH: "is for another name",
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  CERT_REVOKED: "was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "comes from an unknown CA",
  UNABLE_TO_GET_ISSUER_CERT: "comes from an unknown CA",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "comes from an unknown CA",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes from an unknown CA",
  CERT_UNTRUSTED: "is not trusted",
  CERT_REJECTED: "is not trusted",
  CERT_SIGNATURE_FAILURE: "has a wrong signature",
  CERT_CHAIN_TOO_LONG: "has too long a chain",
  PATH_LENGTH_EXCEEDED: "has too long a chain",
  INVALID_CA: "comes from something that is no CA",
  INVALID_PURPOSE: "is not one for servers",
};

/** undici's parser errors carry a code for some causes only; their name is always there. */
const isParserError = (error: unknown): boolean => error instanceof Error && error.name === "HTTPParserError";

function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
