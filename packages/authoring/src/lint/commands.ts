/** Commands that can do more than their name says: interpreters, package runners, build tools, and free arguments. */
import { type PolicyData, type RuleData, runsArbitraryCode } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";

export function commandFindings({ rules, subprocess }: PolicyData): readonly Finding[] {
  const grants = rules.filter(
    ({ effect, use, match }) => effect === "allow" && use === undefined && match.kind === "command",
  );
  // A preset of a toolchain grants what runs code on purpose, for the jail; a finding for each would hide the others.
  const isMeant = ({ ref }: RuleData) => subprocess.sandbox !== "none" && ref.file?.startsWith("preset:") === true;
  return [
    ...grants.filter((rule) => !isMeant(rule)).flatMap((rule) => runsCode(rule, subprocess.sandbox)),
    ...ofPresets(grants.filter(isMeant)),
    ...grants.flatMap((rule) => freeArguments(rule, subprocess.freeArgs)),
  ];
}

/** Names that are told. */
const MOST = 4;

/** One note for each preset. */
function ofPresets(grants: readonly RuleData[]): readonly Finding[] {
  const byFile = new Map<string, RuleData[]>();
  for (const rule of grants) {
    if (rule.match.kind !== "command" || runsArbitraryCode(rule.match.name) === null) continue;
    const { file = "" } = rule.ref;
    byFile.set(file, [...(byFile.get(file) ?? []), rule]);
  }
  return [...byFile.values()].flatMap((rules) => {
    const [first] = rules;
    if (first === undefined) return [];
    const names = rules.flatMap(({ match }) => (match.kind === "command" ? [`\`${match.name}\``] : []));
    const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
    const message = `${names.slice(0, MOST).join(", ")}${more} may run any code, in the jail, as the preset means it`;
    const hint = "what they may read and write is what the policy grants; take one back with `deny_commands`";
    return [finding("runs-code", first.ref, message, hint, { level: "note" })];
  });
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
