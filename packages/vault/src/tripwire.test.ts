import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimatedBits, tripwire } from "./tripwire.ts";

const SECRET = 'sk_"live"/4eC39+Hq & <Lyj>\\WDarjtT1é';

const trips = (secret: string, bytes: string | Uint8Array): boolean => {
  const found = tripwire(secret);
  if (found === null) throw new Error("no tripwire");
  return found(typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes);
};

const fully = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const reversed = (text: string) => [...text].reverse().join("");
const escaped = (text: string) =>
  [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const html = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const FORMS: readonly (readonly [string, (text: string) => string | Uint8Array])[] = [
  ["as it is", (text) => text],
  ["in UTF-16, little end first", (text) => Buffer.from(text, "utf16le")],
  ["in UTF-16, big end first", (text) => Buffer.from(text, "utf16le").swap16()],
  ["backwards", reversed],
  ["in hex", (text) => Buffer.from(text).toString("hex")],
  ["in upper-case hex", (text) => Buffer.from(text).toString("hex").toUpperCase()],
  ["in base64", (text) => Buffer.from(text).toString("base64")],
  ["in base64 behind one byte", (text) => Buffer.from(`a${text}bc`).toString("base64")],
  ["in base64 behind two bytes", (text) => Buffer.from(`ab${text}`).toString("base64")],
  ["in base64 of the URL alphabet", (text) => Buffer.from(`${text}?`).toString("base64url")],
  ["in base64 behind two bytes, URL alphabet", (text) => Buffer.from(`ab${text}`).toString("base64url")],
  ["in base64 with line breaks", (text) => Buffer.from(text).toString("base64").replace(/.{20}/g, "$&\r\n")],
  ["in base64 in JSON with escaped slashes", (text) => Buffer.from(text).toString("base64").replaceAll("/", "\\/")],
  ["in base64 in a URL", (text) => encodeURIComponent(Buffer.from(text).toString("base64"))],
  ["percent-encoded", (text) => encodeURIComponent(text)],
  ["percent-encoded in lower case", (text) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase())],
  ["percent-encoded as little as can be", (text) => encodeURI(text)],
  ["percent-encoded in full", fully],
  ["percent-encoded in full, upper case", (text) => fully(text).toUpperCase()],
  ["in a form", (text) => new URLSearchParams({ "": text }).toString()],
  ["in JSON", (text) => JSON.stringify(text)],
  ["in JSON, all escaped", escaped],
  ["in JSON with escaped slashes", (text) => JSON.stringify(text).replaceAll("/", "\\/")],
  ["in HTML", html],
  ["in HTML by numbers", (text) => [...text].map((char) => `&#${char.codePointAt(0)};`).join("")],
  ["in HTML by hex numbers", (text) => [...text].map((char) => `&#X${char.codePointAt(0)?.toString(16)};`).join("")],
];

describe.each(FORMS)("the whole secret %s", (_name, form) => {
  test("is found, whatever stands around it", () => {
    const bytes = Buffer.from(form(SECRET));
    expect(trips(SECRET, bytes)).toBe(true);
    expect(trips(SECRET, Buffer.concat([Buffer.from("sk_x=\xff\n", "latin1"), bytes, Buffer.from("yz")]))).toBe(true);
  });

  test("is found of any secret", () => {
    const secrets = fc
      .string({ unit: "grapheme-ascii", minLength: 16, maxLength: 60 })
      .filter((secret) => tripwire(secret) !== null);
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(trips(secret, form(secret))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("is not found where a character of it is another", () => {
    expect(trips(SECRET, form(SECRET.replace("Darj", "Dirj")))).toBe(false);
    expect(trips(SECRET, form(SECRET.slice(4)))).toBe(false);
  });
});

test("a secret is found in bytes that begin like it again and again", () => {
  const secret = "ababcababd0123xyzQ!";
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "ab", "ababc", "ababcabab", secret), { maxLength: 8 }), (list) => {
      expect(trips(secret, list.join(""))).toBe(list.join("").includes(secret));
    }),
  );
});

test("a part of a larger buffer is looked at alone", () => {
  const whole = Buffer.from(`${SECRET}.`);
  expect(trips(SECRET, new Uint8Array(whole.buffer, whole.byteOffset, whole.length - 1))).toBe(true);
  expect(trips(SECRET, new Uint8Array(whole.buffer, whole.byteOffset + 1, whole.length - 2))).toBe(false);
});

test("malformed escapes are text", () => {
  expect(trips(SECRET, `%zz \\u12 \\x &#99999999; &#x110000; &nope; &#; ${SECRET}`)).toBe(true);
});

test.each([
  "hunter2",
  "1234",
  "4eC39HqLyjWDarj",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "abababababababababababababababab",
  "abcdefghijklmnopqrstuvwxyz",
  "9876543210987654321098765432109876543210",
  "passwordpasswordpassword",
  "1111222233334444",
  "0000000000000001",
  "aAAaAaaaAAAAaAaaAaAAaaaAaAAAaaAA",
])("`%s` has none, as it can be guessed", (secret) => {
  expect(tripwire(secret)).toBeNull();
});

test.each(["4eC39HqLyjWDarjt", "1f8a04c97b3e62d5", "93027418560291746358", "d3b07384-d113-4ec2-a7e1-0f8c3a6b9e52"])(
  "`%s` has one",
  (secret) => {
    expect(tripwire(secret)).not.toBeNull();
  },
);

test("bits are those of the characters where nothing repeats", () => {
  expect(estimatedBits("1f8a04c97b3e62d5")).toBe(64);
  expect(estimatedBits("1f8a04c97b3e62d51f8a04c97b3e62d5")).toBe(64);
  expect(estimatedBits("")).toBe(0);
});
