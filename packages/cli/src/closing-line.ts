/**
 * The one line that a run leaves on standard error: `agent-run: 5 calls allowed, 1 denied; record /…/01J….jsonl`. Denied
 * is what was kept from happening, by the policy, a person, nobody to ask, or a record that could not be written; a call
 * that was let through and then failed (a missing file) was allowed.
 */
import type { CallReport, RunReport } from "@agent-run/runtime";

export function closingLine({ calls, record }: Pick<RunReport, "calls" | "record">): string {
  const denied = calls.filter(isDenied).length;
  const allowed = calls.length - denied;
  const where = record === null ? "no record" : `record ${record}`;
  return `agent-run: ${allowed} ${allowed === 1 ? "call" : "calls"} allowed, ${denied} denied; ${where}`;
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
