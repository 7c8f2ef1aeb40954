/**
 * Gets a token with another secret: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4), to the URL that
 * the operator wrote. `id:secret` goes as Basic credentials (section 2.3.1), anything else as a bearer token. The answer
 * stays in the vault: the token is a secret like the one it was got with.
 */
import type { Errands } from "@agent-run/effects/errands";
import { canonicalAddress, type HttpAnswer, type PinnedRequest } from "@agent-run/gate";
import { specialPurpose } from "@agent-run/policy";
import { type Attempt, done, failed } from "./plain.ts";
import { headerValue } from "./substitute/header.ts";

const MAX_RESPONSE = 1024 * 1024;

export async function exchangeToken(
  url: string,
  secret: string,
  timeoutMs: number,
  errands: Errands,
  signal: AbortSignal,
): Promise<Attempt<string>> {
  const authorization = headerValue(
    secret.includes(":") ? `Basic ${Buffer.from(secret, "utf8").toString("base64")}` : `Bearer ${secret}`,
  );
  if (!authorization.ok) return authorization;
  const addresses = await addressesOf(new URL(url).hostname, timeoutMs, errands, signal);
  if (!addresses.ok) return addresses;
  const request: PinnedRequest = {
    method: "POST",
    url,
    addresses: addresses.value,
    headers: [
      ["authorization", authorization.value],
      ["content-type", "application/x-www-form-urlencoded"],
      ["accept", "application/json"],
      ["user-agent", "agent-run"],
    ],
    body: Buffer.from("grant_type=client_credentials"),
    timeoutMs,
    maxResponseBytes: MAX_RESPONSE,
  };
  const answer = await errands.perform({ kind: "http", request }, signal);
  if (!answer.ok) return failed(answer.failure.message);
  const { status, body } = answer.value as HttpAnswer;
  return status === 200 ? done(Buffer.from(body).toString("utf8")) : failed(`the token endpoint answered ${status}`);
}

/** A name may not lead into a special range; an address that the operator wrote, and `localhost`, may be one. */
async function addressesOf(
  host: string,
  timeoutMs: number,
  errands: Errands,
  signal: AbortSignal,
): Promise<Attempt<readonly string[]>> {
  const literal = canonicalAddress(host.replace(/^\[|\]$/g, ""));
  if (literal.ok) return done([literal.value]);
  const answer = await errands.perform({ kind: "resolve", host, timeoutMs }, signal);
  if (!answer.ok) return failed(answer.failure.message);
  const { addresses } = answer.value as { addresses: readonly string[] };
  const special = addresses.find((address) => specialPurpose(address) !== null);
  if (addresses.length === 0 || (special !== undefined && host !== "localhost"))
    return failed(`\`${host}\` leads nowhere`);
  return done(addresses);
}
