/** HMAC (RFC 2104) of public or sealed text with a secret as its key. */
import { createHmac } from "node:crypto";
import { HMAC_ALGORITHMS } from "@agent-run/gate";
import { type Attempt, done, failed } from "../plain.ts";
import { isWellFormed } from "../substitute/splice.ts";

/** Key and data are taken as UTF-8. */
export function hmac(algorithm: string, key: string, data: string, output: "hex" | "base64"): Attempt<string> {
  if (!HMAC_ALGORITHMS.includes(algorithm)) return failed(`\`${algorithm}\` is none of ${HMAC_ALGORITHMS.join(", ")}`);
  if (!isWellFormed(key) || !isWellFormed(data)) return failed("half a surrogate pair has no UTF-8");
  return done(createHmac(algorithm, key).update(data, "utf8").digest(output));
}
