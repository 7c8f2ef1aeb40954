/** Grants of what leaves traces or the machine, that nothing bounds. */
import { isTool, type PolicyData, type RuleData, signatureOf } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";
import { uniqueById } from "./validity.ts";

export function unlimited({ rules, budget }: PolicyData): readonly Finding[] {
  if (budget.calls !== null) return [];
  const acting = rules.filter(({ effect, ref, on }) => effect === "allow" && ref.file !== undefined && on.some(acts));
  const bounded = ({ limit, on }: RuleData) =>
    limit !== undefined || on.filter(acts).every((one) => !isTool(one) && budget.callsPerCapability[one] !== undefined);
  const open = acting.filter((rule) => !bounded(rule));
  const [first] = open;
  if (first === undefined) return [];
  const capabilities = [...new Set(open.flatMap(({ on }) => on.filter(acts)))];
  const count = uniqueById(open).length;
  const message = `nothing bounds how often a run may do ${capabilities.join(", ")} (${count} ${count === 1 ? "grant" : "grants"})`;
  const hint = "write `[budget] calls = 500` for a whole run, or `limit = { calls = 100 }` in a `[[rule]]`";
  return [finding("no-limit", first.ref, message, hint)];
}

const acts = (capability: RuleData["on"][number]): boolean => signatureOf(capability).class !== "read";
