/** Commands that can do more than their name says: interpreters, package runners, build tools, and free arguments. */
import { type PolicyData, type RuleData, runsArbitraryCode } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";

export function commandFindings({ rules, subprocess }: PolicyData): readonly Finding[] {
  const grants = rules.filter(
    ({ effect, use, match }) => effect === "allow" && use === undefined && match.kind === "command",
  );
  return grants.flatMap((rule) => [...runsCode(rule, subprocess.sandbox), ...freeArguments(rule, subprocess.freeArgs)]);
}

function runsCode({ ref, match }: RuleData, sandbox: PolicyData["subprocess"]["sandbox"]): readonly Finding[] {
  if (match.kind !== "command") return [];
  const what = runsArbitraryCode(match.name);
  if (what === null) return [];
  const bound = sandbox === "none" ? "and there is no jail" : "in the jail";
  const message = `\`${match.name}\` is ${what}: who may run it may run any code, ${bound}`;
  const exact =
    match.args === undefined
      ? "grant single command lines with `argv` in a `[[rule]]`"
      : "keep `argv` free of `*` and `**` where you can";
  return [finding("runs-code", ref, message, exact, sandbox === "none" ? { level: "error" } : {})];
}

function freeArguments({ ref, match }: RuleData, free: readonly string[]): readonly Finding[] {
  if (match.kind !== "command" || !free.includes(match.name)) return [];
  const message = `arguments of \`${match.name}\` that look like paths are not held against the file rules`;
  return [finding("free-arguments", ref, message, `remove \`[subprocess.commands.${match.name}] args = "free"\``)];
}
