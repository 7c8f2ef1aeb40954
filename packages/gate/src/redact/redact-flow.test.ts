import { type CanonicalRequest, type Decision, type Json, ok } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { Call } from "../call.ts";
import type { AnyOperation, OperationContext } from "../operation.ts";
import type { Permit } from "../permit.ts";
import { Redactor } from "../redact.ts";
import { redactFlow } from "./redact-flow.ts";

/** The redactor after a call that answered `value`, local-only or not. */
function redactorAfter(value: Json, isLocalOnly: boolean): Redactor {
  const redactor = new Redactor();
  const operation = {
    name: "fs.read",
    *execute() {
      return ok({ value });
    },
  } as unknown as AnyOperation;
  const typed: CanonicalRequest = {
    v: 1,
    on: "fs.read",
    targets: [{ on: "fs.read", role: "read", kind: "path", value: "/w/a" }],
    attrs: {},
    labels: [],
  };
  const sealed = isLocalOnly ? { sealed: { label: ["local"], accepts: [] } } : {};
  const first: Decision = { effect: "allow", code: null, rule: { id: "r" }, matched: [], layer: "policy", ...sealed };
  const call: Call = {
    operation,
    args: { path: "a" },
    parsed: null,
    typed,
    first,
    seq: null,
    answered: null,
    taken: new Map(),
  };
  const routed = redactFlow(redactor).route(call);
  if (!routed.ok) throw new Error("refused");
  const done = routed.value.execute({} as Permit<unknown>, {} as OperationContext).next().value;
  expect(done).toEqual(ok({ value }));
  return redactor;
}

describe("in redact mode the script is given local-only data as it is, and", () => {
  test("every text and number of it is noted, at any depth", () => {
    const redactor = redactorAfter({ a: ["correct horse"], b: { c: 1234567890123 } }, true);
    for (const text of ["correct horse", "1234567890123"]) expect(redactor.scrub(`x ${text} y`)).not.toContain(text);
  });

  test("public data is not noted", () => {
    expect(redactorAfter("correct horse", false).scrub("correct horse")).toBe("correct horse");
  });

  test("texts of calls have no labels: nothing is refused", () => {
    expect(redactFlow(new Redactor()).labelsOf(["x"])).toEqual(ok([]));
  });
});
