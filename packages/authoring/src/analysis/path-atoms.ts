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
  const common = { policies, rule };
  const atoms = (own ? rolesOf(rule) : []).map(([role, reading]): Atom => {
    const opened = role === "deny" ? (rule.opened?.[capability] ?? []) : [];
    const asked = conditionsOf(rule, reading, `${reading} ${opened.join("\n")}`);
    return {
      ...common,
      role,
      place: placeOf(match, reading, opened),
      ...asked,
      excepts: exceptAtoms(rule, policies, reading),
    };
  });
  // Deleting a directory takes along what a denial names below it.
  if (own && capability === "fs.delete" && rule.effect === "deny") {
    atoms.push({
      ...common,
      role: "deny",
      place: above(match),
      ...conditionsOf(rule, "loose", "above", true),
      excepts: [],
    });
  }
  if (rule.sealed !== true) return atoms;
  const place = placeOf({ ...match, below: true }, "loose", []);
  atoms.push({ ...common, role: "local", place, tests: [], key: "local", excepts: [] });
  if (capability !== "fs.delete") return atoms;
  return [...atoms, { ...common, role: "cover", place: above(match), tests: [], key: "cover", excepts: [] }];
}

/** Read the other way round than its rule; as a denial it leaves out exactly what is named. */
export function exceptAtoms(rule: RuleData, policies: number, reading: Reading): readonly Atom[] {
  const { except } = rule;
  const opposite = reading === "loose" ? "narrow" : "loose";
  const common = { role: "except", policies, rule, tests: [], excepts: [] } as const;
  if (except?.kind === "path") {
    const place = placeOf({ ...except, below: except.below && reading === "narrow" }, opposite, []);
    return [{ ...common, place, key: `except ${opposite}` }];
  }
  if (except?.kind !== "variable") return [];
  return [{ ...common, place: variablesOf(except.patterns, opposite, []), key: `except ${opposite}` }];
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
  const atoms = (isAbout(rule, capability) ? rolesOf(rule) : []).map(([role, reading]): Atom => {
    const opened = role === "deny" ? (rule.opened?.[capability] ?? []) : [];
    const place = variablesOf(match.patterns, reading, opened);
    const asked = conditionsOf(rule, reading, `${reading} ${opened.join("\n")}`);
    return { role, policies, rule, place, ...asked, excepts: exceptAtoms(rule, policies, reading) };
  });
  if (rule.sealed !== true) return atoms;
  const place = variablesOf(match.patterns, "loose", []);
  return [...atoms, { role: "local", policies, rule, place, tests: [], key: "local", excepts: [] }];
}

const variablesOf = (patterns: readonly string[], reading: Reading, opened: readonly string[]): Place => ({
  dimension: "name",
  nodes: (loom, label) => patterns.flatMap((pattern) => nameNodes(loom, pattern, label, reading)),
  special: () => false,
  ...(opened.length === 0 ? {} : { but: not(anyOf(opened)) }),
});

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
