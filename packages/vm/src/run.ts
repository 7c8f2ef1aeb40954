/**
 * What a run is given, what it may ask for, and how it ends: the machine's contract with the host side, which is the
 * same whether the host side lives in this thread or behind a pipe.
 */
import type { FatalCode, Json } from "@agent-run/gate";
import type { GuestError } from "./guest-error.ts";
import type { HostAnswer } from "./membrane.ts";
import type { EngineModule } from "./webassembly-types.ts";

export interface EngineAssets {
  /** Compiled by `compileEngine`; may be sent to another thread. */
  readonly wasm: EngineModule;
  readonly image: Uint8Array;
}

export interface MachineSize {
  /** What a script may use above the image's own footprint. */
  readonly maxMemoryBytes: number;
  readonly maxStackBytes: number;
}

export interface RunSetup {
  readonly args: readonly string[];
  readonly input: Json;
  readonly seed: number;
  readonly startMs: number;
  readonly grants?: Json;
  /** `payments.refund`: what the script finds as `tools.payments.refund`. */
  readonly tools?: readonly string[];
  /** Directory that relative paths hang under, for `process.cwd()`; without it, "." stands for it. */
  readonly root?: string;
  /** The policy declares something local-only: answers may be sealed, and the script was parsed with `guard`. */
  readonly localOnly?: boolean;
  /** The program is a compartment's function: no globals but the language's own, and its value comes as `[value]` or `[]`. */
  readonly compartment?: CompartmentSetup;
}

export interface CompartmentSetup {
  /** True: after the inputs comes an object with `fs`, `net` and `subprocess`. */
  readonly effects: boolean;
  /** First arguments: `[value]` each, `[]` for undefined. */
  readonly inputs: readonly (readonly [Json] | readonly [])[];
  /** Further arguments. */
  readonly args: readonly Json[];
}

export interface MachinePorts {
  /** The single dispatcher (JSON-ABI): one JSON text in, one text out. Never throws. */
  call(json: string): HostAnswer;
  /** Blocks until one of the started asynchronous calls has an answer; null when none is in flight. */
  nextSettlement(): string | null;
  /** Polled by the interrupt handler and after every host call: a code ends the run at once, uncatchable. */
  stop(): FatalCode | null;
}

/** How a run ended, and whether the machine can run again. */
export type RunEnd = Ended & { readonly reusable: boolean };

export type Ended =
  | { readonly kind: "value"; readonly json: string }
  | { readonly kind: "error"; readonly error: GuestError }
  | { readonly kind: "fatal"; readonly code: FatalCode | "E_LIMIT_STACK" };
