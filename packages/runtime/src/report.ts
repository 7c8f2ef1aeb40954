import { type CallReport, CODES, type Code, type Json, type RuleRef } from "@agent-run/gate";

/** What is told about an uncaught error: `code` is null for an error of the script's own. */
export interface RunError {
  readonly code: Code | null;
  readonly message: string;
  readonly name?: string;
  readonly capability?: string;
  readonly target?: string;
  readonly rule?: RuleRef;
  readonly hint?: string;
  /** What it was caused by, nearest first; absent where it has no cause. */
  readonly causes?: readonly string[];
  /** 1-based position in the user's own source. */
  readonly line?: number;
  readonly column?: number;
  /** The source lines around it, as text. */
  readonly frame?: string;
}

/** The one report of a run; what `--json` prints and the library returns. */
export interface RunReport {
  readonly ok: boolean;
  readonly exitCode: number;
  /** What the script returned; null if it ended otherwise. */
  readonly value: Json;
  /** Everything it printed. */
  readonly stdout: string;
  /** True if output was cut at `max_output`. */
  readonly truncated: boolean;
  readonly error: RunError | null;
  /** Everything the verifier refused; empty if the script ran. */
  readonly problems: readonly RunError[];
  readonly calls: readonly CallReport[];
  /** ULID; the name of the run's record. */
  readonly run: string;
  /** File of the record, for the operator. */
  readonly record: string | null;
  /** What the run was grouped under, where it was. */
  readonly task?: string;
  /** In ticks where the policy seals anything. */
  readonly durationMs: number;
  /** Only of a run that is parked (`E_PARKED`): the question that it waits for, and how it goes on. */
  readonly parked?: ParkedWith & { readonly resume: string };
  /** Only of a run that was resumed: the run that it goes on with. */
  readonly resumes?: string;
  /** Sealed operations that the script ordered, whatever came of them; only where the policy seals anything. */
  readonly sealed?: number;
  /** File of what came of them, for the operator; beside `sealed`. */
  readonly sealedLog?: string | null;
}

/** What a parked run waits for. */
export interface ParkedWith {
  readonly seq: number;
  readonly capability: string;
  readonly target: string;
  readonly rule: string;
}

/** Answer of the verifier about a script that was not run. */
export interface CheckReport {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly problems: readonly RunError[];
}

/** Exit code of an error. `E_CAPABILITY` is 3 where the verifier found it before the run, 2 where the run did. */
export function exitCodeOf(error: RunError | null, verifier = false): number {
  if (error === null) return 0;
  if (error.code === null) return 1;
  if (error.code === "E_CAPABILITY" && verifier) return 3;
  return CODES[error.code].exit;
}
