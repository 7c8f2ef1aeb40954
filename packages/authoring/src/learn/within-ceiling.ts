/**
 * What of the drafted rules lies within a ceiling. Guards that `policy learn --ceiling` writes nothing of which that is not
 * known (DEFAULT-NO): a rule is proved for every call that it admits, or each of its exact places is asked of the ceiling
 * with nothing known of the call but the place, so that an answer holds for every call there.
 */
import { type CanonicalRequest, canonicalUrl, type Policy, type PolicyData } from "@agent-run/policy";
import { differences } from "../analysis/regions.ts";
import { type Fact, type Place, urlOf } from "./fact.ts";
import type { NamedRule } from "./policy-text.ts";

export interface Bounds {
  /** Ids of rules that admit a call which the ceiling does not. */
  readonly beyond: ReadonlySet<string>;
  /** Of rules by their ids: why it was not found out whether they do. */
  readonly unproved: ReadonlyMap<string, string>;
}

/** Above this, proving takes too long. */
const MAX_PROVED = 500;

/** `policy`: what the rules were loaded as. */
export function boundsOf(ceiling: Policy, policy: Policy, rules: readonly NamedRule[]): Bounds {
  const places = rules.reduce((sum, { facts, generalised }) => sum + (generalised === null ? facts.length : 1), 0);
  if (places > MAX_PROVED) {
    const why = `more than ${MAX_PROVED} places were learned`;
    return { beyond: new Set(), unproved: new Map(rules.map(({ id }) => [id, why])) };
  }
  const ids = new Set(rules.map(({ id }) => id));
  const on = [...new Set(rules.map((rule) => rule.on))];
  const beyond = new Set<string>();
  const unproved = new Map<string, string>();
  for (const layer of layersOf(ceiling.data)) {
    const { found, unknown } = differences(layer, policy.data, on, ({ ref }) => ids.has(ref.id));
    for (const { before, after, rule } of found)
      if (before.startsWith("deny") && !after.startsWith("deny")) beyond.add(rule.ref.id);
    for (const { on: about, reason } of unknown)
      for (const rule of rules) if (rule.on === about) unproved.set(rule.id, reason);
  }
  return { beyond, unproved };
}

/** Each by itself, as what lies beyond one of them is not looked for under another. */
const layersOf = (ceiling: PolicyData): readonly PolicyData[] => [
  { ...ceiling, ceilings: [] },
  ...ceiling.ceilings.map((one) => ({ ...one, ceilings: [] })),
];

/** Does the ceiling agree to every call at this place, whatever its size, time, actor or anything else? */
export function agreesTo(ceiling: Policy, fact: Fact): boolean {
  const request = requestAt(fact, ceiling.data);
  if (layersOf(ceiling.data).some((layer) => asksForAbsence(layer, fact.on))) return false;
  return ceiling.decide(request, request, { now: null, actor: null }).effect !== "deny";
}

/** `exists` is the one test whose answer for what is not known is not that of every value. */
const asksForAbsence = ({ rules }: PolicyData, on: Fact["on"]): boolean =>
  rules.some((rule) => rule.on.includes(on) && rule.when?.some(({ test }) => test.op === "exists"));

function requestAt({ on, place }: Fact, { subprocess: { commands } }: PolicyData): CanonicalRequest {
  const call = (role: "read" | "write" | "delete" | "connect" | "execute", value: string) => ({
    targets: [{ on, role, kind: place.kind, value }] as const,
  });
  const request = { v: 1, on, labels: [] } as const;
  if (place.kind === "path") {
    const role = on === "fs.write" ? "write" : on === "fs.delete" ? "delete" : "read";
    return { ...request, ...call(role, place.path), attrs: {} };
  }
  if (place.kind === "variable") return { ...request, ...call("read", place.name), attrs: { name: place.name } };
  if (place.kind === "url")
    return { ...request, ...call("connect", canonical(urlOf(place))), attrs: attributesOf(place) };
  const path = commands.find(({ name }) => name === place.name)?.path ?? place.name;
  return { ...request, ...call("execute", path), attrs: { command: place.name, argv: [place.name, ...place.words] } };
}

/** What is no URL stays as it is, and is denied. */
function canonical(text: string): string {
  const url = canonicalUrl(text);
  return url.ok ? url.value.url : text;
}

const attributesOf = ({ host, port, scheme, method, urlPath }: Extract<Place, { kind: "url" }>) => ({
  ...{ host, port, scheme, method },
  url_path: urlPath,
});
