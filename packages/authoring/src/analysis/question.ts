/**
 * A question about some calls only. What a place leaves of the paths or names there are narrows that dimension; a host or
 * a command, which may be about several dimensions at once, is a clause that must hold (or must not).
 */
import type { Capability, NeverPlace, PolicyData, RuleData } from "@agent-run/policy";
import type { Owned, Reading } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import type { Clause, Value } from "./clause.ts";
import { exactly } from "./domains.ts";
import type { Dimension } from "./explore.ts";
import { hostAtoms } from "./host-atoms.ts";
import { lineAtoms } from "./line-atoms.ts";
import { clausesOf } from "./model.ts";
import { nameNodes, pathNodes } from "./path-atoms.ts";
import { all, matches, not, type TextTest } from "./text-test.ts";

export interface Within {
  /** All of them; `not`: everything but there. */
  readonly places?: readonly NeverPlace[];
  /** How places that are named are read; loosely: as denials are, in any case of letters. Those that are left out are read narrowly. */
  readonly reading?: Reading;
  readonly port?: number;
  readonly scheme?: "http" | "https";
  readonly method?: string;
  readonly actor?: string;
  /** Milliseconds since 1970; without it at any time, unknown included. */
  readonly now?: number;
}

/** Of its clauses one must hold; `not`: none may. */
export interface Bound {
  readonly clauses: readonly Clause[];
  readonly not: boolean;
}

export interface Narrowed {
  readonly dimensions: readonly Dimension[];
  readonly bounds: readonly Bound[];
}

export function narrow(dimensions: readonly Dimension[], on: Capability, within: Within, data: PolicyData): Narrowed {
  const { places = [], reading = "narrow" } = within;
  const texts = places.filter(({ attribute }) => attribute === "path" || attribute === "name");
  const narrowed = dimensions.map((dimension) => {
    const own = texts.filter(({ attribute }) => attribute === dimension.name);
    return fixed(
      own.reduce((one, place) => textWithin(one, place, reading), dimension),
      within,
    );
  });
  const others = places.filter((place) => attributeOf(on) === place.attribute && !texts.includes(place));
  return { dimensions: narrowed, bounds: others.map((place, at) => boundOf(place, at, on, reading, data)) };
}

const attributeOf = (on: Capability): string =>
  on.startsWith("net.") ? "host" : on === "subprocess.exec" ? "command" : "";

function fixed(dimension: Dimension, within: Within): Dimension {
  const { name } = dimension;
  if (dimension.kind === "text") {
    if (name !== "actor" || within.actor === undefined) return dimension;
    return { ...dimension, domain: all(dimension.domain, exactly(within.actor)), specials: [] };
  }
  const { port, scheme, method } = within;
  const values: Readonly<Record<string, Value | undefined>> = { port, scheme, method };
  const value = values[name];
  if (value === undefined) return dimension;
  // A method that the capability does not have is no call of it.
  const isPossible = name !== "method" || dimension.values.includes(value);
  return { ...dimension, values: isPossible ? [value] : [] };
}

function textWithin(dimension: Dimension, place: NeverPlace, reading: Reading): Dimension {
  if (dimension.kind !== "text" || place.attribute === "host") return dimension;
  const automaton = new Automaton();
  const how = place.not ? "narrow" : reading;
  for (const pattern of place.patterns) {
    const { loom } = automaton;
    const nodes =
      place.attribute === "path" ? pathNodes(loom, pattern, 0, how, !place.not) : nameNodes(loom, pattern, 0, how);
    automaton.add(...nodes);
  }
  const test: TextTest = matches(automaton);
  return { ...dimension, domain: all(dimension.domain, place.not ? not(test) : test), specials: [] };
}

/** As a rule of this place would be read. */
function boundOf(place: NeverPlace, at: number, on: Capability, reading: Reading, data: PolicyData): Bound {
  const isLoose = !place.not && reading === "loose";
  const matches: readonly RuleData["match"][] =
    place.attribute === "host"
      ? [{ kind: "host", patterns: place.patterns }]
      : place.patterns.map((name) => ({ kind: "command", name }));
  const atoms = matches.flatMap((match, index) => {
    const rule: RuleData = {
      ref: { id: `within.${at}.${index}` },
      effect: isLoose ? "deny" : "allow",
      on: [on],
      match,
    };
    const owned: Owned = { rule, policies: 0, data };
    const all = place.attribute === "host" ? hostAtoms(owned, on) : lineAtoms(owned, on);
    return all
      .filter(({ role }) => role === "open" || role === "deny")
      .map((atom) => ({ ...atom, role: "within" as const }));
  });
  return { clauses: clausesOf(atoms, -1 - at * MOST_CLAUSES), not: place.not };
}

/** Their numbers must not meet. */
const MOST_CLAUSES = 100_000;
