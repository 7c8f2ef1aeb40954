/**
 * Keeps requests away from what agent-run itself listens on: this process's debugger, and the ports of its servers.
 * Whoever reaches the inspector runs code in the supervisor, outside every check, and a script that reaches our server
 * is its own client, so no rule can open either. Only the host knows the ports; hence the guard stands here, right before
 * dialling, and not in the policy.
 */
import { url as inspectorUrl } from "node:inspector";
import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Failure } from "@agent-run/gate";

/** The refusal, or null. `listeners`: ports of this machine on which agent-run listens. */
export function ownPortRefusal(
  { host }: URL,
  addresses: readonly string[],
  port: number,
  listeners: readonly number[],
): Failure | null {
  const what = isDebugger(port) ? "debugger" : listeners.includes(port) ? "listener" : null;
  if (what === null || !addresses.some(isOwnAddress)) return null;
  const says = what === "debugger" ? "the debugger of this process" : "agent-run itself";
  const message = `${says} listens at \`${host}\`, and no policy opens that`;
  return { code: "E_POLICY_DENIED", message, rule: { id: `builtin.${what}` } };
}

function isDebugger(port: number): boolean {
  const active = inspectorUrl();
  return active !== undefined && Number(new URL(active).port) === port;
}

/** Any of the machine's addresses. A BlockList compares IPv4-mapped addresses as the IPv4 ones they are. */
const isOwnAddress = (address: string): boolean => ownAddresses().check(address, isIPv6(address) ? "ipv6" : "ipv4");

function ownAddresses(): BlockList {
  // Every 127.x and 0.x reaches this machine, though no interface lists them.
  const own = new BlockList();
  own.addSubnet("127.0.0.0", 8, "ipv4");
  own.addSubnet("0.0.0.0", 8, "ipv4");
  own.addAddress("::", "ipv6");
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family } of addresses ?? []) own.addAddress(address, family === "IPv6" ? "ipv6" : "ipv4");
  }
  return own;
}
