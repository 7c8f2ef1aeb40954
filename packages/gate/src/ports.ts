import type {
  CanonicalRequest,
  Capability,
  Code,
  Decision,
  Effect,
  Failure,
  FatalCode,
  Json,
  Target,
} from "@agent-run/policy";
import type { Budget } from "./budget.ts";
import type { Flow } from "./flow.ts";
import type { AnyOperation, OperationContext } from "./operation.ts";
import type { Recorder } from "./recorder.ts";

/** What the gate stands on. All of it is passed in, so that tests can break each part. */
export interface GatePorts {
  readonly policy: Decider;
  readonly operations: ReadonlyMap<string, AnyOperation>;
  readonly context: OperationContext;
  readonly recorder: Recorder;
  /** Absent: nothing local-only is declared. */
  readonly flow?: Flow;
  /** Absent: the policy bounds nothing, or it is counted elsewhere. */
  readonly budget?: Budget;
  /** Present: the host program is asked before each effect, and can only refuse it. `shown`: a text as it may see it. */
  readonly consults?: { shown(text: string): string };
  /** Told of each call that has ended, as its line of the report stands then. */
  readonly told?: (line: CallReport) => void;
  /** SHA-256 (hex) of the canonical JSON of a request. */
  hash(request: CanonicalRequest): string;
  /** SHA-256 (hex) of what a call carries; of what holds local-only values one that nobody can guess them by. */
  digest(bytes: Uint8Array): string;
  /** A text as people outside of the run may see it: local-only values are not in it. Absent: there are none. */
  shown?(text: string): string;
  /** Milliseconds, monotonic; for the operator's record only. */
  now(): number;
}

/** The part of a policy that the gate asks. */
export interface Decider {
  /** `typed`: the request before its check added to it; the hint names nothing else. */
  decide(request: CanonicalRequest, typed?: CanonicalRequest): Decision;
  /** Can any call of this capability ever be allowed? */
  grants(capability: Capability): boolean;
  /** The policy line that would grant it. */
  grantHint(capability: Capability, target?: string, role?: Target["role"]): string;
}

/** One line of the report's `calls`. */
export interface CallReport {
  readonly seq: number;
  readonly capability: Capability;
  readonly target: string;
  readonly decision: Effect;
  readonly rule: string;
  /** What the call failed with; null: it ended well. */
  readonly code: Code | null;
}

/** What goes back into the VM. `fatal` cannot be caught by the script. */
export type GateAnswer =
  | { readonly ok: Json }
  | { readonly sealed: SealedFace }
  | { readonly error: Failure }
  | { readonly fatal: FatalCode };

/** What a script is given of a sealed value. All of it is public and was there before the value was. */
export interface SealedFace {
  readonly token: string;
  /** `[sealed env:INTERNAL_URL]` */
  readonly display: string;
  readonly kind: "value" | "response" | "exec";
  readonly label: readonly string[];
  /** The one boolean that the policy lets the script see (`outcome = "ok"`): its `ok`. */
  readonly outcome?: boolean;
}
