/** Where a search that finds nothing proves nothing: what rules ask of a call that is tried here, and not split into all its classes. */
import type { Capability, RuleData } from "@agent-run/policy";

/** Why finding no call of which the rule changes the answer is no proof; null: it is one. */
export function doubtOf(rule: RuleData, on: Capability): string | null {
  const { match, except, when = [] } = rule;
  const isTested = (attribute: string) => when.some((one) => one.attribute === attribute);
  if (on === "subprocess.exec") {
    const hasArgs =
      (match.kind === "command" && match.args !== undefined) || except?.kind === "command" || isTested("argv");
    return hasArgs || isTested("command")
      ? `${rule.ref.id} is about arguments of commands, which are tried and not proved`
      : null;
  }
  if (!on.startsWith("net.")) return null;
  const hasPath = [match, except].some((one) => one?.kind === "host" && one.patterns.some(({ path }) => path !== null));
  return hasPath || isTested("url_path")
    ? `${rule.ref.id} is about paths of URLs; those that servers read in two ways are not looked at`
    : null;
}

/** Hours in several zones are looked at in some weeks. */
export function zonesDoubt(rules: readonly RuleData[]): string | null {
  const zones = new Set(rules.flatMap(({ hours }) => hours?.zone ?? []));
  return zones.size > 1 ? `hours in ${zones.size} time zones are looked at in some weeks only` : null;
}
