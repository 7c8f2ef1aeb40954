/** Where a search that finds nothing proves nothing: what rules ask of a call that is tried here, and not split into all its classes. */
import type { Capability, Condition, ResolvedCommand, RuleData } from "@agent-run/policy";

type Test = Condition["test"];

/** Why finding no call of which the rule changes the answer is no proof; null: it is one. */
export function doubtOf(rule: RuleData, on: Capability): string | null {
  const { match, except, when = [] } = rule;
  const isTested = (attribute: string) => when.some((one) => one.attribute === attribute);
  if (!on.startsWith("net.")) return null;
  const hasPath = [match, except].some((one) => one?.kind === "host" && one.patterns.some(({ path }) => path !== null));
  return hasPath || isTested("url_path")
    ? `${rule.ref.id} is about paths of URLs; those that servers read in two ways are not looked at`
    : null;
}

export interface Around {
  /** The one moment that is asked about. */
  readonly now?: number | undefined;
  /** Commands of the policies that were found. */
  readonly commands?: readonly ResolvedCommand[];
}

/** Why finding no call is no proof, whichever rule it is about; null: it is one. */
export function policyDoubt(
  rules: readonly RuleData[],
  on: Capability,
  { now, commands = [] }: Around = {},
): string | null {
  const about = rules.filter((rule) => rule.on.includes(on));
  // Without a grant there is nothing to be found.
  return about.every(({ effect }) => effect === "deny")
    ? null
    : (addressDoubt(about, on) ?? typedDoubt(about, on, commands) ?? (now === undefined ? zonesDoubt(about) : null));
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

/** Who is granted a command that was found may type any path to it; some are looked at. */
function typedDoubt(rules: readonly RuleData[], on: Capability, commands: readonly ResolvedCommand[]): string | null {
  if (on !== "subprocess.exec" || commands.length === 0) return null;
  const tested = rules.find(({ when = [] }) =>
    when.some(({ attribute, test }) => (attribute === "command" || attribute === "command_line") && isPart(test)),
  );
  if (tested === undefined) return null;
  return `${tested.ref.id} is about parts of a command as it is typed; of paths to it only those that a rule names are tried`;
}

const isPart = ({ op }: Test): boolean => PARTS.has(op);
const PARTS: ReadonlySet<Test["op"]> = new Set(["contains", "starts_with", "ends_with", "regex", "glob"]);

/** Hours in several zones are looked at in some weeks. */
function zonesDoubt(rules: readonly RuleData[]): string | null {
  const zones = new Set(rules.flatMap(({ hours }) => hours?.zone ?? []));
  return zones.size > 1 ? `hours in ${zones.size} time zones are looked at in some weeks only` : null;
}
