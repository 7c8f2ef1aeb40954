import type { CanonicalRequest, Decision, Json, Result } from "@agent-run/policy";
import type { AnyOperation } from "./operation.ts";

/** One call under way, and what has been settled about it. */
export interface Call {
  readonly operation: AnyOperation;
  /** As the script sent them. */
  readonly args: Json;
  readonly typed: CanonicalRequest;
  /** The policy's answer to what was typed. */
  readonly first: Decision;
  seq: number | null;
  /** Rules that had matched when a person said yes. */
  answered: readonly string[] | null;
  /** What it has taken of budgets, by the place of the counter. */
  readonly taken: Map<number, bigint>;
}

/** Null: go on. */
export type Refused = Result<never> | null;

/** Whether a person has said yes to all that this decision asks about. */
export const isAnswered = ({ answered }: Call, { matched }: Decision): boolean =>
  answered !== null && matched.every((id) => answered.includes(id));
