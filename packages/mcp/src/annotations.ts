/** Says honestly what a tool can do under this policy, for hosts that ask before some tools. A jailed command has no network. */
import type { Capability, Policy } from "@agent-run/policy";
import type { ToolAnnotations } from "@modelcontextprotocol/server";

/** Of tools that look and touch nothing. */
export const LOOKS_ONLY = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const;

const SENDS = new Set<Capability>(["net.http_post", "net.http_put", "net.http_patch", "net.http_delete"]);
const CHANGES = new Set<Capability>([...SENDS, "fs.write", "fs.delete", "subprocess.exec"]);

/** `uses`: the capabilities that the tool may use, as far as the policy grants them. */
export function annotationsFor(policy: Policy, uses: readonly Capability[]): ToolAnnotations {
  const granted = uses.filter((on) => policy.grants(on));
  const changes = granted.some((on) => CHANGES.has(on));
  const open = granted.includes("subprocess.exec") && policy.data.subprocess.sandbox === "none";
  return {
    readOnlyHint: !changes,
    destructiveHint: changes,
    idempotentHint: false,
    openWorldHint: open || granted.some((on) => on === "net.http_get" || SENDS.has(on)),
  };
}
