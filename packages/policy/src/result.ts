import type { Code } from "./codes.ts";
import type { RuleRef } from "./decision.ts";

/** A failure as every surface shows it. Built from public data only; the texts are safe to give to a script. */
export interface Failure {
  readonly code: Code;
  /** Lower case, user text in backticks, no full stop, says what is wrong. */
  readonly message: string;
  readonly capability?: string;
  /** What was asked for, as the script typed it. */
  readonly target?: string;
  readonly rule?: RuleRef;
  /** What would be allowed instead, or what to add to the policy. */
  readonly hint?: string;
}

/** Failures are values; only a bug of ours is thrown. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (failure: Failure): Result<never> => ({ ok: false, failure });
