/**
 * What of the environment is local-only, and goes to the vault alone. The public side keeps the names, as whether a
 * declared variable is set is public, and an empty text in the place of each value.
 */
import type { Policy } from "@agent-run/policy";

type Environment = Readonly<Record<string, string>>;

export function divideEnvironment(policy: Policy, environment: Environment): { open: Environment; shut: Environment } {
  if (policy.data.localOnly?.mode !== "sealed") return { open: environment, shut: {} };
  const open: Record<string, string> = {};
  const shut: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const isShut = isLocalOnly(policy, name);
    open[name] = isShut ? "" : value;
    if (isShut) shut[name] = value;
  }
  return { open, shut };
}

/** Denied ones, too: what a rule of the policy seals stays sealed whatever another rule says. */
function isLocalOnly(policy: Policy, name: string): boolean {
  const sources = policy.data.localOnly?.secrets ?? [];
  if (sources.some(({ source }) => source.kind === "env" && source.name === name)) return true;
  return policy.isLocalOnly({ on: "env.read", role: "read", kind: "variable", value: name });
}
