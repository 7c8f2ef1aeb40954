/**
 * The verifier's second half: judges what the parser found in a script with this policy, before anything runs. It only
 * refuses what is certain (a construct that the subset lacks, a capability that this policy can never grant); what a
 * script reaches by an alias or a computed name meets the gate at run time.
 */
import { CAPABILITIES, type Capability, globStart, isTool, nearest, type Policy, toolNamed } from "@agent-run/policy";
import { codeFrame, type ScriptProgram, type SourceProblem, type Use } from "@agent-run/vm";
import type { RunError } from "./report.ts";

/** What the verifier asks a policy. */
type Grants = Pick<Policy, "grants" | "grantHint" | "withheldBy">;

/** All problems in source order; none means that the script may run. */
export function judge(program: ScriptProgram, policy: Grants, tools: readonly string[] = []): RunError[] {
  const refused = program.uses.flatMap((use) =>
    isUnknown(use, tools) ? [unknownTool(use, tools, program.source)] : refusedUse(use, policy, program.source),
  );
  const violations = program.violations.map((violation) => sourceError(violation, program.source));
  return [...violations, ...refused].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** A problem of the source with its code frame. */
export function sourceError(problem: SourceProblem, source: string): RunError {
  return { ...problem, frame: codeFrame(source, problem.line, problem.column) };
}

function refusedUse(use: Use, policy: Grants, source: string): RunError[] {
  const candidates: readonly Capability[] = isTool(use.capability)
    ? [use.capability]
    : CAPABILITIES.filter((name) => name === use.capability || isFamily(use.capability, name));
  const [capability] = candidates;
  if (capability === undefined || candidates.some((name) => policy.grants(name))) return [];
  const { line, column, text, target } = use;
  return [
    {
      code: "E_CAPABILITY",
      message: `this policy never allows \`${use.capability}\`${text === use.capability ? "" : `, which \`${text}\` needs`}`,
      capability: use.capability,
      ...(target === undefined ? {} : { target }),
      hint: howToAllow(use, capability, policy),
      line,
      column,
      frame: codeFrame(source, line, column),
    },
  ];
}

const isUnknown = ({ capability }: Use, tools: readonly string[]): boolean =>
  isTool(capability) && !tools.some((name) => toolNamed(name) === capability);

/** No policy can allow what is not there. */
function unknownTool({ capability, text, line, column }: Use, tools: readonly string[], source: string): RunError {
  const near = nearest(capability, tools.map(toolNamed));
  const known = tools.length === 0 ? "no tools are defined here" : `there are: ${tools.map(toolNamed).join(", ")}`;
  return {
    code: "E_CAPABILITY",
    message: `there is no \`${capability}\`, which \`${text}\` needs`,
    capability,
    hint: near === null || near === undefined ? known : `did you mean \`${near}\`?`,
    line,
    column,
    frame: codeFrame(source, line, column),
  };
}

function howToAllow(use: Use, capability: Capability, policy: Grants): string {
  const ceiling = policy.withheldBy(capability);
  if (ceiling !== null) return `the ceiling \`${ceiling}\` never allows it, and no policy under it can`;
  const place = placeOf(use);
  const entry = use.target === undefined ? " an entry such as" : "";
  return `to allow it, the policy needs${entry}: ${policy.grantHint(capability, place.target, place.role)}`;
}

/** What has to be granted: for a pattern the place where it begins, as the gate would decide it. */
function placeOf({ target, isPattern }: Use): { readonly target?: string; readonly role?: "search" } {
  if (target === undefined || isPattern !== true) return target === undefined ? {} : { target };
  const glob = globStart(target);
  if (!glob.ok) return {};
  const { base, isLiteral } = glob.value;
  return isLiteral ? { target: base } : { target: base === "" ? "." : base, role: "search" };
}

/** `net.*` stands for any capability of its family: the script computes the method. */
const isFamily = (pattern: string, name: Capability): boolean =>
  pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -1));
