import type { CallReport } from "@agent-run/runtime";
import { expect, test } from "vitest";
import { closingLine, sealedLine } from "./closing-line.ts";

type Ending = readonly [CallReport["decision"], CallReport["code"]];

const lineFor = (...endings: readonly Ending[]) =>
  closingLine({
    record: "r.jsonl",
    calls: endings.map(([decision, code], at) => ({
      seq: at + 1,
      capability: "fs.read",
      target: "a",
      decision,
      rule: "r",
      code,
    })),
  });

test.each<Ending>([
  ["deny", "E_POLICY_DENIED"],
  ["deny", null],
  ["allow", "E_POLICY_DENIED"],
  ["allow", "E_CAPABILITY"],
  ["ask", "E_APPROVAL_DENIED"],
  ["ask", "E_APPROVAL_TIMEOUT"],
  ["ask", "E_APPROVAL_UNAVAILABLE"],
  ["allow", "E_AUDIT"],
])("a call with decision %s and code %s was denied", (...ending) => {
  expect(lineFor(ending)).toBe("agent-run: 0 calls allowed, 1 denied; record r.jsonl");
});

test.each<Ending>([
  ["allow", null],
  ["ask", null],
  ["allow", "E_NOT_FOUND"],
  ["ask", "E_EXEC"],
  ["allow", "E_INTERRUPTED"],
])("a call with decision %s and code %s was allowed", (...ending) => {
  expect(lineFor(ending)).toBe("agent-run: 1 call allowed, 0 denied; record r.jsonl");
});

test("a run without a record says so", () => {
  expect(closingLine({ calls: [], record: null })).toBe("agent-run: 0 calls allowed, 0 denied; no record");
});

test("sealed work is told by its number and the operator's log, and by nothing else", () => {
  expect(sealedLine({ sealed: 3, sealedLog: "s.jsonl" })).toBe(
    "agent-run: 3 sealed operations, their results are local-only; operator's log s.jsonl",
  );
  expect(sealedLine({ sealed: 1, sealedLog: null })).toBe(
    "agent-run: 1 sealed operation, its result is local-only; no operator's log",
  );
  expect(sealedLine({ sealed: 0, sealedLog: "s.jsonl" })).toBeNull();
  expect(sealedLine({})).toBeNull();
});

test("a call that waits for its answer is neither allowed nor denied", () => {
  expect(lineFor(["allow", null], ["ask", "E_PARKED"])).toBe(
    "agent-run: 1 call allowed, 0 denied, 1 waiting; record r.jsonl",
  );
});
