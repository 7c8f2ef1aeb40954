/**
 * The budgets of a policy: what `[budget]` and `[runtime.max_calls_per_capability]` say, and where, so that a refusal can
 * name the line. They are counted by the gate; limits of single rules stand in the rules.
 */
import type { RuleRef } from "./decision.ts";
import type { KeyPath } from "./keys.ts";
import type { Layer } from "./merge.ts";
import type { Budget } from "./policy-data.ts";
import { keyText } from "./read.ts";
import { CAPABILITIES, type Capability } from "./signatures.ts";

const PER_CAPABILITY = "runtime.max_calls_per_capability.NAME";

/** What a budget is called in decisions and records: its key, as a policy would write it. */
export const BUDGET_IDS = {
  calls: "budget.calls",
  bytesOut: "budget.bytes_out",
  callsOf: (capability: Capability): string => keyText(PER_CAPABILITY, capability),
} as const;

export function budgetOf({ scalars }: Pick<Layer, "scalars">): Budget {
  const number = (key: KeyPath, name: string | null = null): number | null => {
    const value = scalars.get(keyText(key, name))?.value;
    return typeof value === "number" ? value : null;
  };
  const perCapability = CAPABILITIES.flatMap((capability) => {
    const most = number(PER_CAPABILITY, capability);
    return most === null ? [] : [[capability, most] as const];
  });
  return {
    calls: number("budget.calls"),
    bytesOut: number("budget.bytes_out"),
    callsPerCapability: Object.fromEntries(perCapability),
  };
}

export function budgetPlaces({ scalars }: Pick<Layer, "scalars">): Readonly<Record<string, RuleRef>> {
  const ids = [BUDGET_IDS.calls, BUDGET_IDS.bytesOut, ...CAPABILITIES.map(BUDGET_IDS.callsOf)];
  const places = ids.flatMap((id): readonly [string, RuleRef][] => {
    const scalar = scalars.get(id);
    if (scalar === undefined) return [];
    const { line, column } = scalar.at;
    return [[id, { id, file: scalar.source.file, line, column }]];
  });
  return Object.fromEntries(places);
}
