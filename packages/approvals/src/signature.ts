/**
 * Ed25519 signatures (RFC 8032) of approvers. Signed is the answer together with the hash of the whole ticket, under a
 * prefix of its own, so that a signature for anything else is none here and one for this ticket is none for another:
 * nonce, run, request, policy and expiry are in the ticket.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { canonicalJson, type Json } from "@agent-run/policy";
import type { Reply } from "./channel.ts";
import type { Ticket } from "./ticket.ts";

const DOMAIN = "agent-run approval v1\n";
const PREFIX = "ed25519:";

type Signed = Pick<Reply, "answer" | "scope" | "untilMs" | "covers" | "comment">;

/** SHA-256 (hex) of the ticket's canonical JSON. */
export const ticketHash = (ticket: Ticket): string =>
  createHash("sha256")
    .update(canonicalJson(ticket as unknown as Json))
    .digest("hex");

function signedBytes(ticket: Ticket, { answer, scope = "once", untilMs, covers = "request", comment }: Signed): Buffer {
  const until = untilMs ?? null;
  const said = { answer, scope, until_ms: until, covers, comment: comment ?? null, ticket: ticketHash(ticket) };
  return Buffer.from(DOMAIN + canonicalJson(said), "utf8");
}

/** `key`: as a policy writes it. */
export function isSignedBy(key: string, ticket: Ticket, reply: Reply): boolean {
  try {
    const publicKey = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: key.slice(PREFIX.length) },
      format: "jwk",
    });
    const value = Buffer.from(reply.signature?.value ?? "", "base64url");
    return value.length === 64 && verify(null, signedBytes(ticket, reply), publicKey, value);
  } catch {
    return false;
  }
}

export const signReply = (secret: KeyObject, ticket: Ticket, reply: Signed): string =>
  sign(null, signedBytes(ticket, reply), secret).toString("base64url");

/** As a policy writes it. */
export const publicKeyText = (secret: KeyObject): string =>
  `${PREFIX}${String(createPublicKey(secret).export({ format: "jwk" }).x)}`;
