import type { ApprovalAnswer, ApprovalTicket, FatalCode, OperationContext } from "@agent-run/gate";
import type { Errands } from "./errands.ts";
import type { RunHost } from "./host-side.ts";
import type { StartRun, WorkerEnd } from "./protocol.ts";
import type { RunClock } from "./run-clock.ts";
import type { RunVault } from "./vault/run-vault.ts";

/** Answers an approval; a rejection counts as "nobody". */
export type Approver = (ticket: ApprovalTicket, signal: AbortSignal) => Promise<ApprovalAnswer>;

export interface RunPorts {
  readonly errands: Errands;
  /** The policy as it answers to this run, for what its errands leave behind. */
  readonly decide: OperationContext["decide"];
  readonly approve: Approver;
  readonly host: RunHost;
  /** Absent: nothing local-only is declared. */
  readonly vault?: RunVault;
  onOutput(text: string): void;
}

/** How a run ended: by itself, or killed with a code (null: the worker failed by a fault of ours). */
export type Ending =
  | { readonly kind: "ended"; readonly end: WorkerEnd }
  | { readonly kind: "killed"; readonly code: FatalCode | null; readonly message: string; readonly stalled: boolean };

/** What is stuck in a system call is not waited for longer than this; the host goes on without it. */
export const STALL_MS = 1000;

/** What belongs to one run and ends with it. */
export class CurrentRun {
  readonly start: StartRun;
  readonly ports: RunPorts;
  readonly errands = new AbortController();
  readonly ending: Promise<Ending>;
  readonly finish: (ending: Ending) => void;
  readonly #pending = new Set<Promise<void>>();
  watch: RunClock | null = null;
  stopping = false;
  done = false;

  constructor(start: StartRun, ports: RunPorts) {
    this.start = start;
    this.ports = ports;
    let settle: (ending: Ending) => void = () => undefined;
    this.ending = new Promise((resolve) => {
      settle = resolve;
    });
    this.finish = (ending) => {
      this.done = true;
      settle(ending);
    };
  }

  track(errand: Promise<void>): void {
    this.#pending.add(errand);
    void errand.finally(() => this.#pending.delete(errand));
  }

  /** Sockets are closed and children dead when a run is reported; a stuck one is not waited for. */
  async errandsDone(): Promise<void> {
    if (this.#pending.size === 0) return;
    const enough = new Promise((resolve) => setTimeout(resolve, STALL_MS).unref());
    await Promise.race([Promise.allSettled(this.#pending), enough]);
  }
}
