/**
 * The objection of the host program, the last question of the wall: what the policy and people let through, the program
 * that runs the script may still refuse. It is asked in its own thread; anything but a clear "no objection" is a no.
 */
import type { Decision, Failure } from "@agent-run/policy";
import type { Call } from "./call.ts";
import { errand, type Steps } from "./errand.ts";
import type { GatePorts } from "./ports.ts";
import type { Report } from "./report.ts";

const RULE = { id: "builtin.host" };

/** Null: it does not object, or is none to ask. */
export function* objectionOf(
  { consults }: Pick<GatePorts, "consults">,
  report: Report,
  call: Call,
  decision: Decision,
): Steps<Failure | null> {
  if (consults === undefined) return null;
  const seq = report.decided(call, decision);
  const line = report.calls[seq - 1];
  const capability = line?.capability ?? call.typed.on;
  const target = line?.target ?? "";
  const told = { seq, capability, target: consults.shown(target), rule: decision.rule.id };
  const answer = yield* errand({ kind: "consult", call: told });
  if (answer.ok && answer.value.refused === null) return null;
  const reason = answer.ok ? (answer.value.refused?.reason ?? null) : null;
  return {
    code: "E_POLICY_DENIED",
    message: `the program that runs this script refused \`${capability}\` of \`${target}\``,
    capability,
    target,
    rule: RULE,
    hint: reason ?? "no rule of the policy can open this",
  };
}
