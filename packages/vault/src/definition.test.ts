import { createHmac } from "node:crypto";
import type { Definition } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { computedValue } from "./definition.ts";
import { type Attempt, done, failed, type Plain } from "./plain.ts";
import { Values } from "./values.ts";

/** A handle that is younger than all of the test. */
const LATER = 1_000_000;

const token = (n: number): string => `sealed0${String(n).padStart(32, "0")}`;

/** Handle 1 is the value. */
function compute(as: Definition, value: Attempt<Plain> = done("v")): Promise<Attempt<Plain>> {
  const values = new Values();
  values.define(1, token(1), async () => value);
  return computedValue(LATER, as, {
    values,
    secret: async (name) => done(`secret ${name}`),
    variable: (name) => done(`variable ${name}`),
    compute: async (source, inputs, args) => done([source, [...inputs] as never, [...args]]),
  });
}

const get = (key: string, value: Plain) => compute({ kind: "get", of: 1, key }, done(value));
const as = (how: "json" | "text", value: Plain) => compute({ kind: "as", of: 1, how }, done(value));

describe("a part is", () => {
  test.each<[string, Plain, Plain]>([
    ["a", { a: [1] }, [1]],
    ["1", ["x", "y"], "y"],
    ["length", ["x", "y"], 2],
    ["length", "abc", 3],
    ["1", "abc", "b"],
    ["x", "abc", undefined],
    ["none", { a: 1 }, undefined],
    ["toString", { a: 1 }, undefined],
    ["constructor", {}, undefined],
    ["__proto__", {}, undefined],
    ["push", [], undefined],
    ["a", 5, undefined],
  ])("%s of %j: %j", async (key, value, part) => {
    expect(await get(key, value)).toEqual(done(part));
  });

  test("nothing of null and of what is not there", async () => {
    expect(await get("a", null)).toMatchObject({ ok: false });
    expect(await get("a", undefined)).toMatchObject({ ok: false });
  });
});

describe("a reading is", () => {
  const response = { status: 200, ok: true, url: "u", headers: {}, body: '{"a":1}' };

  test("JSON of a text, of a response's body; of what is an object already that object", async () => {
    expect(await as("json", '{"a":1}')).toEqual(done({ a: 1 }));
    expect(await as("json", response)).toEqual(done({ a: 1 }));
    expect(await as("json", { a: 1 })).toEqual(done({ a: 1 }));
    expect(await as("json", "secret{")).toEqual(failed("it is not JSON"));
  });

  test("the text, or the body's", async () => {
    expect(await as("text", response)).toEqual(done('{"a":1}'));
    expect(await as("text", { a: 1 })).toEqual(done('{"a":1}'));
    expect(await as("text", undefined)).toMatchObject({ ok: false });
  });
});

describe("a definition", () => {
  test("names secrets and variables", async () => {
    expect(await compute({ kind: "secret", name: "a" })).toEqual(done("secret a"));
    expect(await compute({ kind: "variable", name: "A" })).toEqual(done("variable A"));
  });

  test("signs and encodes with the values of its tokens", async () => {
    const key = token(1);
    expect(await compute({ kind: "encode", how: "base64", text: `me:${key}` })).toEqual(done(btoa("me:v")));
    const hmac = { kind: "hmac", algorithm: "sha256", key, data: "d", output: "hex" } as const;
    expect(await compute(hmac)).toEqual(done(createHmac("sha256", "v").update("d").digest("hex")));
    const jwt = await compute({ kind: "jwt", key, algorithm: "HS256", claims: { a: 1 } });
    expect(jwt.ok && String(jwt.value).split(".")[2]).toBe(
      jwt.ok &&
        createHmac("sha256", "v").update(String(jwt.value).split(".").slice(0, 2).join(".")).digest("base64url"),
    );
    for (const bad of [hmac, { kind: "jwt", key, algorithm: "HS256", claims: {} }] as const)
      expect(await compute(bad, done(undefined))).toMatchObject({ ok: false });
  });

  test("computes with values, not with handles", async () => {
    expect(await compute({ kind: "compute", inputs: [1, 1], source: "f", args: [2] })).toEqual(
      done(["f", ["v", "v"], [2]]),
    );
  });

  test.each<Definition>([
    { kind: "get", of: 1, key: "a" },
    { kind: "as", of: 1, how: "json" },
    { kind: "encode", how: "base64", text: token(1) },
    { kind: "hmac", algorithm: "sha256", key: "k", data: token(1), output: "hex" },
    { kind: "jwt", key: token(1), algorithm: "HS256", claims: {} },
    { kind: "compute", inputs: [1], source: "f", args: [] },
  ])("of a value that failed is that failure ($kind)", async (one) => {
    expect(await compute(one, failed("why"))).toEqual(failed("why"));
  });
});
