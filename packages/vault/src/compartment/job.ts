/** What a compartment is given and what it gives back. All of it is plaintext and stays in the vault. */
import type { ComputeLimits, Failure, Json } from "@agent-run/gate";
import type { Attempt, Plain } from "../plain.ts";

export interface ComputeJob {
  /** One function expression. */
  readonly source: string;
  /** First arguments of the function. */
  readonly inputs: readonly Plain[];
  /** Further arguments; public. */
  readonly args: readonly Json[];
  readonly limits: ComputeLimits;
  /** Start of the run in milliseconds since 1970; public. */
  readonly startMs: number;
}

export type ComputeResult = Attempt<Plain>;

/** Performs one call of a private block; it decides whether the block may. One at a time, in the order of the calls. */
export type BlockIo = (op: string, args: Json) => Promise<{ readonly ok: Json } | { readonly error: Failure }>;
