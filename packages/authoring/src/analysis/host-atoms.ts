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
import { allTests, type Role, type Test } from "./clause.ts";
import { addressOf, conditionsOf } from "./conditions.ts";
import { hostPattern, looseReadings, pathPattern } from "./patterns.ts";
import { matches } from "./text-test.ts";

type Tests = Atom["tests"];

export function hostAtoms({ rule, policies, data }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  const ways = isAbout(rule, capability) ? rolesOf(rule) : [];
  if (match.kind === "address") return addressAtoms(rule, policies, ways, match.ranges);
  if (match.kind !== "host") return [];
  const atoms: Atom[] = [];
  const add = (role: Role, pattern: HostPattern, reading: Reading, place: Place) => {
    const { tests, key } = conditionsOf(rule, reading, reading);
    const ownKey = JSON.stringify([pattern.scheme, pattern.port, pattern.path, rule.use ?? null, place.key ?? null]);
    const all = joined([...refinements(pattern, reading), ...tests, ...useTests(rule, data)]);
    atoms.push({
      role,
      policies,
      rule,
      place,
      tests: all,
      key: `${ownKey} ${key}`,
      excepts: hostExcepts(rule, policies, reading),
    });
  };
  const local = (place: Place, tests: Tests, key: string) =>
    atoms.push({ role: "local", policies, rule, place, tests, key: `local ${key}`, excepts: [] });
  for (const pattern of match.patterns) {
    for (const [role, reading] of ways) {
      add(role, pattern, reading, placeOf(pattern));
      const reach = reachOf(role);
      if (reach !== null) add(reach, pattern, reading, reachable(pattern, capability, data));
    }
    if (rule.sealed !== true) continue;
    local(
      placeOf(pattern),
      refinements(pattern, "loose"),
      JSON.stringify([pattern.scheme, pattern.port, pattern.path]),
    );
    local(alias(pattern), portTest(pattern), `alias ${pattern.port}`);
  }
  return atoms;
}

/** Read the other way round than its rule. */
export function hostExcepts(rule: RuleData, policies: number, reading: Reading): readonly Atom[] {
  const { except } = rule;
  if (except?.kind !== "host") return [];
  const opposite = reading === "loose" ? "narrow" : "loose";
  return except.patterns.map((pattern) => {
    const key = JSON.stringify(["except", opposite, pattern.scheme, pattern.port, pattern.path]);
    return {
      role: "except",
      policies,
      rule,
      place: placeOf(pattern),
      tests: refinements(pattern, opposite),
      key,
      excepts: [],
    };
  });
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
  return [...byName].map(([name, some]) => [name, allTests(some)] as const);
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
    if (typeof value !== "string") return false;
    const address = addressOf(value);
    return canonicalOf(host) === address || (isThisMachine(canonicalOf(host)) && isThisMachine(address));
  },
});

function addressAtoms(
  rule: RuleData,
  policies: number,
  ways: readonly (readonly [Role, Reading])[],
  ranges: readonly string[],
): readonly Atom[] {
  const place: Place = {
    dimension: "host",
    nodes: () => [],
    special: (value) => typeof value === "string" && inAnyRange(addressOf(value), ranges),
  };
  // A range names no target, so it is no grant.
  return ways
    .filter(([, reading]) => reading === "loose")
    .map(([role, reading]) => ({
      role,
      policies,
      rule,
      place,
      ...conditionsOf(rule, reading, "range"),
      excepts: hostExcepts(rule, policies, reading),
    }));
}
