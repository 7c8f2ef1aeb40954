/**
 * A rule as what it asks of one call, apart by pattern where a pattern asks about more than one thing. A denial or a
 * question is read loosely (any case of letters, what lies below), a grant narrowly: as policy/src/atom.ts does it.
 */
import type { Capability, PolicyData, RuleData } from "@agent-run/policy";
import type { Role, Test, Value } from "./clause.ts";
import type { Loom, Node } from "./nodes.ts";
import type { TextTest } from "./text-test.ts";

export interface Atom {
  readonly role: Role;
  /** Bits of the policies that it belongs to. */
  readonly policies: number;
  readonly rule: RuleData;
  readonly place: Place | null;
  /** In other dimensions than that of the place, and what names them: atoms with one key and role differ in their place only. */
  readonly tests: readonly (readonly [dimension: string, test: Test])[];
  readonly key: string;
  readonly excepts: readonly Atom[];
}

/** The texts that an atom is about. Those of many atoms become one automaton. */
export interface Place {
  readonly dimension: "path" | "host" | "name";
  nodes(loom: Loom, label: number): readonly Node[];
  special(value: Value): boolean;
  /** What besides must hold of the text; part of the key. */
  readonly but?: TextTest;
  /** What it is besides its texts, where two could be taken for one. */
  readonly key?: string;
}

/** A rule of the policies that are looked at. */
export interface Owned {
  readonly rule: RuleData;
  readonly policies: number;
  /** A policy that has it, for what commands and secrets are. */
  readonly data: PolicyData;
}

export type Reading = "loose" | "narrow";

/** How a rule takes part: each way with its reading. */
export function rolesOf({ effect, sealed, use }: RuleData): readonly (readonly [Role, Reading])[] {
  if (effect === "deny") return [["deny", "loose"]];
  const way = sealed === true ? "sealed" : use === undefined ? "open" : "use";
  if (effect === "allow") return [[way, "narrow"]];
  return [
    ["ask", "loose"],
    [way === "use" ? "use" : `${way}Ask`, "narrow"],
  ];
}

export const isAbout = ({ on }: RuleData, capability: Capability): boolean => on.includes(capability);
