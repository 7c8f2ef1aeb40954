/**
 * What is legal and probably not meant: told to the operator, never a reason not to load. About what the operator wrote: a
 * preset of a toolchain says itself that its commands run any code, as long as the jail is around them, and its denials
 * wait for commands that the operator may grant.
 */
import { runsArbitraryCode } from "./arbitrary-code.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";

interface Parts {
  readonly rules: readonly RuleData[];
  readonly subprocess: Pick<PolicyData["subprocess"], "allowed" | "freeArgs" | "sandbox">;
}

export function warningsOf({ rules, subprocess }: Parts): readonly string[] {
  // What only a secret names is run with the words of the policy, or not by scripts at all.
  const open = rules.flatMap(({ ref, effect, match, use }) =>
    effect === "allow" && use === undefined && match.kind === "command"
      ? isOfPreset(ref) && subprocess.sandbox !== "none"
        ? []
        : [match.name]
      : [],
  );
  const warnings = open.flatMap((name) => {
    const what = runsArbitraryCode(name);
    return what === null ? [] : [`\`${name}\` is ${what}: who may run it may run any code`];
  });
  for (const { ref, match } of rules) {
    if (match.kind !== "command" || match.args === undefined || match.name === "*" || isOfPreset(ref)) continue;
    if (isAllowed(match.name, subprocess.allowed)) continue;
    warnings.push(`${ref.id} has no effect: \`${match.name}\` is not in \`allow_commands\``);
  }
  for (const name of subprocess.freeArgs) {
    if (isAllowed(name, subprocess.allowed)) continue;
    warnings.push(`\`[subprocess.commands.${name}]\` has no effect: \`${name}\` is not in \`allow_commands\``);
  }
  return [...new Set(warnings)];
}

const isOfPreset = ({ file }: RuleData["ref"]): boolean => file?.startsWith("preset:") === true;

const baseName = (command: string): string => command.slice(command.lastIndexOf("/") + 1);

const isAllowed = (name: string, allowed: readonly string[]): boolean =>
  allowed.some((command) => command === name || baseName(command) === baseName(name));
