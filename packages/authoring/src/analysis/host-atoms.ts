/**
 * Rules about URLs as atoms: one for each host pattern, since scheme, host, port and path must match together. Hosts are
 * names, or one of a list of special values: addresses, and names of this machine, whose addresses are decided as well.
 */
import {
  type Capability,
  canonicalAddress,
  decodedPattern,
  type HostPattern,
  inAnyRange,
  isThisMachine,
  Policy,
  type PolicyData,
  type RuleData,
} from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Place, type Reading, rolesOf } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import type { Role, Test } from "./clause.ts";
import { conditionsOf } from "./conditions.ts";
import { hostPattern, looseReadings, pathPattern } from "./patterns.ts";
import { matches } from "./text-test.ts";

type Tests = Atom["tests"];

export function hostAtoms({ rule, policies, data }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  if (match.kind === "address")
    return isAbout(rule, capability) ? addressAtoms(rule, policies, capability, match.ranges) : [];
  if (match.kind !== "host") return [];
  const atoms: Atom[] = [];
  const add = (role: Role, pattern: HostPattern, reading: Reading, place: Place, refined = true) => {
    const { tests, key, excepts } = conditionsOf(rule, capability, reading, reading);
    const own = refined ? refinements(pattern, reading) : portTest(pattern);
    const ownKey = JSON.stringify([pattern.scheme, pattern.port, pattern.path, refined, rule.use ?? null]);
    atoms.push({
      role,
      policies,
      rule,
      place,
      tests: joined([...own, ...tests, ...useTests(rule, data)]),
      key: `${ownKey} ${key}`,
      excepts,
    });
  };
  const ways = isAbout(rule, capability) ? rolesOf(rule) : [];
  for (const pattern of match.patterns) {
    for (const [role, reading] of ways) {
      add(role, pattern, reading, placeOf(pattern));
      const reach = reachOf(role);
      if (reach !== null) add(reach, pattern, reading, reachable(pattern, capability, data));
    }
    if (rule.sealed !== true) continue;
    add("local", pattern, "loose", placeOf(pattern));
    add("local", pattern, "loose", alias(pattern), false);
  }
  return atoms;
}

function reachOf(role: Role): Role | null {
  if (role === "open" || role === "openAsk") return "openReach";
  if (role === "sealed" || role === "sealedAsk") return "sealedReach";
  return role === "use" ? "useReach" : null;
}

/** One test a dimension. */
function joined(tests: Tests): Tests {
  const byName = new Map<string, Test[]>();
  for (const [name, test] of tests) byName.set(name, [...(byName.get(name) ?? []), test]);
  return [...byName].map(([name, some]) => [name, some.length === 1 ? (some[0] as Test) : bothOf(some)] as const);
}

function bothOf(tests: readonly Test[]): Test {
  if (tests.every((test) => test.kind === "text")) {
    return {
      kind: "text",
      test: { kind: "all", of: tests.map(({ test }) => test) },
      special: (value) => tests.every((test) => test.special(value)),
    };
  }
  return { kind: "value", holds: (value) => tests.every((test) => test.kind === "value" && test.holds(value)) };
}

function refinements({ scheme, port, path }: HostPattern, reading: Reading): Tests {
  const tests: (readonly [string, Test])[] = [];
  if (scheme !== "*") tests.push(["scheme", { kind: "value", holds: (value) => value === scheme }]);
  if (port !== "*") tests.push(["port", { kind: "value", holds: (value) => value === port }]);
  if (path !== null) tests.push(["url_path", urlPathTest(path, reading)]);
  return tests;
}

const portTest = ({ port }: HostPattern): Tests =>
  port === "*" ? [] : [["port", { kind: "value", holds: (value) => value === port }]];

/** What no pattern can speak about never matches a grant with a path, and always a denial with one. */
function urlPathTest(path: string, reading: Reading): Test {
  const automaton = new Automaton();
  const pattern = decodedPattern(path);
  const readings = reading === "loose" ? looseReadings(pattern, 0) : [{ label: 0, folded: false }];
  for (const each of readings)
    automaton.add(pathPattern(automaton.loom, pattern, { ...each, isUrl: true }, reading === "loose"));
  return { kind: "text", test: matches(automaton), special: () => reading === "loose" };
}

function useTests({ use }: RuleData, { localOnly }: PolicyData): Tests {
  if (use === undefined) return [];
  const found = localOnly?.secrets.find(({ name }) => name === use.secret)?.uses[use.index];
  if (found?.kind !== "request") return [["secret", { kind: "value", holds: () => false }]];
  return [
    ["secret", { kind: "value", holds: (value) => value === use.secret }],
    ["method", { kind: "value", holds: (value) => typeof value === "string" && found.methods.includes(value) }],
  ];
}

const placeOf = ({ host }: HostPattern): Place => ({
  dimension: "host",
  nodes: (loom, label) => [hostPattern(loom, canonicalOf(host), label)],
  special: (value) => typeof value === "string" && isOnHost(host, value),
});

const canonicalOf = (host: string): string => {
  const address = canonicalAddress(host);
  return address.ok ? address.value : host;
};

function isOnHost(host: string, value: string): boolean {
  if (host === "*") return true;
  if (!host.startsWith("*.")) return canonicalOf(host) === value;
  return !canonicalAddress(value).ok && value.endsWith(host.slice(1)) && value.length > host.length - 1;
}

/** The engine says which special values a pattern reaches; names that are not special have no address before a lookup. */
function reachable(pattern: HostPattern, capability: Capability, data: PolicyData): Place {
  const place = placeOf(pattern);
  return {
    ...place,
    special: (value) => place.special(value) && isReached(pattern.host, String(value), capability, data),
  };
}

function isReached(host: string, value: string, on: Capability, data: PolicyData): boolean {
  const match = { kind: "host", patterns: [{ scheme: "*", host, port: "*", path: null }] } as const;
  const rules: readonly RuleData[] = [{ ref: { id: "grant" }, effect: "allow", on: [on], match }];
  const policy = Policy.revive({ ...data, rules, ceilings: [], localOnly: null });
  const url = `http://${value.includes(":") ? `[${value}]` : value}/`;
  const target = { on, role: "connect", kind: "url", value: url } as const;
  return policy.decide({ v: 1, on, targets: [target], attrs: {}, labels: [] }).effect === "allow";
}

/** The same server by its address, or this machine by another name. */
const alias = ({ host }: HostPattern): Place => ({
  dimension: "host",
  nodes: () => [],
  special: (value) => {
    const address = typeof value === "string" ? addressOf(value) : null;
    if (address === null) return false;
    return canonicalOf(host) === address || (isThisMachine(canonicalOf(host)) && isThisMachine(address));
  },
});

/** What a special value leads to without a lookup. */
const addressOf = (value: string): string | null => {
  const address = canonicalAddress(value);
  if (address.ok) return address.value;
  return value === "localhost" || value.endsWith(".localhost") ? "127.0.0.1" : null;
};

function addressAtoms(
  rule: RuleData,
  policies: number,
  capability: Capability,
  ranges: readonly string[],
): readonly Atom[] {
  const place: Place = {
    dimension: "host",
    nodes: () => [],
    special: (value) => {
      const address = typeof value === "string" ? addressOf(value) : null;
      return address !== null && inAnyRange(address, ranges);
    },
  };
  if (rule.effect === "allow") return [];
  const own = { role: rule.effect, policies, rule, place };
  return [{ ...own, ...conditionsOf(rule, capability, "loose", "range") }];
}
