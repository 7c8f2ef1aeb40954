/** Rules about paths and names of variables, as atoms. */
import { type Capability, isLoaderVariable, type RuleData } from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Place, type Reading, rolesOf } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import { conditionsOf } from "./conditions.ts";
import type { Loom, Node } from "./nodes.ts";
import { exactText, looseReadings, namePattern, pathPattern, pathsAbove, prefixText } from "./patterns.ts";
import { matches, not, type TextTest } from "./text-test.ts";

type PathMatch = Extract<RuleData["match"], { kind: "path" }>;

export function pathAtoms({ rule, policies }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  if (match.kind !== "path") return [];
  const own = isAbout(rule, capability);
  const atoms: Atom[] = [];
  const add = (role: Atom["role"], reading: Reading, place: Place, placeKey: string) =>
    atoms.push({ role, policies, rule, place, ...conditionsOf(rule, capability, reading, placeKey) });
  for (const [role, reading] of own ? rolesOf(rule) : []) {
    const opened = role === "deny" ? (rule.opened?.[capability] ?? []) : [];
    add(role, reading, placeOf(match, reading, opened), `${reading} ${opened.join("\n")}`);
  }
  // Deleting a directory takes along what a denial names below it.
  if (own && capability === "fs.delete" && rule.effect === "deny") add("deny", "loose", above(match), "above");
  if (rule.sealed !== true) return atoms;
  add("local", "loose", placeOf({ ...match, below: true }, "loose", []), "loose");
  if (capability === "fs.delete") add("cover", "loose", above(match), "above");
  return atoms;
}

function placeOf({ patterns, below }: PathMatch, reading: Reading, opened: readonly string[]): Place {
  const but = opened.length === 0 ? {} : { but: not(anyOf(opened)) };
  return {
    dimension: "path",
    nodes: (loom, label) => patterns.flatMap((pattern) => pathNodes(loom, pattern, label, reading, below)),
    special: () => false,
    ...but,
  };
}

/** One pattern in every reading that counts. */
export const pathNodes = (
  loom: Loom,
  pattern: string,
  label: number,
  reading: Reading,
  below: boolean,
): readonly Node[] =>
  (reading === "loose" ? looseReadings(pattern, label) : [{ label, folded: false }]).map((each) =>
    pathPattern(loom, pattern, each, below),
  );

const above = ({ patterns }: PathMatch): Place => ({
  dimension: "path",
  nodes: (loom, label) => patterns.flatMap((pattern) => pathsAbove(loom, pattern, { label, folded: true }) ?? []),
  special: () => false,
});

/** The values as they are; the root directory is the empty text. */
function anyOf(values: readonly string[]): TextTest {
  const automaton = new Automaton();
  for (const value of values)
    automaton.add(exactText(automaton.loom, value === "/" ? "" : value, { label: 0, folded: false }));
  return matches(automaton);
}

export function variableAtoms({ rule, policies }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  if (match.kind !== "variable") return [];
  const atoms: Atom[] = [];
  const add = (role: Atom["role"], reading: Reading, opened: readonly string[]) => {
    const place: Place = {
      dimension: "name",
      nodes: (loom, label) => match.patterns.flatMap((pattern) => nameNodes(loom, pattern, label, reading)),
      special: () => false,
      ...(opened.length === 0 ? {} : { but: not(anyOf(opened)) }),
    };
    atoms.push({
      role,
      policies,
      rule,
      place,
      ...conditionsOf(rule, capability, reading, `${reading} ${opened.join("\n")}`),
    });
  };
  for (const [role, reading] of isAbout(rule, capability) ? rolesOf(rule) : [])
    add(role, reading, role === "deny" ? (rule.opened?.[capability] ?? []) : []);
  if (rule.sealed === true) add("local", "loose", []);
  return atoms;
}

export const nameNodes = (loom: Loom, pattern: string, label: number, reading: Reading): readonly Node[] =>
  (reading === "loose" ? looseReadings(pattern, label) : [{ label, folded: false }]).map((each) =>
    namePattern(loom, pattern, each),
  );

/** Loader variables, in any case of their ASCII letters; what the regular expression of variable.ts says. */
export function loaderAtom(policies: number): Atom {
  const rule: RuleData = {
    ref: { id: "builtin.loader_variables" },
    effect: "deny",
    on: ["env.read"],
    match: { kind: "any" },
  };
  const place: Place = {
    dimension: "name",
    nodes: (loom, label) => [
      ...["LD_", "DYLD_", "AGENT_RUN_"].map((text) =>
        caseless(loom, text, prefixText(loom, "", { label, folded: false })),
      ),
      caseless(loom, "NODE_OPTIONS", exactText(loom, "", { label, folded: false })),
    ],
    special: (value) => typeof value === "string" && isLoaderVariable(value),
  };
  return { role: "deny", policies, rule, place, tests: [], key: "loader", excepts: [] };
}

function caseless(loom: Loom, text: string, end: Node): Node {
  return [...text].reduceRight((next, letter) => {
    const both = [letter, letter.toLowerCase()].map((one) => one.charCodeAt(0));
    return loom.one(
      both.map((code) => [code, code] as const),
      next,
      false,
    );
  }, end);
}
