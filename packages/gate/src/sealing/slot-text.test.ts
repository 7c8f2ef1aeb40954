import type { SlotFormat } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { basicText, slotText, type TokenForm } from "./slot-text.ts";

const KEY = `sealed0${"a".repeat(32)}`;
const PAIR = `sealed0${"b".repeat(32)}`;
const MADE = `sealed0${"c".repeat(32)}`;
const STRANGER = `sealed0${"d".repeat(32)}`;

const forms: ReadonlyMap<string, TokenForm> = new Map<string, TokenForm>([
  [KEY, "original"],
  [PAIR, "basic"],
  [MADE, "derived"],
]);
const formOf = (token: string): TokenForm | null => forms.get(token) ?? null;

const bearer: SlotFormat = { kind: "template", before: "Bearer ", after: "", of: ["original"] };
const basic: SlotFormat = { kind: "template", before: "Basic ", after: "", of: ["basic"] };
const sigv4: SlotFormat = { kind: "sigv4", region: "eu-central-1", service: "s3" };

describe("a slot", () => {
  test("takes its exact format, and says of which formatting the token is", () => {
    expect(slotText(bearer, `Bearer ${KEY}`, formOf)).toEqual({ ok: true, token: KEY, of: "original" });
    expect(slotText(basic, `Basic ${PAIR}`, formOf)).toEqual({ ok: true, token: PAIR, of: "basic" });
    expect(slotText(sigv4, KEY, formOf)).toEqual({ ok: true, token: KEY, of: "original" });
    const around: SlotFormat = { kind: "template", before: "a", after: "z", of: ["hmac", "original"] };
    expect(slotText(around, `a${KEY}z`, formOf)).toEqual({ ok: true, token: KEY, of: "original" });
  });

  test.each([
    [`Bearer ${KEY}!`, "extra text"],
    [`Bearer  ${KEY}`, "extra text"],
    [` Bearer ${KEY}`, "extra text"],
    [`bearer ${KEY}`, "extra text"],
    [KEY, "extra text"],
    [`Bearer ${KEY}${STRANGER}`, "extra text"],
    [`Bearer ${KEY}a`, "extra text"],
    [`Bearer ${KEY}${KEY}`, "two tokens"],
    [`Bearer ${KEY}, ${MADE}`, "two tokens"],
    ["Bearer sk_live_1", "not a token"],
    [`Bearer ${STRANGER}`, "not a token"],
    [`Bearer ${KEY.toUpperCase()}`, "not a token"],
    [`Bearer ${KEY.slice(0, -1)}`, "not a token"],
    ["", "not a token"],
    [`Bearer ${MADE}`, "derived"],
    [`Bearer ${PAIR}`, "another formatting"],
  ])("refuses %s: %s", (typed, why) => {
    expect(slotText(bearer, typed, formOf)).toEqual({ ok: false, why });
  });

  test("that is a signature takes the secret alone", () => {
    expect(slotText(sigv4, `AWS4 ${KEY}`, formOf)).toEqual({ ok: false, why: "extra text" });
    expect(slotText(sigv4, PAIR, formOf)).toEqual({ ok: false, why: "another formatting" });
    expect(slotText(sigv4, MADE, formOf)).toEqual({ ok: false, why: "derived" });
  });
});

describe("the text of Basic credentials", () => {
  test.each(["me", "", "a b@é"])("is user `%s` and a token", (user) => {
    expect(basicText(`${user}:${KEY}`)).toEqual({ user, token: KEY });
  });

  test.each([`a:b:${KEY}`, KEY, `me:${KEY} `, `me:${KEY}${KEY}`, `${KEY}:${KEY}`, `me\n:${KEY}`, "me:secret"])(
    "is not %j",
    (text) => {
      expect(basicText(text)).toBeNull();
    },
  );
});
