/**
 * What `when` may test: the attributes of a capability's signature, the ones that every call has, and the address of a
 * request, each with its type; and the operators that fit a type. An operator that does not fit is a problem at load,
 * never a condition that quietly does not hold.
 */
import type { AttributeType, Operator } from "./condition.ts";
import { type Capability, SIGNATURES } from "./signatures.ts";

const OF_EVERY_CALL: Readonly<Record<string, AttributeType>> = { actor: "string", now: "time" };

/** By name, for one capability. */
export function attributesOf(capability: Capability): Readonly<Record<string, AttributeType>> {
  const { attributes } = SIGNATURES[capability];
  const address: Readonly<Record<string, AttributeType>> = capability.startsWith("net.") ? { address: "address" } : {};
  return { ...attributes, ...address, ...OF_EVERY_CALL };
}

const ORDERED = ["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "exists"] as const;

export const OPERATORS: Readonly<Record<AttributeType, readonly Operator[]>> = {
  string: ["eq", "ne", "in", "not_in", "contains", "starts_with", "ends_with", "regex", "glob", "exists"],
  int: ORDERED,
  bytes: ORDERED,
  time: ORDERED,
  strings: ["contains", "exists"],
  address: ["cidr", "exists"],
};

export const ALL_OPERATORS: readonly Operator[] = [...new Set(Object.values(OPERATORS).flat())];
