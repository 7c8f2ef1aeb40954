/** Asks a person at the controlling terminal about one call. Anything but a typed `yes` is a no. */
import type { ApprovalTicket } from "@agent-run/runtime";
import { printableLine } from "./printable.ts";
import type { Style } from "./style.ts";
import { askOnTerminal } from "./terminal.ts";

export function terminalApprover(style: Style) {
  return async (ticket: ApprovalTicket, signal: AbortSignal): Promise<"allow" | "deny"> => {
    const answer = await askOnTerminal(questionFor(ticket, style), signal);
    if (answer === null) throw new Error("there is no terminal to ask on");
    return answer === "yes" ? "allow" : "deny";
  };
}

/** Shown from the canonical request, which is what will run. */
function questionFor({ capability, target, rule, request }: ApprovalTicket, style: Style): string {
  return [
    `${style.yellow("agent-run asks:")} may this run do ${style.bold(printableLine(capability))}?`,
    `  ${printableLine(target)}`,
    `  ${style.dim(`rule ${printableLine(rule)}; request ${printableLine(request)}`)}`,
    "  type yes to allow it once, anything else to refuse: ",
  ].join("\n");
}
