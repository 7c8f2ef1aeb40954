/**
 * What a policy grants, one line a capability, as its files write it. Patterns are text of others: quoted, and cut to a
 * length that a tool description can have. Nothing else of the policy is told. What is sealed stands in sealed.ts.
 */
import {
  CAPABILITIES,
  type Capability,
  type HostPattern,
  type Policy,
  type RuleData,
  signatureOf,
} from "@agent-run/policy";
import { type Places, shownPattern } from "./place.ts";
import { quoted } from "./quoted.ts";

const MOST_PATTERNS = 10;
/** Characters of one pattern, and of all patterns of one line. */
const MOST_OF_ONE = 100;
const MOST_OF_LINE = 300;

const LABELS: Record<Capability, string> = {
  "fs.read": "read files",
  "fs.write": "write files",
  "fs.delete": "delete files",
  "net.http_get": "GET, HEAD",
  "net.http_post": "POST",
  "net.http_put": "PUT",
  "net.http_patch": "PATCH",
  "net.http_delete": "DELETE",
  "subprocess.exec": "run commands (no shell)",
  "env.read": "environment variables",
};

/** Capabilities that a run can have. What a policy always asks about is among them if a client may be asked. */
export function grantedBy(policy: Policy): ReadonlySet<Capability> {
  const isPossible = (on: Capability) => !isAlwaysAsked(policy, on) || mayClientAnswer(policy, on);
  return new Set(CAPABILITIES.filter((on) => policy.grants(on) && isPossible(on)));
}

function mayClientAnswer({ data }: Policy, on: Capability): boolean {
  const { channels, irreversibleChannels } = data.approvals;
  const isIrreversible = signatureOf(on).class === "irreversible";
  return channels.includes("elicitation") && (!isIrreversible || irreversibleChannels.includes("elicitation"));
}

function isAlwaysAsked({ data }: Policy, on: Capability): boolean {
  const layers = [data, ...data.ceilings];
  return layers.some(({ rules }) => rules.some((rule) => rule.on.includes(on) && asksInAnyCase(rule)));
}

/** `requires_approval`; a rule that asks under some condition leaves the other calls. */
const asksInAnyCase = ({ effect, match, when, hours, except }: RuleData): boolean =>
  effect === "ask" && match.kind === "any" && (when ?? hours ?? except) === undefined;

export interface Granted {
  readonly capability: Capability;
  readonly allows: string;
}

export const grantLines = (grants: readonly Granted[]): string[] =>
  grants.map(({ capability, allows }) => `- ${LABELS[capability]}: ${allows}`);

export function grantsOf(policy: Policy, granted: ReadonlySet<Capability>, places: Places): readonly Granted[] {
  return CAPABILITIES.filter((on) => granted.has(on)).flatMap((on) => {
    const open = rulesOn(policy, on, "allow").filter((rule) => isOpen(policy, rule));
    const patterns = open.flatMap((rule) => patternsOf(rule, places));
    const except = on === "subprocess.exec" ? refusedArguments(policy) : "";
    const within = ceilingText(policy, on, places);
    const asked = isAlwaysAsked(policy, on) ? "; your user is asked about each call" : "";
    const allows = `${listed(patterns)}${except}${within}${asked}`;
    return patterns.length === 0 ? [] : [{ capability: on, allows }];
  });
}

/** A call needs a grant of every layer. */
function ceilingText({ data }: Policy, on: Capability, places: Places): string {
  const bounds = data.ceilings.map(({ rules }) => {
    const grants = rules.filter(({ effect, on: all }) => effect !== "deny" && all.includes(on));
    return listed(grants.flatMap((rule) => patternsOf(rule, places)));
  });
  return bounds.map((bound) => `; and only what is in ${bound}, too`).join("");
}

/** Neither sealed nor the place of a secret. With `mode = "redact"` scripts hold what is local-only like anything else. */
const isOpen = ({ localOnly }: Policy, { sealed, use }: RuleData): boolean =>
  use === undefined && (sealed !== true || localOnly?.mode === "redact");

/** The first `folder/**` below the root that may be read, if its name needs no quoting. */
export const readableFolder = (policy: Policy, places: Places): string | undefined =>
  rulesOn(policy, "fs.read", "allow")
    .filter((rule) => isOpen(policy, rule))
    .flatMap((rule) => patternsOf(rule, places))
    .find((pattern) => /^[\w.-][\w./-]{0,80}\/\*\*$/.test(pattern));

export const rulesOn = ({ data }: Policy, on: Capability, effect: "allow" | "ask" | "deny"): readonly RuleData[] =>
  data.rules.filter((rule) => rule.effect === effect && rule.on.includes(on));

export function patternsOf({ match }: RuleData, places: Places): readonly string[] {
  if (match.kind === "path") return shortest(match.patterns.map((pattern) => shownPattern(pattern, places)));
  if (match.kind === "host") return match.patterns.map(hostText);
  if (match.kind === "variable") return match.patterns;
  if (match.kind !== "command") return [];
  return match.args === undefined ? [match.name] : match.args.map((args) => `${match.name} ${args}`);
}

/** Arguments that the policy denies or asks about; both end as a refusal. */
function refusedArguments(policy: Policy): string {
  const rules = [...rulesOn(policy, "subprocess.exec", "deny"), ...rulesOn(policy, "subprocess.exec", "ask")];
  const refused = rules.flatMap(({ match, ref }) =>
    match.kind === "command" && ref.file !== undefined ? (match.args ?? []).map((args) => `${match.name} ${args}`) : [],
  );
  return refused.length === 0 ? "" : `; but not ${listed(refused)}`;
}

/** A rule has its pattern once for each name of the root or the home; the shortest way to tell it is enough. */
function shortest(patterns: readonly string[]): readonly string[] {
  const relative = patterns.filter((pattern) => !/^[~/]/.test(pattern));
  if (relative.length > 0) return relative;
  const ofHome = patterns.filter((pattern) => pattern.startsWith("~"));
  return ofHome.length > 0 ? ofHome : patterns;
}

export function listed(patterns: readonly string[]): string {
  const unique = [...new Set(patterns)];
  const shown: string[] = [];
  let length = 0;
  for (const pattern of unique.slice(0, MOST_PATTERNS)) {
    const text = quoted(pattern, MOST_OF_ONE);
    length += text.length;
    if (length > MOST_OF_LINE && shown.length > 0) break;
    shown.push(text);
  }
  const more = unique.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** As a policy writes it: https and its port are what is meant without a word. */
export function hostText({ scheme, host, port, path }: HostPattern): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const usual = (scheme === "https" && port === 443) || (scheme === "http" && port === 80);
  return `${scheme === "https" ? "" : `${scheme}://`}${name}${usual ? "" : `:${port}`}${path ?? ""}`;
}
