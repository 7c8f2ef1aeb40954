import fc from "fast-check";
import { expect, test } from "vitest";
import { loneSurrogate, text } from "../substitute/testing/secrets.ts";
import { basicCredentials } from "./basic.ts";

test("Basic credentials are those of RFC 7617", () => {
  expect(basicCredentials("Aladdin", "open sesame")).toEqual({ ok: true, value: "QWxhZGRpbjpvcGVuIHNlc2FtZQ==" });
  expect(basicCredentials("test", "123£")).toEqual({ ok: true, value: "dGVzdDoxMjPCow==" });
});

test("user and secret come back exactly, whatever colons the secret has", () => {
  const words = text.map((word) => word.replace(/\p{Cc}/gu, ""));
  fc.assert(
    fc.property(words, words, (user, secret) => {
      const name = user.replaceAll(":", "");
      const answer = basicCredentials(name, secret);
      expect(answer.ok && Buffer.from(answer.value, "base64").toString()).toBe(`${name}:${secret}`);
    }),
  );
});

test.each([
  ["a:b", "c"],
  ["a\n", "c"],
  ["a", "c\0"],
  ["a", loneSurrogate],
])("%j and %j are none", (user, secret) => {
  expect(basicCredentials(user, secret)).toMatchObject({ ok: false });
});
