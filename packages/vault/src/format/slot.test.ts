import type { RequestUse, SlotFormat } from "@agent-run/gate";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerText, OTHER, TOKEN, text } from "../substitute/testing/secrets.ts";
import { fillSlot } from "./slot.ts";
import type { HeaderFields } from "./slot-request.ts";

type Use = Pick<RequestUse, "slot" | "format">;
const format = (before = "", after = ""): SlotFormat => ({ kind: "template", before, after, of: ["original"] });
const bearer: Use = { slot: { kind: "header", name: "authorization" }, format: format("Bearer ") };
const parameter: Use = { slot: { kind: "query", name: "api key" }, format: format("k:") };
const signature: Use = {
  slot: { kind: "header", name: "authorization" },
  format: { kind: "sigv4", region: "us-east-1", service: "service" },
};

const request = (headers: HeaderFields, url = "https://h.test/a?x=1", body: Uint8Array | null = null) => ({
  method: "GET",
  url,
  headers,
  body,
  timeoutMs: 7,
});
const typed = request([
  ["accept", "*/*"],
  ["Authorization", `Bearer ${TOKEN}`],
]);
const fill = (use: Use, value: unknown, given: ReturnType<typeof request>) =>
  fillSlot(use, { token: TOKEN, value: value as string }, given, Date.UTC(2015, 7, 30, 12, 36, 0));

describe("a header", () => {
  test("gets the secret in its format, and the rest of the request stays", () => {
    fc.assert(
      fc.property(headerText, (secret) => {
        const value = { ...typed, headers: [typed.headers[0], ["Authorization", `Bearer ${secret}`]] };
        expect(fill(bearer, secret, typed)).toEqual({ ok: true, value });
      }),
    );
  });

  test.each(["a\r\nX: 1", "a\0", "Ā", "a "])("gets no secret that it cannot hold: %j", (secret) => {
    expect(fill(bearer, secret, typed)).toMatchObject({ ok: false });
  });

  test.each([
    [[["authorization", `Bearer ${TOKEN}!`]]],
    [[["authorization", `bearer ${TOKEN}`]]],
    [[["authorization", `Bearer  ${TOKEN}`]]],
    [[["authorization", TOKEN]]],
    [[["authorization", `Bearer ${OTHER}`]]],
    [[["x-other", `Bearer ${TOKEN}`]]],
    [
      [
        ["authorization", `Bearer ${TOKEN}`],
        ["Authorization", "Bearer x"],
      ],
    ],
    [
      [
        ["authorization", `Bearer ${TOKEN}`],
        ["x-other", TOKEN],
      ],
    ],
    [
      [
        ["authorization", `Bearer ${TOKEN}`],
        [TOKEN, "x"],
      ],
    ],
    [[]],
  ] as [HeaderFields][])("is filled in its exact format alone, not in %j", (headers) => {
    expect(fill(bearer, "secret", request(headers))).toMatchObject({ ok: false });
  });

  test("is not filled where the token stands in the URL or the body as well", () => {
    const inUrl = request(typed.headers, `https://h.test/${TOKEN}`);
    const inBody = request(typed.headers, typed.url, Buffer.from(`\xff${TOKEN}`, "latin1"));
    expect(fill(bearer, "secret", inUrl)).toMatchObject({ ok: false });
    expect(fill(bearer, "secret", inBody)).toMatchObject({ ok: false });
  });

  test("is not filled with what has no text", () => {
    expect(fill(bearer, undefined, typed)).toMatchObject({ ok: false });
  });
});

describe("a query parameter", () => {
  const asked = (query: string) => request([], `https://h.test/a?${query}`);

  test("gets the secret in its format, and the rest of the URL stays", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const answer = fill(parameter, secret, asked(`x=%41&api+key=k%3A${TOKEN}&y`));
        const url = answer.ok ? answer.value.url : "";
        expect(new URL(url).searchParams.get("api key")).toBe(`k:${secret}`);
        expect(url.startsWith("https://h.test/a?x=%41&") && url.endsWith("&y")).toBe(true);
      }),
    );
  });

  test.each([
    `api+key=k:${TOKEN}x`,
    `api+key=${TOKEN}`,
    `api+key=k:${TOKEN}&api%20key=k:x`,
    `other=k:${TOKEN}`,
    `${TOKEN}=api%20key`,
    "api%20key=k:x",
    `api+key=k:${TOKEN}&x=${TOKEN}`,
  ])("is filled in its exact format alone, not in %s", (query) => {
    expect(fill(parameter, "secret", asked(query))).toMatchObject({ ok: false });
  });

  test("is not filled with half a surrogate pair", () => {
    expect(fill(parameter, "\ud800", asked(`api+key=k:${TOKEN}`))).toMatchObject({ ok: false });
  });
});

describe("a signature", () => {
  const secret = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const url = "https://example.amazonaws.com/";

  test("takes the place of the token, with the headers that it needs", () => {
    const answer = fill(signature, secret, request([["Authorization", TOKEN]], url));
    expect(answer.ok && answer.value.headers).toEqual([
      ["x-amz-date", "20150830T123600Z"],
      [
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      ],
    ]);
  });

  test("needs the token alone, in the authorization header, and credentials", () => {
    expect(fill(signature, secret, request([["authorization", `AWS4 ${TOKEN}`]], url))).toMatchObject({ ok: false });
    expect(fill(signature, "secret", request([["authorization", TOKEN]], url))).toMatchObject({ ok: false });
    const elsewhere: Use = { ...signature, slot: { kind: "header", name: "x-key" } };
    expect(fill(elsewhere, secret, request([["x-key", TOKEN]], url))).toMatchObject({ ok: false });
    const query: Use = { ...signature, slot: { kind: "query", name: "authorization" } };
    expect(fill(query, secret, request([], `${url}?authorization=${TOKEN}`))).toMatchObject({ ok: false });
  });
});
