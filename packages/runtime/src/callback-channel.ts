/** The embedder's own code as a way to a person: `RuntimeOptions.approve`. What it answers is held to be a no unless it is a clear yes. */
import type { Channel, Reply } from "@agent-run/approvals";
import type { RuntimeOptions } from "./runtime.ts";

export function callbackOf({ approve, approver = "callback" }: RuntimeOptions): readonly Channel[] {
  if (approve === undefined) return [];
  const ask: Channel["ask"] = async (ticket, _alike, signal) => replyOf(await approve(ticket, signal), approver);
  return [{ name: "callback", ask }];
}

function replyOf(given: unknown, approver: string): Reply {
  if (given === "allow") return { answer: "allow", by: approver };
  if (typeof given !== "object" || given === null) return { answer: "deny", by: approver };
  const { answer, by = approver, scope, untilMs, comment } = given as Partial<Reply>;
  return {
    answer: answer === "allow" ? "allow" : "deny",
    by,
    ...(scope === undefined ? {} : { scope }),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(comment === undefined ? {} : { comment }),
  };
}
