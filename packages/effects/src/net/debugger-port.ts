/**
 * Keeps requests away from this process's own debugger. Whoever reaches the inspector port runs code in the supervisor,
 * outside every check, so no rule can open it. Only the main thread knows the port; hence the guard stands here, right
 * before dialling, and not in the policy.
 */
import { url as inspectorUrl } from "node:inspector";
import { BlockList, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** Is this the debugger of this process, under any of the machine's addresses? */
export function isOwnDebugger(address: string, port: number): boolean {
  const active = inspectorUrl();
  if (active === undefined || Number(new URL(active).port) !== port) return false;
  // A BlockList compares IPv4-mapped addresses as the IPv4 ones they are.
  return ownAddresses().check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

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
