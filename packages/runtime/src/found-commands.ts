/**
 * A policy with the programs that its commands' names lead to, and those of its ceilings. A bare name in a ceiling means
 * the program that the policy's own search finds, so that it is the same file by its making; a name with `/` lies under
 * the ceiling's own root. Who may ever write where is asked of all layers.
 */
import { type FoundCommands, resolveCommands } from "@agent-run/effects";
import { Policy, type PolicyData, type ResolvedCommand } from "@agent-run/policy";

/** `isAsked`: of the listed names those that are to be looked up. */
export function withFoundCommands(data: PolicyData, isAsked: (name: string) => boolean = () => true): PolicyData {
  const policy = Policy.revive(data);
  const widest = policy.widest();
  const { commands, warnings } = search(widest, data.subprocess.allowed.filter(isAsked), widest.data);
  const ofCeilings = data.ceilings.map((ceiling) => commandsOf(ceiling, widest, isAsked));
  return policy.withCommands(commands, warnings, ofCeilings).data;
}

/** What the ceiling's own operator should know is told when the ceiling is validated, not to who runs under it. */
function commandsOf(
  ceiling: PolicyData,
  policy: Policy,
  isAsked: (name: string) => boolean,
): readonly ResolvedCommand[] {
  const allowed = ceiling.subprocess.allowed.filter(isAsked);
  const isPath = (name: string) => name.includes("/");
  const bare = search(
    policy,
    allowed.filter((name) => !isPath(name)),
    policy.data,
  );
  const placed = search(policy, allowed.filter(isPath), ceiling);
  return [...bare.commands, ...placed.commands];
}

/** Names of `data`, below its root; who may ever write where is asked of `policy`. */
function search(policy: Policy, allowed: readonly string[], data: PolicyData): FoundCommands {
  const asked = { ...data, subprocess: { ...data.subprocess, allowed } };
  return resolveCommands({ data: asked, decide: (request) => policy.decide(request) });
}
