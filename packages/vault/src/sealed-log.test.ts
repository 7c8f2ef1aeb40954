import { readFileSync, statSync } from "node:fs";
import { verifySegment } from "@agent-run/audit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SealedLog } from "./sealed-log.ts";
import { Place } from "./vault.fixture.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const intent = {
  seq: 1,
  op: "fs.read",
  request: { v: 1, on: "fs.read", targets: [], attrs: {}, labels: [] },
  decision: { effect: "allow", code: null, rule: { id: "r" }, matched: [], layer: "policy" },
} as const;

describe("the log of sealed work", () => {
  test("is a chain that verifies, its owner's alone, in directories that are its owner's", () => {
    const path = place.path("state/sealed/r.jsonl");
    const log = new SealedLog(path, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "hash");
    expect(log.intent(intent, true)).toBe(true);
    expect(log.outcome({ seq: 1, ok: true, code: null, bytes: 5, ms: 1 }, false)).toBe(true);
    log.failed("fs.write", "x".repeat(5000));
    log.end();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(place.path("state/sealed")).mode & 0o777).toBe(0o700);
    const text = readFileSync(path, "utf8");
    expect(
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line).kind),
    ).toEqual(["run.start", "intent", "outcome", "output", "run.end"]);
    expect(text).not.toContain("x".repeat(1001));
    expect(verifySegment(readFileSync(path)).state).toBe("complete");
  });

  test("says where a request went, and not what with", () => {
    const path = place.path("state/sealed/u.jsonl");
    const target = {
      on: "net.http_get",
      role: "connect",
      kind: "url",
      value: "https://h.example/value-of-key",
    } as const;
    const log = new SealedLog(path, "r", "hash");
    expect(log.intent({ ...intent, request: { ...intent.request, on: "net.http_get", targets: [target] } }, true)).toBe(
      true,
    );
    log.end();
    const text = readFileSync(path, "utf8");
    expect([text.includes("https://h.example"), text.includes("value-of-key")]).toEqual([true, false]);
  });

  test("that should be there and cannot be written means that nothing happens", () => {
    place.write("plain", "");
    const log = new SealedLog(place.path("plain/r.jsonl"), "r", "hash");
    expect(log.intent(intent, true)).toBe(false);
    expect(log.outcome({ seq: 1, ok: true, code: null, bytes: 0, ms: 0 }, true)).toBe(false);
    log.failed("a", "b");
    log.end();
  });

  test("of a user without a place for it is not there, and work goes on", () => {
    expect(new SealedLog(null, "r", "hash").intent(intent, true)).toBe(true);
  });
});
