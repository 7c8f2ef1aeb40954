/** `evaluate`: the verdict on one call, in one line, with an exit code that a script can ask. Nothing happens. */
import { Policy, placed } from "@agent-run/policy";
import { type AroundOptions, askedCall, circumstancesOf } from "../asked-call.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import { writeOut } from "../terminal.ts";
import { verdictExit, verdictOf } from "../verdict.ts";

export function evaluateCommand(call: string, options: PolicyOptions & OutputOptions & AroundOptions): number {
  const policy = selectPolicy(options);
  showOrigin(policy);
  const { data } = policy;
  const request = askedCall(call, data);
  const decision = Policy.revive(data).decide(request, request, circumstancesOf(options));
  const exitCode = verdictExit(decision);
  if (options.json) writeJson({ ok: decision.effect === "allow", exitCode, ...verdictOf(decision), request });
  else {
    writeOut(`${decision.effect}  ${printableLine(call)}  by ${printableLine(placed(decision.rule))}\n`);
    if (decision.hint !== undefined) writeOut(`hint: ${printableLine(decision.hint)}\n`);
  }
  return exitCode;
}
