/**
 * A policy with the programs that its commands' names lead to, and those of its ceilings. A bare name in a ceiling means
 * the program that the policy's own search finds, so that it is the same file by its making; a name with `/` lies under
 * the ceiling's own root. Who may ever write where is asked of all layers.
 */
import { resolveCommands } from "@agent-run/effects";
import { Policy, type PolicyData, type ResolvedCommand } from "@agent-run/policy";

export function withFoundCommands(data: PolicyData): PolicyData {
  const policy = Policy.revive(data);
  const widest = policy.widest();
  const { commands, warnings } = resolveCommands(widest);
  const ofCeilings = data.ceilings.map((ceiling) => commandsOf(ceiling, widest));
  return policy.withCommands(commands, warnings, ofCeilings).data;
}

/** What the ceiling's own operator should know is told when the ceiling is validated, not to who runs under it. */
function commandsOf(ceiling: PolicyData, policy: Policy): readonly ResolvedCommand[] {
  const search = (data: PolicyData, isMeant: (name: string) => boolean) => {
    const allowed = ceiling.subprocess.allowed.filter(isMeant);
    const asked = { ...data, subprocess: { ...data.subprocess, allowed } };
    return resolveCommands({ data: asked, decide: (request) => policy.decide(request) }).commands;
  };
  const isPath = (name: string) => name.includes("/");
  return [...search(policy.data, (name) => !isPath(name)), ...search(ceiling, isPath)];
}
