import { type Code, LIMITS, type Limits } from "@agent-run/policy";
import type { RunError } from "./report.ts";

const LIMIT_OF: Partial<Record<Code, keyof typeof LIMITS>> = {
  E_LIMIT_TIME: "max_seconds",
  E_LIMIT_MEMORY: "max_memory",
  E_LIMIT_STACK: "max_stack",
  E_LIMIT_OUTPUT: "max_output",
  E_LIMIT_CALLS: "max_calls",
};

/** A run that met a limit is told how high it was. */
export function withLimit(error: RunError | null, limits: Limits): RunError | null {
  const key = error?.code === null || error === null ? undefined : LIMIT_OF[error.code];
  if (error === null || key === undefined || error.hint !== undefined) return error;
  const { field, unit, max } = LIMITS[key];
  const units = unit === "count" ? "" : ` ${unit}`;
  const hint = `\`[runtime] ${key}\` was ${limits[field]}${units} here; a policy may allow up to ${max}`;
  return { ...error, hint };
}
