/**
 * The rules of one or two policies about one capability, as clauses. Rules that differ only in their texts are one clause
 * over one automaton; a rule that is asked about (`apart`) is taken out of its clause and stands alone.
 */
import { type Capability, isTool } from "@agent-run/policy";
import type { Atom, Owned, Place } from "./atom.ts";
import { Automaton } from "./automaton.ts";
import { allTests, type Clause, type Test, type Value } from "./clause.ts";
import { conditionsOf } from "./conditions.ts";
import { hostAtoms, hostExcepts } from "./host-atoms.ts";
import { flagsAtom, lineAtoms, lineExcepts } from "./line-atoms.ts";
import { exceptAtoms, loaderAtom, pathAtoms, variableAtoms } from "./path-atoms.ts";
import { all, matches, type TextTest } from "./text-test.ts";
import { TooComplex } from "./work.ts";

export class Model {
  readonly capability: Capability;
  readonly #groups: readonly Group[];
  readonly #byOwner = new Map<string, Group[]>();
  readonly #nextId = { value: 0 };

  constructor(capability: Capability, rules: readonly Owned[]) {
    if (isTool(capability)) throw new TooComplex("calls of tools are not looked at");
    this.capability = capability;
    this.#groups = groupsOf(atomsOf(capability, rules));
    for (const group of this.#groups) {
      for (const owner of new Set(group.atoms.map(ownerOf))) {
        const known = this.#byOwner.get(owner);
        if (known === undefined) this.#byOwner.set(owner, [group]);
        else known.push(group);
      }
    }
  }

  /** All rules. */
  clauses(): readonly Clause[] {
    return this.#groups.map((group) => group.clause(this.#nextId));
  }

