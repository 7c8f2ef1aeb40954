/** What a model is told about the script API: only what this policy can grant, in the form it will use it. */
import { CAPABILITIES, type Capability, type Policy } from "@agent-run/policy";

const API: Record<Capability, string> = {
  "fs.read": "fs.read(path), fs.readJson(path), fs.list(path), fs.glob(pattern), fs.stat(path), fs.exists(path)",
  "fs.write": "fs.write(path, data, {append?, createParents?}), fs.mkdir(path), fs.copy(from, to)",
  "fs.delete": "fs.delete(path, {recursive?}), fs.move(from, to)",
  "net.http_get": "net.httpGet(url, {headers?}) -> {status, ok, headers, text(), json()}; await fetch(url)",
  "net.http_post": "net.httpPost(url, body, {headers?})",
  "net.http_put": "net.httpPut(url, body, {headers?})",
  "net.http_patch": "net.httpPatch(url, body, {headers?})",
  "net.http_delete": "net.httpDelete(url, {headers?})",
  "subprocess.exec": "subprocess.exec([command, ...args], {cwd?, stdin?, check?}) -> {exitCode, stdout, stderr}; no shell",
  "env.read": "env.read(name) -> string or undefined",
};

export function guideFor(policy: Policy): string {
  const granted = CAPABILITIES.filter((capability) => policy.grants(capability));
  const lines = granted.map((capability) => `- ${capability}: ${API[capability]}; granted: ${grantsOf(policy, capability)}`);
  return [
    "Runs a JavaScript (ES2023) or TypeScript script in a sandboxed VM. Calls are synchronous, but for fetch; every call is checked",
    "against the operator's policy, and what is not granted throws an AgentRunError with code, rule and hint.",
    "print(...) and console.log are returned as stdout; `return value` (JSON) as value. No eval, no timers beyond setTimeout order, no clock.",
    lines.length === 0 ? "This policy grants nothing: only pure computation works." : "What this policy grants:",
    ...lines,
  ].join("\n");
}

/** The patterns as the policy's files write them, shortened. */
function grantsOf(policy: Policy, capability: Capability): string {
  const rules = policy.data.rules.filter(({ effect, on }) => effect !== "deny" && on.includes(capability));
  const patterns = rules.flatMap(({ match }) => {
    if (match.kind === "path") return match.patterns.map((pattern) => relative(pattern, policy.data.root));
    if (match.kind === "host") return match.patterns.map(({ scheme, host, port, path }) => `${scheme}://${host}:${port}${path ?? ""}`);
    if (match.kind === "variable") return match.patterns;
    return match.kind === "command" && match.args === undefined ? [match.name] : [];
  });
  const unique = [...new Set(patterns)];
  const shown = unique.slice(0, 12).join(", ");
  return unique.length > 12 ? `${shown} and ${unique.length - 12} more` : shown;
}

const relative = (pattern: string, root: string): string =>
  pattern.startsWith(`${root}/`) ? pattern.slice(root.length + 1) : pattern;
