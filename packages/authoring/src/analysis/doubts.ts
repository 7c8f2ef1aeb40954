/** Where a search that finds nothing proves nothing: what rules ask of a call that is tried here, and not split into all its classes. */
import type { Capability, Condition, RuleData } from "@agent-run/policy";

type Test = Condition["test"];

/** Why finding no call of which the rule changes the answer is no proof; null: it is one. */
export function doubtOf(rule: RuleData, on: Capability): string | null {
  const { match, except, when = [] } = rule;
  const isTested = (attribute: string) => when.some((one) => one.attribute === attribute);
  if (on === "subprocess.exec") {
    const hasArgs =
      (match.kind === "command" && match.args !== undefined) ||
      except?.kind === "command" ||
      isTested("argv") ||
      isTested("command_line");
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

/** Why finding no call (at `now`, else at any time) is no proof, whichever rule it is about; null: it is one. */
export function policyDoubt(rules: readonly RuleData[], on: Capability, now?: number): string | null {
  const about = rules.filter((rule) => rule.on.includes(on));
  // Without a grant there is nothing to be found.
  return about.every(({ effect }) => effect === "deny")
    ? null
    : (addressDoubt(about, on) ?? (now === undefined ? zonesDoubt(about) : null));
}

/** Addresses are tried where a rule or a range names them; a pattern in a condition may take others. */
function addressDoubt(rules: readonly RuleData[], on: Capability): string | null {
  if (!on.startsWith("net.")) return null;
  const takesAny = rules.some(
    ({ effect, match }) =>
      effect !== "deny" && match.kind === "host" && match.patterns.some(({ host }) => host === "*"),
  );
  const tested = rules.find(({ when = [] }) =>
    when.some(({ attribute, test }) => attribute === "host" && isPart(test)),
  );
  if (!takesAny || tested === undefined) return null;
  return `${tested.ref.id} is about parts of \`host\`; of addresses only those that a rule names are tried`;
}

const isPart = ({ op }: Test): boolean => PARTS.has(op);
const PARTS: ReadonlySet<Test["op"]> = new Set(["contains", "starts_with", "ends_with", "regex", "glob"]);

/** Hours in several zones are looked at in some weeks. */
function zonesDoubt(rules: readonly RuleData[]): string | null {
  const zones = new Set(rules.flatMap(({ hours }) => hours?.zone ?? []));
  return zones.size > 1 ? `hours in ${zones.size} time zones are looked at in some weeks only` : null;
}
