/**
 * Does a slip change any answer at all? Asked of the exact comparison of two policies where guessing found no call: either
 * no such call exists, and the mutant is equivalent, or the comparison has one.
 */

import {
  type CanonicalRequest,
  type Capability,
  type Json,
  METHOD_CAPABILITY,
  type Policy,
  type PolicyCall,
} from "@agent-run/policy";
import { type Difference, differences } from "../analysis/regions.ts";

export interface ExactDifference {
  /** No call gets another effect, whatever it is. */
  readonly isNone: boolean;
  /** Calls that do, of those that a policy can name. */
  readonly calls: readonly PolicyCall[];
}

export function exactDifference(before: Policy, after: Policy, on: readonly Capability[]): ExactDifference {
  const { found, unknown } = differences(before, after, on);
  const changed = found.filter(isOfEffect);
  return { isNone: changed.length === 0 && unknown.length === 0, calls: changed.flatMap(callOf) };
}

/** `allow` and `allow sealed` are one effect. */
const isOfEffect = ({ before, after }: Difference): boolean => before.split(" ")[0] !== after.split(" ")[0];

function callOf({ witness }: Difference): readonly PolicyCall[] {
  const [target] = witness?.request.targets ?? [];
  if (witness === null || target === undefined || witness.request.labels.length > 0) return [];
  const { request, circumstances } = witness;
  const attrs = attributesOf(request);
  switch (target.kind) {
    case "path":
      return [{ call: { on: request.on, path: target.value, ...attrs }, circumstances }];
    case "url":
      return [{ call: { on: request.on, url: target.value, ...attrs }, circumstances }];
    case "variable":
      return [{ call: { on: request.on, name: target.value }, circumstances }];
    case "command":
      return [{ call: { on: request.on, argv: textsOf(request.attrs.argv), ...attrs }, circumstances }];
    default:
      return [];
  }
}

/** What a call names besides its place; a method only where the capability has several. */
function attributesOf({ on, attrs }: CanonicalRequest): PolicyCall["call"] {
  const { bytes, stdin_bytes: input, method } = attrs;
  const [usual] = Object.keys(METHOD_CAPABILITY).filter((name) => METHOD_CAPABILITY[name] === on);
  return {
    ...(typeof bytes === "number" ? { bytes } : {}),
    ...(typeof input === "number" ? { stdin_bytes: input } : {}),
    ...(typeof method === "string" && method !== usual ? { method } : {}),
  };
}

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.flatMap((word) => (typeof word === "string" ? [word] : [])) : [];
