import type { GateAnswer, Json } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { answerOf, isGood, isResponse } from "./answer.ts";
import { done } from "./plain.ts";

const http = (status: number): GateAnswer => ({
  ok: { status, url: "http://h/", headers: [["a", "b"]], body: "text", base64: false },
});

describe("an answer of an effect", () => {
  test("of a request has the shape of a script's response", () => {
    expect(answerOf("net.request", http(299))).toEqual(
      done({ status: 299, ok: true, url: "http://h/", headers: { a: "b" }, body: "text" }),
    );
    for (const status of [199, 300, 404])
      expect(answerOf("net.request", http(status))).toMatchObject({ value: { ok: false } });
  });

  test("of anything else is what the operation answers", () => {
    expect(answerOf("fs.read", { ok: "text" })).toEqual(done("text"));
    expect(answerOf("subprocess.exec", { ok: { exitCode: 1 } })).toEqual(done({ exitCode: 1 }));
  });

  test("that is no value is a failure, with its code for the operator", () => {
    expect(answerOf("fs.read", { error: { code: "E_NOT_FOUND", message: "none" } })).toEqual({
      ok: false,
      why: "E_NOT_FOUND: none",
    });
    expect(answerOf("fs.read", { fatal: "E_INTERRUPTED" })).toMatchObject({ ok: false });
  });
});

test.each<[Json | undefined, boolean]>([
  [{ ok: true }, true],
  [{ ok: false }, false],
  [{ ok: 1 }, false],
  [{ exitCode: 0 }, true],
  [{ exitCode: 1 }, false],
  [{ exitCode: "0" }, false],
  [{}, false],
  [null, false],
  [undefined, false],
  ["ok", false],
  [true, false],
])("the outcome of %j is %j", (value, good) => {
  expect(isGood(value)).toBe(good);
});

test("a response is told from other objects by its own members", () => {
  expect(isResponse({ status: 200, body: "" })).toBe(true);
  for (const value of [{ status: 200 }, { body: "" }, null, undefined, "x", [200]])
    expect(isResponse(value)).toBe(false);
});
