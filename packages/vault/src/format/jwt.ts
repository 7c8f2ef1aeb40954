/**
 * JSON Web Tokens, RFC 7515 and 7519: header and claims are public, the key is the secret. HS: its UTF-8 is the key;
 * RS256 and ES256: it is a private key in PEM. Which algorithms: those that services ask for.
 */
import { createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { isJsonObject, type Json, type JsonObject, JWT_ALGORITHMS } from "@agent-run/gate";
import { type Attempt, done, failed } from "../plain.ts";
import { isWellFormed } from "../substitute/splice.ts";

const HASH: ReadonlyMap<string, string> = new Map([
  ["HS256", "sha256"],
  ["HS384", "sha384"],
  ["HS512", "sha512"],
]);

/** Compact form. The header is `alg` and `typ`, and nothing that a script could choose. */
export function jwt(algorithm: string, key: string, claims: Json): Attempt<string> {
  if (!isJsonObject(claims)) return failed("the claims of a JWT are an object");
  const input = `${part({ alg: algorithm, typ: "JWT" })}.${part(claims)}`;
  const signature = signatureOf(algorithm, key, input);
  return signature.ok ? done(`${input}.${signature.value.toString("base64url")}`) : signature;
}

const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value), "utf8").toString("base64url");

function signatureOf(algorithm: string, key: string, input: string): Attempt<Buffer> {
  const hash = HASH.get(algorithm);
  if (hash !== undefined) {
    if (!isWellFormed(key)) return failed("half a surrogate pair has no UTF-8");
    return done(createHmac(hash, key).update(input).digest());
  }
  if (algorithm !== "RS256" && algorithm !== "ES256") {
    return failed(`\`${algorithm}\` is none of ${JWT_ALGORITHMS.join(", ")}`);
  }
  const parsed = privateKey(key);
  if (parsed === null) return failed(`the secret is no private key in PEM, which ${algorithm} needs`);
  return algorithm === "RS256" ? rs256(parsed, input) : es256(parsed, input);
}

/** RFC 7518, 3.3: keys of 2048 bits at least. */
function rs256(key: KeyObject, input: string): Attempt<Buffer> {
  if (key.asymmetricKeyType !== "rsa") return failed("RS256 needs an RSA key");
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return failed("RS256 needs an RSA key of 2048 bits");
  return done(sign("sha256", Buffer.from(input), key));
}

/** RFC 7518, 3.4: P-256, and both numbers of the signature side by side instead of DER. */
function es256(key: KeyObject, input: string): Attempt<Buffer> {
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return failed("ES256 needs a P-256 key");
  return done(sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }));
}

function privateKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
