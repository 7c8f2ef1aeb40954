/**
 * Builds what a script and the report see of a refusal (DENIALS-TEACH). Only what the script typed is shown: a target
 * that the check added (where a link leads, what a name resolves to) is named by the typed target it came from.
 */
import {
  type CanonicalRequest,
  CODES,
  changed,
  type Decision,
  type Effect,
  type Failure,
  isMentioned,
  type Result,
  type Target,
} from "@agent-run/policy";
import type { Done } from "./operation.ts";
import type { Decider, GateAnswer, GatePorts } from "./ports.ts";

const STRICTNESS: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };

/** The stricter of two answers about the same call; where both are equal the second, which knows more targets. */
export function strictest(first: Decision, second: Decision): Decision {
  return STRICTNESS[second.effect] >= STRICTNESS[first.effect] ? second : first;
}

/** Pure. An exception inside the policy is a no. */
export function decided(policy: Decider, request: CanonicalRequest, typed: CanonicalRequest): Decision {
  try {
    return policy.decide(request, typed);
  } catch {
    return failedDecision(request);
  }
}

function failedDecision({ targets: [target] }: CanonicalRequest): Decision {
  const rule = { id: "builtin.error" };
  const denied = { effect: "deny", code: "E_POLICY_DENIED", rule, matched: [], layer: "policy" } as const;
  return target === undefined ? denied : { ...denied, target };
}

/** The decision where a guard of the check (a link to agent-run's own files, no jail) denies what the rules let through. */
export const deniedByCheck = (decision: Decision, { code, rule = decision.rule, hint }: Failure): Decision =>
  changed(decision, { effect: "deny", code, rule, ...(hint === undefined ? {} : { hint }) });

/** The failure for a denied call. Where nothing could ever grant the capability, that is what it says. */
export function refusal(ports: GatePorts, typed: CanonicalRequest, decision: Decision): Failure {
  const capability = decision.target?.on ?? typed.on;
  const target = targetText(typed, decision, ports.context.root);
  if (!ports.policy.grants(capability)) {
    const grant = `to allow it, the policy needs: ${ports.policy.grantHint(capability, target, decision.target?.role)}`;
    return {
      code: "E_CAPABILITY",
      message: `this policy never allows \`${capability}\``,
      capability,
      target,
      rule: decision.rule,
      // Where a rule denies the target, a grant is not all that is needed, and the rule says what is.
      hint: decision.rule.id === "default" && decision.layer === "policy" ? grant : (decision.hint ?? grant),
    };
  }
  const place = decision.target?.role === "search" ? "anything at or below " : "";
  const { argv } = typed.attrs;
  const [command] = typed.on === capability || !Array.isArray(argv) ? [] : argv;
  const given = typeof command === "string" ? `, which \`${command}\` would be given` : "";
  const failure: Failure = {
    code: decision.code ?? "E_POLICY_DENIED",
    message: `the policy does not allow \`${capability}\` of ${place}\`${target}\`${given}`,
    capability,
    target,
    rule: decision.rule,
  };
  return decision.hint === undefined ? failure : { ...failure, hint: decision.hint };
}

/** Whether a failure of a check is a denial. */
export const isDenial = ({ code }: Failure): boolean => CODES[code].exit === CODES.E_POLICY_DENIED.exit;

const REFUSALS: readonly number[] = (
  ["E_POLICY_DENIED", "E_APPROVAL_DENIED", "E_AUDIT", "E_BUDGET", "E_PARKED"] as const
).map((code) => CODES[code].exit);

/** Whether the call was refused, by the policy, a person, a budget or for want of a record: nothing of it happened. */
export const isRefusal = ({ code }: Failure): boolean => REFUSALS.includes(CODES[code].exit);

/** A public name that leads to local-only data, by a link: whether or not there is something. */
export const leadsToSealed = (typed: CanonicalRequest): Failure => ({
  code: "E_POLICY_DENIED",
  message: "what the call names leads to local-only data",
  capability: typed.on,
  rule: { id: "builtin.local_only" },
  hint: "name local-only data by its own name; what is read there is sealed",
});

/** What the VM is told at the end of a call. A parked run goes no further, whatever the script would catch. */
export function answerOf(done: Result<Done>): GateAnswer {
  if (!done.ok) return done.failure.code === "E_PARKED" ? { fatal: "E_PARKED" } : { error: done.failure };
  return done.value.sealed === undefined ? { ok: done.value.value } : { sealed: done.value.sealed };
}

/** What a check is told whose call was refused before it ended. */
export const abandoned: Failure = { code: "E_INTERRUPTED", message: "the call was abandoned" };

/** What every call gets once the record failed. */
export const recordLost: Failure = {
  code: "E_AUDIT",
  message: "the record of this run cannot be written, so nothing more may happen in it",
};

/** What the call was about, in the script's terms; paths below the root are relative to it. */
export function targetText(typed: CanonicalRequest, decision: Decision, root: string): string {
  const asked = decision.target;
  const shown = asked !== undefined && isMentioned(typed, asked, root) ? asked : origin(typed, asked);
  if (shown === undefined) return "";
  if (shown.kind === "command") return commandText(typed, shown);
  if (shown.kind !== "path") return shown.value;
  if (shown.value === root) return ".";
  return shown.value.startsWith(`${root}/`) ? shown.value.slice(root.length + 1) : shown.value;
}

/** The typed target that an added one came from: the one under the same capability, else the first. */
const origin = ({ targets }: CanonicalRequest, added: Target | undefined): Target | undefined =>
  targets.find(({ on }) => on === added?.on) ?? targets[0];

/** A command is shown with its arguments, as one line. */
function commandText(typed: CanonicalRequest, target: Target): string {
  const { argv } = typed.attrs;
  return Array.isArray(argv) ? argv.join(" ") : target.value;
}
