import type { Json } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { filled } from "./filled.ts";
import { done, failed } from "./plain.ts";
import { Values } from "./values.ts";

/** A handle that is younger than all of the test. */
const LATER = 1_000_000;

const T = `sealed0${"1".repeat(32)}`;
const U = `sealed0${"2".repeat(32)}`;
/** A value with a hazard for each place, and which is a token by itself. */
const VALUE = `a"b &=?/${U}\u00e9`;

function fill(op: string, args: Json, value: string = VALUE) {
  const values = new Values();
  values.define(1, T, async () => done(value));
  values.define(2, U, async () => done("NEVER"));
  return filled(op, args, values, LATER);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("a value is put in", () => {
  test.each<[string, string, Json, Json]>([
    ["a file as it is", "fs.write", { path: "a", data: `<${T}>` }, { path: "a", data: `<${VALUE}>` }],
    [
      "a file's bytes",
      "fs.write",
      { path: "a", data: base64(`<${T}>`), base64: true },
      { path: "a", data: base64(`<${VALUE}>`), base64: true },
    ],
    [
      "a URL, percent-encoded",
      "net.request",
      { url: `http://h/${T}?q=${T}` },
      { url: `http://h/${encodeURIComponent(VALUE)}?q=${encodeURIComponent(VALUE)}`, headers: [] },
    ],
    [
      "a JSON body, as part of its string",
      "net.request",
      { url: "http://h/", headers: [["Content-Type", "application/json"]], body: `{"a":"${T}"}` },
      {
        url: "http://h/",
        headers: [["Content-Type", "application/json"]],
        body: JSON.stringify({ a: VALUE }),
      },
    ],
    [
      "a body's bytes",
      "net.request",
      { url: "http://h/", bodyBase64: base64(`x${T}`) },
      { url: "http://h/", headers: [], bodyBase64: base64(`x${VALUE}`) },
    ],
    ["standard input", "subprocess.exec", { argv: ["a"], stdin: T }, { argv: ["a"], stdin: VALUE }],
    ["a variable", "subprocess.exec", { argv: ["a"], env: { A: `x${T}` } }, { argv: ["a"], env: { A: `x${VALUE}` } }],
  ])("%s, once: what it holds is not looked at again", async (_, op, args, result) => {
    expect(await fill(op, args)).toEqual(done(result));
  });

  test("a URL, but not encoded twice where the script has encoded it", async () => {
    const values = new Values();
    values.define(1, T, async () => done("a%20b"), true);
    const args = { url: `http://h/?q=${T}`, body: T };
    expect(await filled("net.request", args, values, LATER)).toEqual(
      done({ url: "http://h/?q=a%20b", headers: [], body: "a%20b" }),
    );
  });

  test("a header", async () => {
    const args = { url: "http://h/", headers: [["x", `a ${T}`]] };
    expect(await fill("net.request", args, "key")).toEqual(done({ url: "http://h/", headers: [["x", "a key"]] }));
  });
});

describe("a sealed failure, and nothing is sent, comes of", () => {
  test.each<[string, string, Json, string]>([
    ["a line break in a header", "net.request", { url: "http://h/", headers: [["x", T]] }, "a\r\nb: c"],
    ["a NUL in a variable", "subprocess.exec", { argv: ["a"], env: { A: T } }, "a\0b"],
    ["a place that takes none", "fs.read", { path: T }, "a"],
  ])("%s", async (_, op, args, value) => {
    expect(await fill(op, args, value)).toMatchObject({ ok: false });
  });

  test("a value that failed", async () => {
    const values = new Values();
    values.define(1, T, async () => failed("why"));
    expect(await filled("fs.write", { path: "a", data: T }, values, LATER)).toEqual(failed("why"));
  });
});

test("a call without live tokens stays as it is", async () => {
  for (const args of [{ path: "a", data: `sealed0${"f".repeat(32)}` }, null, "x"] as const)
    expect(await filled("fs.write", args, new Values(), LATER)).toEqual(done(args));
});
