/**
 * Asks a person at the controlling terminal about one call. Anything but a typed `yes` is a no. Calls that were started
 * together are asked about one after the other: two questions at once would share what is typed.
 */
import { type Channel, commandChannel, type Reply, type Ticket } from "@agent-run/approvals";
import type { PolicyData } from "@agent-run/policy";
import { approvalsDirectory, isWritable } from "@agent-run/runtime";
import { printableLine } from "./printable.ts";
import type { ScriptOutput } from "./script-output.ts";
import type { Style } from "./style.ts";
import { askOnTerminal, writeError } from "./terminal.ts";

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

/** `agent-run approvals` elsewhere. `waits`: somebody is known to come; else it is one more way beside this terminal. */
export function secondTerminal(policy: PolicyData, waits: boolean): readonly Channel[] {
  const directory = approvalsDirectory();
  if (isWritable(policy, directory)) return [];
  const channel = commandChannel(directory, waits);
  if (!waits) return [channel];
  const told = new Set<string>();
  const ask: Channel["ask"] = (ticket, alike, signal) => {
    if (!told.has(ticket.nonce)) writeError(`${waitingLine(ticket)}\n`);
    told.add(ticket.nonce);
    return channel.ask(ticket, alike, signal);
  };
  return [{ ...channel, ask }];
}

/** Nobody would know otherwise what a run in a pipe is waiting for. */
const waitingLine = ({ nonce, capability, target, expiresMs }: Ticket): string =>
  `agent-run: ${printableLine(capability)} ${printableLine(target)} waits until ${new Date(expiresMs).toISOString()} for \`agent-run approvals approve ${nonce.slice(0, 8)}\` at another terminal`;

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
