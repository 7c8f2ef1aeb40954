/** The host side of pure operations: right answers, and for hostile arguments a failure instead of a throw. */
import { createHash } from "node:crypto";
import type { Json } from "@agent-run/gate";
import { expect, it } from "vitest";
import { PURE } from "./pure.ts";

const ask = (op: string, args: Json) => {
  const operation = PURE.get(op);
  if (operation === undefined) throw new Error(`no ${op}`);
  return operation(args);
};

it("takes a URL apart, against a base, and says null for what is none", () => {
  expect(ask("url.parse", { url: "../c?d#e", base: "https://u:p@h:8080/a/b/" })).toEqual({
    ok: true,
    value: {
      href: "https://u:p@h:8080/a/c?d#e",
      origin: "https://h:8080",
      protocol: "https:",
      username: "u",
      password: "p",
      host: "h:8080",
      hostname: "h",
      port: "8080",
      pathname: "/a/c",
      search: "?d",
      hash: "#e",
    },
  });
  for (const args of [{ url: "none" }, { url: "" }, { url: "a", base: "b" }, { url: "http://[" }]) {
    expect(ask("url.parse", args)).toEqual({ ok: true, value: null });
  }
});

it("sets one part of a URL, and says null where that leaves none", () => {
  const set = (key: string, value: string, href = "https://h/p") => ask("url.set", { href, key, value });
  expect(set("search", "a=1")).toMatchObject({ value: { href: "https://h/p?a=1" } });
  expect(set("href", "x:y")).toMatchObject({ value: { href: "x:y" } });
  expect(set("port", "nonsense")).toMatchObject({ value: { href: "https://h/p" } });
  expect(set("href", "none")).toEqual({ ok: true, value: null });
  expect(set("hash", "a", "none")).toEqual({ ok: true, value: null });
  expect(set("origin", "a")).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
  expect(set("__proto__", "a")).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
});

it("hashes text as UTF-8 and base64 as its bytes", () => {
  const hex = createHash("sha256").update("ü").digest("hex");
  expect(ask("crypto.hash", { algorithm: "sha256", data: "ü", output: "hex" })).toEqual({ ok: true, value: hex });
  expect(ask("crypto.hash", { algorithm: "sha256", dataBase64: "w7w=", output: "hex" })).toEqual({
    ok: true,
    value: hex,
  });
  // RFC 4231, test case 2
  expect(
    ask("crypto.hmac", { algorithm: "sha256", key: "Jefe", data: "what do ya want for nothing?", output: "hex" }),
  ).toEqual({
    ok: true,
    value: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  });
});

const HOSTILE: readonly Json[] = [
  null,
  1,
  "text",
  [],
  [1],
  true,
  {},
  { url: 1 },
  { url: null },
  { url: "a:b", base: {} },
  { url: "a:b", extra: "x" },
  { href: "a:b" },
  { href: "a:b", key: "hash", value: 1 },
  { algorithm: "sha256" },
  { algorithm: "sha256", output: "hex" },
  { algorithm: "sha256", output: "hex", data: "a", dataBase64: "YQ==" },
  { algorithm: "sha3", output: "hex", data: "a" },
  { algorithm: "sha256", output: "binary", data: "a" },
  { algorithm: "sha256", output: "hex", data: 5 },
  { algorithm: "constructor", output: "hex", data: "" },
];

it("a hostile argument is a failure with a stable code, never a throw", () => {
  for (const [op] of PURE) {
    for (const args of HOSTILE) expect(ask(op, args)).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
  }
});

it("strange characters are answered, too", () => {
  const strange = "\0\ud800\u2028%zz\\";
  expect(ask("url.parse", { url: strange })).toEqual({ ok: true, value: null });
  expect(ask("url.parse", { url: `https://h/${strange}` }).ok).toBe(true);
  expect(ask("crypto.hash", { algorithm: "md5", data: strange, output: "base64" }).ok).toBe(true);
  expect(ask("crypto.hash", { algorithm: "md5", dataBase64: strange, output: "base64" }).ok).toBe(true);
});

it("an address has a largest size", () => {
  const long = `https://h/${"a".repeat(1_000_000)}`;
  expect(ask("url.parse", { url: long })).toMatchObject({ failure: { code: "E_TOO_LARGE" } });
  expect(ask("url.set", { href: "https://h/", key: "hash", value: long })).toMatchObject({
    failure: { code: "E_TOO_LARGE" },
  });
});
