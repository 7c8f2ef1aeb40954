import type { CanonicalRequest, Decision } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { Call } from "./call.ts";
import { openFlow } from "./flow.ts";
import type { AnyOperation } from "./operation.ts";
import { InvariantViolation } from "./permit.ts";

const operation = { name: "fs.read" } as AnyOperation;

function route(changes: Partial<Decision>, labels: readonly string[] = []) {
  const typed: CanonicalRequest = { v: 1, on: "fs.read", targets: [], attrs: {}, labels };
  const first: Decision = { effect: "allow", code: null, rule: { id: "r" }, matched: [], layer: "policy", ...changes };
  const call: Call = { operation, args: null, parsed: null, typed, first, seq: null, answered: null, taken: new Map() };
  return openFlow.route(call);
}

describe("where nothing local-only is declared", () => {
  test("a call is carried out as it is", () => {
    expect(route({})).toEqual({ ok: true, value: operation });
    expect(openFlow.labelsOf(["x"])).toEqual({ ok: true, value: [] });
  });

  test.each<[string, Partial<Decision>, readonly string[]]>([
    ["a sealed decision", { sealed: { label: ["local"], accepts: [] } }, []],
    ["a use of a secret", { use: { secret: "s", index: 0 } }, []],
    ["a label", {}, ["local"]],
  ])("%s is a bug that ends the run, before any effect", (_, changes, labels) => {
    expect(() => route(changes, labels)).toThrow(InvariantViolation);
  });
});
