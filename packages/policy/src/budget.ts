/**
 * The budgets of a policy: what `[budget]` and `[runtime.max_calls_per_capability]` say, and where, so that a refusal can
 * name the line. Limits of single rules stand in the rules; all of them are counted by the gate.
 */
import type { RuleRef } from "./decision.ts";
import type { KeyPath } from "./keys.ts";
import { nameInCeiling } from "./layers.ts";
import type { Layer } from "./merge.ts";
import type { Budget, PolicyData, RuleData } from "./policy-data.ts";
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

/** Of a narrowed budget: each number with the place of the one that holds. */
export function refsOf(narrowed: Budget, main: Budget, ceiling: Budget): Readonly<Record<string, RuleRef>> {
  const mine = amountsOf(main);
  const refs = [...amountsOf(narrowed)].flatMap(([id, most]) => {
    const { refs = {} } = mine.get(id) === most ? main : ceiling;
    const ref = refs[id];
    return ref === undefined ? [] : [[id, ref] as const];
  });
  return Object.fromEntries(refs);
}

const amountsOf = ({ calls, bytesOut, callsPerCapability }: Budget): ReadonlyMap<string, number | null> =>
  new Map([
    [BUDGET_IDS.calls, calls],
    [BUDGET_IDS.bytesOut, bytesOut],
    ...CAPABILITIES.map((name) => [BUDGET_IDS.callsOf(name), callsPerCapability[name] ?? null] as const),
  ]);

/** Rules with a limit, once each whatever they were compiled into, by the names in `Decision.limited`. */
export function limitedRules({ rules, ceilings }: PolicyData): ReadonlyMap<string, RuleData> {
  const named = new Map(rules.map((rule) => [rule.ref.id, rule]));
  for (const ceiling of ceilings)
    for (const rule of ceiling.rules) named.set(nameInCeiling(ceiling, rule.ref.id), rule);
  return new Map([...named].filter(([, { limit }]) => limit !== undefined));
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
