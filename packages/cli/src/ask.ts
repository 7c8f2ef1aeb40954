/**
 * Asks a person at the controlling terminal about one call. Anything but a typed `yes` is a no. Calls that were started
 * together are asked about one after the other: two questions at once would share what is typed.
 */
import type { Channel, Reply, Ticket } from "@agent-run/approvals";
import { printableLine } from "./printable.ts";
import type { ScriptOutput } from "./script-output.ts";
import type { Style } from "./style.ts";
import { askOnTerminal } from "./terminal.ts";

export function terminalChannel(style: Style, output: ScriptOutput): Channel {
  let before: Promise<unknown> = Promise.resolve();
  return {
    name: "terminal",
    ask: (ticket, alike, signal) => {
      const answer = output.holdDuring(async () => {
        await before;
        return ask(ticket, alike, signal, style);
      });
      before = answer.catch(() => undefined);
      return answer;
    },
  };
}

async function ask(ticket: Ticket, alike: number, signal: AbortSignal, style: Style): Promise<Reply | null> {
  if (signal.aborted) return null;
  const answer = await askOnTerminal(questionFor(ticket, alike, style), signal);
  return answer === null ? null : { answer: answer === "yes" ? "allow" : "deny", by: "terminal" };
}

/** Shown from the canonical request, which is what will run. */
function questionFor(ticket: Ticket, alike: number, style: Style): string {
  const { capability, target, rule, layer, request } = ticket;
  return [
    `${style.yellow("agent-run asks:")} may this run do ${style.bold(printableLine(capability))}?`,
    `  ${printableLine(target)}`,
    `  ${style.dim(`rule ${printableLine(rule)}${layer === "policy" ? "" : ` of ${printableLine(layer.replace(":", " "))}`}; request ${printableLine(request)}`)}`,
    `  type yes to allow it once${alike > 1 ? `, for the ${alike} calls that wait` : ""}, anything else to refuse: `,
  ].join("\n");
}
