/** What is legal and probably not meant: told to the operator, never a reason not to load. */
import { runsArbitraryCode } from "./arbitrary-code.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";

interface Parts {
  readonly rules: readonly RuleData[];
  readonly subprocess: Pick<PolicyData["subprocess"], "allowed" | "freeArgs">;
}

export function warningsOf({ rules, subprocess }: Parts): readonly string[] {
  // What only a secret names is run with the words of the policy, or not by scripts at all.
  const open = rules.flatMap(({ effect, match, use }) =>
    effect === "allow" && use === undefined && match.kind === "command" ? [match.name] : [],
  );
  const warnings = open.flatMap((name) => {
    const what = runsArbitraryCode(name);
    return what === null ? [] : [`\`${name}\` is ${what}: who may run it may run any code`];
  });
  for (const { ref, match } of rules) {
    if (
      match.kind !== "command" ||
      match.args === undefined ||
      match.name === "*" ||
      isAllowed(match.name, subprocess.allowed)
    )
      continue;
    warnings.push(`${ref.id} has no effect: \`${match.name}\` is not in \`allow_commands\``);
  }
  for (const name of subprocess.freeArgs) {
    if (isAllowed(name, subprocess.allowed)) continue;
    warnings.push(`\`[subprocess.commands.${name}]\` has no effect: \`${name}\` is not in \`allow_commands\``);
  }
  return [...new Set(warnings)];
}

const baseName = (command: string): string => command.slice(command.lastIndexOf("/") + 1);

const isAllowed = (name: string, allowed: readonly string[]): boolean =>
  allowed.some((command) => command === name || baseName(command) === baseName(name));
