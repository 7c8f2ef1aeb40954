/** How a run ended, as its guest process says it: JSON of a hostile side, taken apart member by member. */
import { CODES, type Code, FATAL_CODES, isJsonArray, isJsonObject, type Json, type RuleRef } from "@agent-run/gate";
import { type GuestError, nestsDeeper, type RunEnd, weight } from "@agent-run/vm";

/** As deep and as heavy as a text of a guest may be; a whole VM has checked what it sends itself. */
export interface Bounds {
  readonly maxDepth: number;
  readonly maxWeight: number;
}

const isWithin = (text: string, { maxDepth, maxWeight }: Bounds): boolean =>
  weight(text) <= maxWeight && !nestsDeeper(text, maxDepth);

/** Null: this is no end. A guest process runs once, so `reusable` is what its host says. */
export function endOf(text: string, bounds: Bounds): RunEnd | null {
  const end = isWithin(text, bounds) ? parsed(text) : undefined;
  if (!isJsonObject(end)) return null;
  if (end.kind === "value") {
    const { json } = end;
    const isJson = typeof json === "string" && isWithin(json, bounds) && parsed(json) !== undefined;
    return isJson ? { kind: "value", json, reusable: true } : null;
  }
  if (end.kind === "fatal") {
    const code = ([...FATAL_CODES, "E_LIMIT_STACK"] as const).find((known) => known === end.code);
    return code === undefined ? null : { kind: "fatal", code, reusable: true };
  }
  const error = end.kind === "error" ? errorOf(end.error) : null;
  return error === null ? null : { kind: "error", error, reusable: true };
}

function errorOf(error: Json | undefined): GuestError | null {
  if (!isJsonObject(error)) return null;
  const { name, message, code, capability, target, rule, hint, causes, line, column } = error;
  if (typeof name !== "string" || typeof message !== "string") return null;
  return {
    name,
    message,
    code: typeof code === "string" && Object.hasOwn(CODES, code) ? (code as Code) : null,
    capability: textOf(capability),
    target: textOf(target),
    rule: ruleOf(rule),
    hint: textOf(hint),
    causes: isJsonArray(causes) ? causes.filter((cause) => typeof cause === "string").slice(0, 10) : [],
    frames: [],
    line: placeOf(line),
    column: placeOf(column),
  };
}

const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

const placeOf = (value: Json | undefined): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;

function ruleOf(rule: Json | undefined): RuleRef | null {
  if (!isJsonObject(rule) || typeof rule.id !== "string") return null;
  const { id, file, line } = rule;
  return { id, ...(typeof file === "string" ? { file } : {}), ...(typeof line === "number" ? { line } : {}) };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
