/**
 * `policy can`: could any call of a kind ever be allowed or asked about? Answered for all calls there are, without running
 * or resolving anything; where the answer is yes, with a call.
 */
import type { Possibility, TypedQuestion } from "@agent-run/authoring";
import { placed } from "@agent-run/policy";
import { homeDirectories } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { writeOut } from "../terminal.ts";

export interface CanOptions extends PolicyOptions, OutputOptions, TypedQuestion {
  /** Exit with 1 if a call may be allowed; with `ask`, also if one may be asked about. */
  readonly failOn?: "allow" | "ask";
}

export async function canCommand(options: CanOptions, style: Style): Promise<number> {
  const selected = selectPolicy(options);
  if (!options.quiet) showOrigin(selected);
  const { data } = selected;
  const { possible, readQuestion } = await import("@agent-run/authoring");
  const read = readQuestion(options, data, homeDirectories());
  if (!read.ok) throw new CommandFailure("E_CONFIG", read.message);
  const { found, unknown } = possible(data, read.question);
  const isProved = unknown.length === 0 && found.every(({ witness }) => witness !== null);
  const isOpen = found.some(({ answer }) => options.failOn === "ask" || answer.startsWith("allow"));
  const exitCode = options.failOn !== undefined && (isOpen || unknown.length > 0) ? 1 : 0;
  if (options.json) {
    const answer = found.length > 0 ? "yes" : unknown.length > 0 ? "unknown" : "no";
    writeJson({ ok: exitCode === 0, exitCode, answer, proved: isProved, found: found.map(reportOf), unknown });
    return exitCode;
  }
  if (found.length === 0 && unknown.length === 0) writeOut(`${style.green("no")}, proved: ${NONE}\n`);
  for (const one of found) writeOut(textOf(one, style));
  for (const { on, reason } of unknown) writeOut(`${style.yellow("not known")} for ${on}: ${printableLine(reason)}\n`);
  return exitCode;
}

const NONE = "no call of this kind is allowed or asked about";

const reportOf = ({ on, answer, witness, decision }: Possibility) => ({
  on,
  answer,
  confirmed: witness !== null,
  call: witness?.call ?? null,
  request: witness?.request ?? null,
  circumstances: witness?.circumstances ?? null,
  rule: decision?.rule ?? null,
  layer: decision?.layer ?? null,
});

function textOf({ on, answer, witness, decision }: Possibility, style: Style): string {
  const says = SAYS[answer] ?? answer;
  if (witness === null || decision === null)
    return `${style.yellow("possible, not confirmed")}: a call of ${on} is ${says}\n`;
  const rule = printableLine(placed(decision.rule));
  return `${style.yellow("yes")}, ${says}: ${printableLine(witness.call)}\n  by ${rule}\n`;
}

const SAYS: Readonly<Record<string, string>> = {
  allow: "allowed",
  ask: "asked about",
  "allow sealed": "allowed, sealed",
  "ask sealed": "asked about, sealed",
};
