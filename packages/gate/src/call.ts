import type { CanonicalRequest, Decision, Json, Result } from "@agent-run/policy";
import type { AnyOperation } from "./operation.ts";

/** One call under way, and what has been settled about it. */
export interface Call {
  readonly operation: AnyOperation;
  /** As the script sent them. */
  readonly args: Json;
  /** As the operation reads them. */
  readonly parsed: unknown;
  readonly typed: CanonicalRequest;
  /** The policy's answer to what was typed. */
  readonly first: Decision;
  seq: number | null;
  /** Rules that had matched when a person said yes. */
  answered: readonly string[] | null;
  /** Its answer was kept, so nothing of it happens now. */
  repeats?: boolean;
  /** What it has taken of budgets, by the place of the counter. */
  readonly taken: Map<number, bigint>;
}

/** Null: go on. */
export type Refused = Result<never> | null;

/** Whether a person has said yes to all that this decision asks about, or nothing of it happens. */
export const isAnswered = ({ answered, repeats }: Call, { matched }: Decision): boolean =>
  repeats === true || (answered !== null && matched.every((id) => answered.includes(id)));
