/** How a policy came to its answer, for `explain`, `evaluate` and `simulate`. Plain JSON. */
import type { Decision, Effect, RuleRef } from "./decision.ts";
import type { CanonicalRequest, Target } from "./request.ts";

export interface Explanation {
  readonly decision: Decision;
  readonly request: CanonicalRequest;
  readonly targets: readonly TargetExplanation[];
  /** Rules that would have changed the answer, and what kept each from matching; the nearest first. */
  readonly nearMisses: readonly NearMiss[];
  /** What would allow it: lines of a policy, or that nothing can. */
  readonly remedy: string;
}

export interface TargetExplanation {
  readonly target: Target;
  readonly effect: Effect;
  readonly rule: RuleRef;
  readonly matched: readonly { readonly rule: RuleRef; readonly effect: Effect; readonly layer: string }[];
}

export interface NearMiss {
  readonly rule: RuleRef;
  readonly effect: Effect;
  readonly layer: string;
  readonly target: Target;
  readonly failed: readonly FailedClause[];
}

/** One part of a rule that did not hold. */
export interface FailedClause {
  /** `path`, `bytes`, `expires`, `hours`, `except` ... */
  readonly what: string;
  /** As the policy has it: `le 1048576`. */
  readonly wanted: string;
  /** What the call has; null: nothing. */
  readonly actual: string | number | readonly string[] | null;
  /** A sentence: `bytes` was 1400000, and the rule takes at most 1048576. */
  readonly says: string;
}
