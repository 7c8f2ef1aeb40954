import { generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { loneSurrogate } from "../substitute/testing/secrets.ts";
import { jwt } from "./jwt.ts";

const pem = { type: "pkcs8", format: "pem" } as const;
const spki = { type: "spki", format: "pem" } as const;
const rsa = (modulusLength: number) =>
  generateKeyPairSync("rsa", { modulusLength, privateKeyEncoding: pem, publicKeyEncoding: spki });
const ec = (namedCurve: string) =>
  generateKeyPairSync("ec", { namedCurve, privateKeyEncoding: pem, publicKeyEncoding: spki });

const made = (...given: Parameters<typeof jwt>): readonly string[] => {
  const answer = jwt(...given);
  if (!answer.ok) throw new Error(answer.why);
  return answer.value.split(".");
};

const decoded = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? "", "base64url").toString());

test.each(["HS256", "HS384", "HS512"])("%s has header, claims and a signature as long as its hash", (algorithm) => {
  const [header, claims, signature = ""] = made(algorithm, "secret", { sub: "é" });
  expect([decoded(header), decoded(claims)]).toEqual([{ typ: "JWT", alg: algorithm }, { sub: "é" }]);
  expect(Buffer.from(signature, "base64url").length * 8).toBe(Number(algorithm.slice(2)));
});

test("HS256 is the well-known example of jwt.io", () => {
  const claims = { sub: "1234567890", name: "John Doe", iat: 1516239022 };
  expect(made("HS256", "your-256-bit-secret", claims)).toEqual([
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ",
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
  ]);
});

test("RS256 verifies under the public key", () => {
  const { privateKey, publicKey } = rsa(2048);
  const [header, claims, signature = ""] = made("RS256", privateKey, { a: 1 });
  const input = Buffer.from(`${header}.${claims}`);
  expect(verify("sha256", input, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
});

test("ES256 verifies under the public key, as two numbers of 32 bytes", () => {
  const { privateKey, publicKey } = ec("P-256");
  const [header, claims, signature = ""] = made("ES256", privateKey, { a: 1 });
  const bytes = Buffer.from(signature, "base64url");
  expect([bytes.length, decoded(header)]).toEqual([64, { typ: "JWT", alg: "ES256" }]);
  const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", Buffer.from(`${header}.${claims}`), key, bytes)).toBe(true);
});

test("a key of another kind or size signs nothing", () => {
  expect(jwt("RS256", ec("P-256").privateKey, {})).toMatchObject({ ok: false });
  expect(jwt("RS256", rsa(1024).privateKey, {})).toMatchObject({ ok: false });
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048, privateKeyEncoding: pem, publicKeyEncoding: spki });
  expect(jwt("RS256", pss.privateKey, {})).toMatchObject({ ok: false });
  expect(jwt("ES256", rsa(2048).privateKey, {})).toMatchObject({ ok: false });
  expect(jwt("ES256", ec("P-384").privateKey, {})).toMatchObject({ ok: false });
  expect(jwt("RS256", "secret", {})).toMatchObject({ ok: false });
  expect(jwt("HS256", loneSurrogate, {})).toMatchObject({ ok: false });
});

test.each(["none", "HS1", "hs256", "RS512", ""])("`%s` is no algorithm", (algorithm) => {
  expect(jwt(algorithm, "secret", {})).toMatchObject({ ok: false });
});

test.each([null, "a", 1, [["a", 1]]])("claims are not %j", (claims) => {
  expect(jwt("HS256", "secret", claims)).toMatchObject({ ok: false });
});
