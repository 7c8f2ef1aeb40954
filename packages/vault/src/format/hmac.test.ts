import { expect, test } from "vitest";
import { loneSurrogate } from "../substitute/testing/secrets.ts";
import { hmac } from "./hmac.ts";

const DATA = "what do ya want for nothing?";

// RFC 2202 and RFC 4231, test case 2.
test.each([
  ["sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"],
  ["sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
  ["sha384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"],
  [
    "sha512",
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  ],
])("HMAC-%s is that of the RFCs, in hex and base64", (algorithm, expected) => {
  expect(hmac(algorithm, "Jefe", DATA, "hex")).toEqual({ ok: true, value: expected });
  const base64 = Buffer.from(expected, "hex").toString("base64");
  expect(hmac(algorithm, "Jefe", DATA, "base64")).toEqual({ ok: true, value: base64 });
});

test.each(["md5", "SHA256", "", "sha3-256"])("`%s` is none", (algorithm) => {
  expect(hmac(algorithm, "k", "d", "hex")).toMatchObject({ ok: false });
});

test("neither key nor data is half a surrogate pair", () => {
  expect(hmac("sha256", loneSurrogate, "d", "hex")).toMatchObject({ ok: false });
  expect(hmac("sha256", "k", loneSurrogate, "hex")).toMatchObject({ ok: false });
});
