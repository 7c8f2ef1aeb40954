import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeText } from "./encode.ts";
import { anyText, json, loneSurrogate, OTHER, TOKEN, text, values } from "./testing/secrets.ts";

const mixed = `me:${TOKEN}/é`;

test("base64 and its inverse give the text back", () => {
  fc.assert(
    fc.property(text, (secret) => {
      const encoded = encodeText("base64", mixed, values(secret));
      expect(encoded).toEqual({ ok: true, value: Buffer.from(`me:${secret}/é`).toString("base64") });
      const back = encoded.ok ? encodeText("base64decode", TOKEN, values(encoded.value)) : encoded;
      expect(back).toEqual({ ok: true, value: `me:${secret}/é` });
    }),
  );
});

test("URI encodings are those of JavaScript", () => {
  fc.assert(
    fc.property(text, (secret) => {
      expect(encodeText("uri", mixed, values(secret))).toEqual({ ok: true, value: encodeURI(`me:${secret}/é`) });
      const component = { ok: true, value: encodeURIComponent(`me:${secret}/é`) };
      expect(encodeText("uriComponent", mixed, values(secret))).toEqual(component);
    }),
  );
});

test("JSON is a string, or the value where the text is its token", () => {
  fc.assert(
    fc.property(anyText, json, (secret, value) => {
      const encoded = encodeText("json", mixed, values(secret));
      expect(encoded.ok && JSON.parse(String(encoded.value))).toBe(`me:${secret}/é`);
      const whole = encodeText("json", TOKEN, values(value));
      expect(whole.ok && JSON.parse(String(whole.value))).toEqual(value);
    }),
  );
});

test.each(["base64", "uri", "uriComponent"] as const)("%s has no half of a surrogate pair", (how) => {
  expect(encodeText(how, TOKEN, values(loneSurrogate))).toMatchObject({ ok: false });
});

test.each(["a", "a-b_", "=", "ab=cd", "/w==", "é"])("%j is no base64 of a text", (secret) => {
  expect(encodeText("base64decode", TOKEN, values(secret))).toMatchObject({ ok: false });
});

test("base64 may lack its padding and have line ends", () => {
  expect(encodeText("base64decode", TOKEN, values("w6k\nh\n"))).toEqual({ ok: true, value: "é!" });
});

test.each(["base64", "base64decode", "uri", "uriComponent", "json"] as const)("%s of undefined is none", (how) => {
  expect(encodeText(how, TOKEN, values(undefined))).toMatchObject({ ok: false });
});

test("a value that is a live token is encoded as the text that it is", () => {
  expect(encodeText("uriComponent", TOKEN, values(OTHER))).toEqual({ ok: true, value: OTHER });
});
