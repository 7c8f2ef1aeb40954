/**
 * Asks a person at the controlling terminal about one call. Anything but a typed `yes` is a no. Calls that were started
 * together are asked about one after the other: two questions at once would share what is typed.
 */
import type { ApprovalTicket } from "@agent-run/runtime";
import { printableLine } from "./printable.ts";
import type { ScriptOutput } from "./script-output.ts";
import type { Style } from "./style.ts";
import { askOnTerminal } from "./terminal.ts";

type Answer = "allow" | "deny";

export function terminalApprover(style: Style, output: ScriptOutput) {
  let before: Promise<unknown> = Promise.resolve();
  return (ticket: ApprovalTicket, signal: AbortSignal): Promise<Answer> => {
    const answer = output.holdDuring(async () => {
      await before;
      return ask(ticket, signal, style);
    });
    before = answer.catch(() => undefined);
    return answer;
  };
}

async function ask(ticket: ApprovalTicket, signal: AbortSignal, style: Style): Promise<Answer> {
  const answer = await askOnTerminal(questionFor(ticket, style), signal);
  if (answer === null) throw new Error("there is no terminal to ask on");
  return answer === "yes" ? "allow" : "deny";
}

/** Shown from the canonical request, which is what will run. */
function questionFor({ capability, target, rule, layer, request }: ApprovalTicket, style: Style): string {
  return [
    `${style.yellow("agent-run asks:")} may this run do ${style.bold(printableLine(capability))}?`,
    `  ${printableLine(target)}`,
    `  ${style.dim(`rule ${printableLine(rule)}${layer === "policy" ? "" : ` of ${printableLine(layer.replace(":", " "))}`}; request ${printableLine(request)}`)}`,
    "  type yes to allow it once, anything else to refuse: ",
  ].join("\n");
}
