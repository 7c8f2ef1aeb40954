/** For tests only: what a loaded policy answers to a path or a variable. */
import { Policy } from "../policy.ts";
import type { PolicyData } from "../policy-data.ts";
import type { Capability } from "../signatures.ts";

const ROLE = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" } as const;

/** `allow`, `ask`, or the id of the rule that denies. */
export function askPath(data: PolicyData, on: keyof typeof ROLE, path: string): string {
  return ask(data, on, { role: ROLE[on], kind: "path", value: path }, { path });
}

export function askVariable(data: PolicyData, name: string): string {
  return ask(data, "env.read", { role: "read", kind: "variable", value: name }, { name });
}

export function askUrl(data: PolicyData, url: string): string {
  return ask(data, "net.http_get", { role: "connect", kind: "url", value: url }, { method: "GET" });
}

export function askCommand(data: PolicyData, argv: readonly string[]): string {
  const [command = ""] = argv;
  return ask(data, "subprocess.exec", { role: "execute", kind: "command", value: command }, { command, argv });
}

type AskedTarget = Omit<Parameters<Policy["decide"]>[0]["targets"][number], "on">;
type Attributes = Parameters<Policy["decide"]>[0]["attrs"];

function ask(data: PolicyData, on: Capability, target: AskedTarget, attrs: Attributes): string {
  const request = { v: 1, on, targets: [{ on, ...target }], attrs, labels: [] } as const;
  const decision = Policy.revive(structuredClone(data)).decide(request);
  return decision.effect === "deny" ? decision.rule.id : decision.effect;
}
