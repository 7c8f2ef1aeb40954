/** What to write into the policy, where a run asks more often than people should be asked. */
import { askingRule, type PolicyData } from "@agent-run/policy";
import type { Ticket } from "./ticket.ts";

export function proposal(policy: PolicyData, ticket: Ticket, of: "run" | "session", most: number): string {
  const said = `this ${of} has put ${most} questions to people, and gets no more (\`[approvals] ${of === "run" ? "max_prompts" : "max_prompts_per_session"}\`)`;
  return `${said}; if calls like this one need nobody, ${remedy(policy, ticket)}`;
}

/** A grant does not answer a question, so what asks has to leave the call out. */
function remedy(policy: PolicyData, { rule: id, layer, capability, target }: Ticket): string {
  const rule = askingRule(policy, layer, id);
  const file = rule?.ref.file === undefined ? "" : ` in ${rule.ref.file}:${rule.ref.line}`;
  const except = `except = [${JSON.stringify(target)}]`;
  if (id.startsWith("subprocess.")) return `take it out of \`${id.replace(/\[\d+\]$/, "")}\`${file}`;
  if (!id.startsWith("requires_approval")) return `add \`${except}\` to the rule \`${id}\`${file}`;
  const on = JSON.stringify([capability]);
  const name = `ask-${capability.replace(/[^a-z]/g, "-")}`;
  return `replace \`${id}\`${file} by \`[[rule]] id = "${name}", effect = "ask", on = ${on}, ${except}\``;
}
