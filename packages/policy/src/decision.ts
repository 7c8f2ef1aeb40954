import type { Code } from "./codes.ts";
import type { UseRef } from "./policy-data.ts";
import type { Target } from "./request.ts";

/** Where a rule stands, for people: `filesystem.deny[0]` in `agent-run.toml`, line 7. */
export interface RuleRef {
  readonly id: string;
  /** Absent for rules that no file holds (`default`, `builtin.*`). */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type Effect = "allow" | "ask" | "deny";

/**
 * The rule of learning runs: what it allows, nothing else grants, and it was done in a copy only; what it denies was
 * refused for this being a learning run, and would be a question to the policy elsewhere.
 */
export const LEARNING = "builtin.learning";

/** The answer of the policy to one canonical request. Pure data; the same for a run, `check`, `explain` and a replay. */
export interface Decision {
  readonly effect: Effect;
  /** `E_POLICY_DENIED` on deny, `E_APPROVAL_UNAVAILABLE` on ask (what it becomes if nobody can be asked), null on allow. */
  readonly code: Code | null;
  /** The rule that decided; `default` where nothing matched. */
  readonly rule: RuleRef;
  /** Ids of all rules that matched any target, in policy order. */
  readonly matched: readonly string[];
  /** Layer that gave the answer: `policy`, or `ceiling:FILE`. */
  readonly layer: string;
  /** Present where the call touches what is local-only: labels of what comes back, and labels that may be sent. */
  readonly sealed?: { readonly label: readonly string[]; readonly accepts: readonly string[] };
  /** Present where a `[[secret.use]]` grants the call. */
  readonly use?: UseRef;
  /** Ids of the matched rules that have a `limit`; absent: none. The call is counted on each of them. */
  readonly limited?: readonly string[];
  /** Present where only a learning run lets it through: in a copy, and with no grant of the policy. */
  readonly learned?: true;
  /** The target that was refused or asked about; absent on allow. */
  readonly target?: Target;
  /** What would be allowed, or the line to add; absent on allow. */
  readonly hint?: string;
}
