/**
 * What `when` may test: the attributes of a capability's signature, the ones that every call has, and the address of a
 * request, each with its type; and the operators that fit a type. An operator that does not fit is a problem at load,
 * never a condition that quietly does not hold.
 */
import type { AttributeType, Operator } from "./condition.ts";
import { type Capability, signatureOf } from "./signatures.ts";
import { isTool } from "./tool-name.ts";

const OF_EVERY_CALL: Readonly<Record<string, AttributeType>> = { actor: "string", now: "time" };

/** By name, for one capability. */
export function attributesOf(capability: Capability): Readonly<Record<string, AttributeType>> {
  const { attributes } = signatureOf(capability);
  const address: Readonly<Record<string, AttributeType>> = capability.startsWith("net.") ? { address: "address" } : {};
  return { ...attributes, ...address, ...OF_EVERY_CALL };
}

/** `args.amount`: a member of what a tool is given, and members of that. A name that itself holds a dot cannot be said. */
const ARGUMENT = /^args(?:\.[^.\p{Cc}]{1,64}){1,8}$/u;

/** Null: no call of the capability has it. What a member of a tool's arguments holds is known at the call only. */
export function attributeType(capability: Capability, attribute: string): AttributeType | null {
  if (isTool(capability) && ARGUMENT.test(attribute)) return "argument";
  const attributes = attributesOf(capability);
  return Object.hasOwn(attributes, attribute) ? (attributes[attribute] ?? null) : null;
}

const ORDERED = ["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "exists"] as const;

const TEXTUAL = [
  "eq",
  "ne",
  "in",
  "not_in",
  "contains",
  "starts_with",
  "ends_with",
  "regex",
  "glob",
  "exists",
] as const;

export const OPERATORS: Readonly<Record<AttributeType, readonly Operator[]>> = {
  string: TEXTUAL,
  int: ORDERED,
  bytes: ORDERED,
  time: ORDERED,
  strings: ["contains", "exists"],
  address: ["cidr", "exists"],
  argument: [...TEXTUAL, "lt", "le", "gt", "ge"],
};

export const ALL_OPERATORS: readonly Operator[] = [...new Set(Object.values(OPERATORS).flat())];
