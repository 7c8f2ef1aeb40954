/** Grants of what leaves traces or the machine, that nothing bounds. */
import { type PolicyData, type RuleData, SIGNATURES } from "@agent-run/policy";
import { type Finding, finding } from "./finding.ts";
import { uniqueById } from "./validity.ts";

export function unlimited({ rules, budget }: PolicyData): readonly Finding[] {
  if (budget.calls !== null) return [];
  const acting = rules.filter(({ effect, ref, on }) => effect === "allow" && ref.file !== undefined && on.some(acts));
  const bounded = ({ limit, on }: RuleData) =>
    limit !== undefined || on.filter(acts).every((one) => budget.callsPerCapability[one] !== undefined);
  return uniqueById(acting.filter((rule) => !bounded(rule))).map(({ ref, on }) =>
    finding(
      "no-limit",
      ref,
      `nothing bounds how often a run may do ${on.filter(acts).join(", ")}`,
      "add `limit = { calls = 100 }` to a `[[rule]]`, or `[budget] calls = 500` for the whole run",
    ),
  );
}

const acts = (capability: RuleData["on"][number]): boolean => SIGNATURES[capability].class !== "read";
