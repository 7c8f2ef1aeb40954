/**
 * The dimensions of a call of one capability, in the order in which they are split: what decides most comes first. The
 * values of a dimension that is no text are those at which some rule of the policies could change its mind, and one
 * beside each.
 */
import {
  type Capability,
  canonicalAddress,
  type HostPattern,
  METHOD_CAPABILITY,
  type NeverPlace,
  type PolicyData,
  type RuleData,
  rangeEnds,
  specialRangeEnds,
} from "@agent-run/policy";
import type { Value } from "./clause.ts";
import { operandsOf } from "./conditions.ts";
import { anyDomain, hostDomain, pathDomain, urlPathDomain, variableDomain } from "./domains.ts";
import type { Dimension } from "./explore.ts";
import { momentsOf } from "./hours.ts";
import type { Within } from "./question.ts";
import type { TextTest } from "./text-test.ts";
import { TooComplex } from "./work.ts";

/** But the line of a command (line-space.ts). `within`: of the question itself, whose ports and addresses are values, too, and whose time is the only one. */
export function dimensionsOf(
  capability: Capability,
  policies: readonly PolicyData[],
  { places: asked = [], now }: Within = {},
): readonly Dimension[] {
  const rules = policies.flatMap((policy) =>
    policy.rules.filter((rule) => rule.on.includes(capability) || rule.sealed),
  );
  const always = circumstances(rules, now);
  const around = [sizes("bytes", rules), ...always];
  const family = capability.split(".")[0];
  if (family === "fs") return [text("path", pathDomain()), ...around];
  if (family === "env") return [text("name", variableDomain()), ...always];
  if (family === "net") return [...urlDimensions(capability, policies, rules, asked), ...around];
  return [{ name: "env", kind: "value", values: listsOf("env", rules) }, sizes("stdin_bytes", rules), ...always];
}

const text = (name: string, domain: TextTest, specials: readonly Value[] = []): Dimension => ({
  name,
  kind: "text",
  domain,
  specials,
});

const sizes = (name: string, rules: readonly RuleData[]): Dimension => {
  const cuts = numbers(name, rules);
  const near = cuts.flatMap((cut) => [cut, cut + 1, cut - 1]).filter((value) => value >= 0);
  return { name, kind: "value", values: [null, 0, ...near] };
};

/** Lists with each choice of the words that rules look for. */
function listsOf(attribute: string, rules: readonly RuleData[]): readonly Value[] {
  const words = rules.flatMap(({ when = [] }) => when.filter((one) => one.attribute === attribute).flatMap(operandsOf));
  const all = [...new Set(words.map(String))];
  if (all.length > MOST_WORDS) throw new TooComplex(`conditions on ${all.length} names in \`${attribute}\``);
  const choices = Array.from({ length: 2 ** all.length }, (_, bits) =>
    all.filter((_word, at) => (bits >> at) % 2 === 1),
  );
  return [null, ...choices];
}

const MOST_WORDS = 8;

/** Operands of conditions on an attribute. */
const numbers = (attribute: string, rules: readonly RuleData[]): readonly number[] =>
  rules.flatMap(({ when = [] }) =>
    when
      .filter((one) => one.attribute === attribute)
      .flatMap(operandsOf)
      .filter((one) => typeof one === "number"),
  );

function circumstances(rules: readonly RuleData[], now: number | undefined): readonly Dimension[] {
  return [
    { name: "now", kind: "value", values: now === undefined ? moments(rules) : [now] },
    { name: "actor", kind: "text", domain: anyDomain(), specials: [null] },
  ];
}

/** Of one question. */
const MOST_MOMENTS = 50_000;

/** Between two moments at which a condition changes, the hours of the days go round. */
function moments(rules: readonly RuleData[]): readonly Value[] {
  const cuts = [...numbers("now", rules), ...rules.flatMap(({ expires }) => expires ?? [])];
  const starts = [...new Set([0, ...cuts.flatMap((cut) => [cut - 1, cut, cut + 1])])].sort((a, b) => a - b);
  const hours = rules.flatMap((rule) => rule.hours ?? []);
  if (hours.length === 0) return [null, ...starts];
  const found = new Set<Value>([null]);
  for (const [at, start] of starts.entries()) {
    for (const moment of [start, ...momentsOf(hours, start, starts[at + 1])]) found.add(moment);
    if (found.size > MOST_MOMENTS) throw new TooComplex("there are too many hours and dates");
  }
  return [...found];
}

function urlDimensions(
  capability: Capability,
  policies: readonly PolicyData[],
  rules: readonly RuleData[],
  asked: readonly NeverPlace[],
): readonly Dimension[] {
  const methods = Object.keys(METHOD_CAPABILITY).filter((method) => METHOD_CAPABILITY[method] === capability);
  const ruled = rules.flatMap(({ match, except }) =>
    [match, except].flatMap((one) => (one?.kind === "host" ? one.patterns : [])),
  );
  const patterns = [...ruled, ...asked.flatMap((place) => (place.attribute === "host" ? place.patterns : []))];
  const ports = [...patterns.flatMap(({ port }) => (port === "*" ? [] : [port])), ...numbers("port", rules)];
  const secrets = policies.flatMap(({ localOnly }) => localOnly?.secrets.map(({ name }) => name) ?? []);
  return [
    text("host", hostDomain(), specialHosts(policies, rules, patterns)),
    { name: "scheme", kind: "value", values: ["https", "http"] },
    {
      name: "port",
      kind: "value",
      values: [...new Set([443, 80, ...ports.flatMap((port) => [port, port + 1, port - 1])])].filter(isPort),
    },
    // What no pattern can speak about, as a value.
    text("url_path", urlPathDomain(), [UNREADABLE]),
    { name: "method", kind: "value", values: methods },
    { name: "secret", kind: "value", values: [null, ...new Set(secrets)] },
  ];
}

export const UNREADABLE = "%2F";

let ends: readonly string[] | null = null;

function specialEnds(): readonly string[] {
  ends ??= specialRangeEnds();
  return ends;
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

/** Addresses that are named, or at which a range begins or ends; and names of this machine. */
function specialHosts(
  policies: readonly PolicyData[],
  rules: readonly RuleData[],
  patterns: readonly HostPattern[],
): readonly Value[] {
  const operands = rules.flatMap(({ when = [] }) =>
    when.filter(({ attribute }) => attribute === "host").flatMap(operandsOf),
  );
  const hosts = new Set([...patterns.map(({ host }) => host), ...operands.map(String)]);
  const named = [...hosts].flatMap((host) => {
    const address = canonicalAddress(host);
    return address.ok ? [address.value] : [];
  });
  const ranges = rules.flatMap(({ match, when = [] }) => [
    ...(match.kind === "address" ? match.ranges : []),
    ...when.flatMap(({ test }) => (test.op === "cidr" ? test.ranges : [])),
  ]);
  const bounds = ranges.length === 0 ? [] : [...ranges.flatMap(rangeEnds), ...specialEnds()];
  const privates = policies.flatMap(({ network }) => Object.keys(network.privateHosts));
  const local = [...hosts, ...privates]
    .filter((host) => host.endsWith(".localhost"))
    .map((host) => host.replace("*", "x"));
  return [...new Set([...named, "8.8.8.8", ...bounds, "127.0.0.1", "localhost", "x.localhost", ...local])];
}
