/** What one target gets, and by which way. */
import type { CallFacts } from "./attribute.ts";
import type { Effect, RuleRef } from "./decision.ts";
import type { UseRef } from "./policy-data.ts";
import type { Target } from "./request.ts";
import type { Rule } from "./rule.ts";
import type { Way } from "./rule-book.ts";
import type { Subject } from "./subject.ts";

/** What the target is granted by. */
export interface Door {
  readonly way: Way;
  readonly grants: readonly Rule[];
  /** What makes the target local-only; empty: it is not. */
  readonly local: readonly Rule[];
  /** The use of a secret that the call is. */
  readonly use: UseRef | null;
  /** Uses of secrets at this place, whether or not the call is one. */
  readonly offered: readonly Rule[];
}

export interface Verdict {
  readonly effect: Effect;
  readonly ref: RuleRef;
  readonly target: Target;
  /** Null: it could not be read. */
  readonly subject: Subject | null;
  readonly door: Door;
  readonly matched: readonly Rule[];
  readonly facts: CallFacts;
  /** Why a built-in denial denies. */
  readonly reason?: string;
}
