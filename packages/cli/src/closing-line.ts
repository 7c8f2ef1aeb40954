/**
 * What a run leaves on standard error: `agent-run: 5 calls allowed, 1 denied; record /…/01J….jsonl`, and after sealed work
 * `agent-run: 3 sealed operations, their results are local-only; operator's log /…/01J….jsonl`, whatever came of it. Denied
 * is what was kept from happening, by the policy, a person, nobody to ask, or a record that could not be written; a call
 * that was let through and then failed (a missing file) was allowed.
 */
import { LEARNING } from "@agent-run/policy";
import type { CallReport, RunReport } from "@agent-run/runtime";

export function closingLine({ calls, record }: Pick<RunReport, "calls" | "record">): string {
  const denied = calls.filter(isDenied).length;
  const waiting = calls.filter(({ code }) => code === "E_PARKED").length;
  const allowed = calls.length - denied - waiting;
  const learned = calls.filter((call) => !isDenied(call) && call.rule === LEARNING).length;
  const only = learned === 0 ? "" : ` (${learned} in this learning run only)`;
  const waits = waiting === 0 ? "" : `, ${waiting} waiting`;
  const where = record === null ? "no record" : `record ${record}`;
  return `agent-run: ${allowed} ${allowed === 1 ? "call" : "calls"} allowed${only}, ${denied} denied${waits}; ${where}`;
}

/** Null: nothing sealed was ordered. How many operations there were is known from the script's public text. */
export function sealedLine({ sealed = 0, sealedLog = null }: Pick<RunReport, "sealed" | "sealedLog">): string | null {
  if (sealed === 0) return null;
  const what = sealed === 1 ? "1 sealed operation, its result is" : `${sealed} sealed operations, their results are`;
  const where = sealedLog === null ? "no operator's log" : `operator's log ${sealedLog}`;
  return `agent-run: ${what} local-only; ${where}`;
}

const REFUSED: readonly (string | null)[] = [
  "E_POLICY_DENIED",
  "E_CAPABILITY",
  "E_APPROVAL_DENIED",
  "E_APPROVAL_TIMEOUT",
  "E_APPROVAL_UNAVAILABLE",
  "E_AUDIT",
];

const isDenied = ({ decision, code }: CallReport): boolean => decision === "deny" || REFUSED.includes(code);