  /** One rule apart from all others; null where it says nothing about the capability. `policies`: whose it is then. */
  apart(
    owned: Owner,
    policies: number,
  ): { readonly own: readonly Clause[]; readonly others: readonly Clause[] } | null {
    const owner = ownerOf(owned);
    const groups = this.#byOwner.get(owner);
    if (groups === undefined) return null;
    const own = groups.flatMap((group) => group.own(owner, policies, this.#nextId));
    const others = this.#groups.flatMap((group) =>
      groups.includes(group) ? group.without(owner, this.#nextId) : [group.clause(this.#nextId)],
    );
    return { own, others };
  }
}

type Owner = Pick<Owned, "rule" | "policies">;

/** What is one rule to its writer may be several here, all of one name. */
const ownerOf = ({ rule, policies }: Owner): string => `${policies} ${rule.ref.id}`;

function atomsOf(capability: Capability, rules: readonly Owned[]): readonly Atom[] {
  const family = capability.split(".")[0];
  const policies = rules.reduce((bits, rule) => bits | rule.policies, 0);
  const each = rules.flatMap((owned) => ruleAtoms(owned, capability));
  if (family === "env") return [...each, loaderAtom(policies)];
  return family === "subprocess" ? [...each, flagsAtom(policies)] : each;
}

function ruleAtoms(owned: Owned, capability: Capability): readonly Atom[] {
  const family = capability.split(".")[0];
  const { kind } = owned.rule.match;
  if (kind === "any") return anyAtoms(owned, capability);
  if (family === "fs") return pathAtoms(owned, capability);
  if (family === "env") return variableAtoms(owned, capability);
  return family === "net" ? hostAtoms(owned, capability) : lineAtoms(owned, capability);
}

/** A rule about every call is no grant. */
function anyAtoms({ rule, policies }: Owned, capability: Capability): readonly Atom[] {
  if (rule.effect === "allow" || !rule.on.includes(capability)) return [];
  const about = [exceptAtoms, hostExcepts, lineExcepts];
  const excepts = about.flatMap((each) => each(rule, policies, "loose"));
  return [{ role: rule.effect, policies, rule, place: null, ...conditionsOf(rule, "loose", "any"), excepts }];
}

function groupsOf(atoms: readonly Atom[]): readonly Group[] {
  const groups = new Map<string, Atom[]>();
  for (const atom of atoms) {
    const left = atom.excepts.length === 0 ? "" : JSON.stringify(atom.rule.except);
    // Built-in ones are the same in every policy, and kept.
    const origin = isBuiltin(atom) ? "builtin" : "";
    const key = `${origin} ${atom.role} ${atom.policies} ${atom.place?.dimension ?? ""} ${atom.key} ${left}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [atom]);
    else known.push(atom);
  }
  return [...groups.values()].map((alike) => new Group(alike));
}

/** Of atoms outside of a model; numbered from `first` downwards. */
export function clausesOf(atoms: readonly Atom[], first: number): readonly Clause[] {
  const ids = { value: first };
  return groupsOf(atoms).map((group, at) => ({ ...group.clause(ids), id: first - at }));
}

const isBuiltin = ({ rule }: Atom): boolean => rule.ref.id.startsWith("builtin.");

type Ids = { value: number };

/** Atoms that differ in nothing but their place. */
class Group {
  readonly atoms: readonly Atom[];
  readonly #first: Atom;
  #whole: Clause | null = null;
  #labelled: Automaton | null = null;
  readonly #labels = new Map<string, number>();
  readonly #byOwner = new Map<string, Atom[]>();

  constructor(atoms: readonly Atom[]) {
    this.atoms = atoms;
    this.#first = atoms[0] as Atom;
    for (const atom of atoms) {
      const owner = ownerOf(atom);
      const known = this.#byOwner.get(owner);
      if (known === undefined) this.#byOwner.set(owner, [atom]);
      else known.push(atom);
    }
    for (const owner of this.#byOwner.keys()) this.#labels.set(owner, this.#labels.size);
  }

  clause(ids: Ids): Clause {
    this.#whole ??= this.#clause(this.atoms, ids, this.#first.policies, (place) =>
      matches(automatonOf(this.atoms, place.dimension)),
    );
    return this.#whole;
  }

  own(owner: string, policies: number, ids: Ids): readonly Clause[] {
    const atoms = this.#byOwner.get(owner) ?? [];
    return [this.#clause(atoms, ids, policies, (place) => matches(automatonOf(atoms, place.dimension)))];
  }

  /** The automaton is the same for every rule that is taken out; only the question to it differs. */
  without(owner: string, ids: Ids): readonly Clause[] {
    const mine = new Set(this.#byOwner.get(owner));
    if (mine.size === this.atoms.length) return [];
    const isOther = (atom: Atom) => !mine.has(atom);
    this.#labelled ??= this.#label();
    const automaton = this.#labelled;
    const label = this.#labels.get(owner) ?? -1;
    return [this.#clause(this.atoms, ids, this.#first.policies, () => matches(automaton, label, true), isOther)];
  }

  #label(): Automaton {
    const automaton = new Automaton();
    for (const atom of this.atoms)
      automaton.add(...(atom.place?.nodes(automaton.loom, this.#labels.get(ownerOf(atom)) ?? -1) ?? []));
    return automaton;
  }

  #clause(
    atoms: readonly Atom[],
    ids: Ids,
    policies: number,
    test: (place: Place) => TextTest,
    isIncluded: (atom: Atom) => boolean = () => true,
  ): Clause {
    const { place, tests, role } = this.#first;
    const all = new Map(tests);
    if (place !== null) {
      const special = (value: Value) => atoms.some((atom) => isIncluded(atom) && atom.place?.special(value) === true);
      const text = placeTest(place, test(place), special);
      const also = all.get(place.dimension);
      all.set(place.dimension, also === undefined ? text : allTests([text, also]));
    }
    return { id: ids.value++, role, policies, tests: all, excepts: exceptsOf(this.#first, policies, ids) };
  }
}

const exceptsOf = ({ excepts }: Atom, policies: number, ids: Ids): readonly Clause[] =>
  groupsOf(excepts).map((group) => ({ ...group.clause(ids), policies }));

const placeTest = ({ but }: Place, test: TextTest, special: (value: Value) => boolean): Test => ({
  kind: "text",
  test: but === undefined ? test : all(test, but),
  special,
});

function automatonOf(atoms: readonly Atom[], dimension: Place["dimension"]): Automaton {
  const key = atoms.every(isBuiltin) ? JSON.stringify(atoms.map(({ key: own, rule }) => [own, rule.match])) : null;
  const known = key === null ? undefined : BUILTIN.get(key);
  if (known !== undefined && !known.isLarge) return known;
  const automaton = new Automaton();
  for (const { place } of atoms) if (place?.dimension === dimension) automaton.add(...place.nodes(automaton.loom, 0));
  if (key === null) return automaton;
  if (BUILTIN.size >= MOST_KEPT) BUILTIN.clear();
  BUILTIN.set(key, automaton);
  return automaton;
}

/** Homes differ, and what policies open. */
const MOST_KEPT = 32;
const BUILTIN = new Map<string, Automaton>();
