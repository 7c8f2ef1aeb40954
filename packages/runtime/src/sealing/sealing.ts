/**
 * The sealed values of one run, in its worker: handles, the flow rules, and what a script may do with a handle without
 * any effect. Nothing here holds or ever sees a plaintext (NO-PLAINTEXT); the vault is told what to do and is not waited
 * for.
 */
import {
  errand,
  type GateAnswer,
  Handles,
  isJsonObject,
  type Json,
  type PolicyData,
  PublicFlow,
  type PublicFlowPorts,
  SealedWrites,
  SettleState,
  type Steps,
  type ToVault,
  textsOf,
  type VaultLine,
} from "@agent-run/gate";
import type { ScriptProgram } from "@agent-run/vm";
import { derivations } from "./derivations.ts";
import { durationMs } from "./duration.ts";
import { Releases } from "./releases.ts";
import { tokenSource } from "./tokens.ts";

export interface SealingOptions {
  readonly policy: PolicyData;
  readonly run: string;
  readonly tokenSeed: number | null;
  readonly program: ScriptProgram;
  tell(message: ToVault): void;
  /** Writes a released value's rule, never the value, on the record; false: it could not be written. */
  recordRelease(rule: string, ok: boolean): boolean;
}

export class Sealing {
  readonly handles: Handles;
  readonly flow: PublicFlow;
  /** Milliseconds of the settle clock that this run has waited for: the only time that it shows. */
  waitedMs = 0;
  readonly #settle: SettleState;
  readonly #releases: Releases;
  readonly #line: VaultLine;
  readonly #options: SealingOptions;
  readonly #writes = new SealedWrites();

  constructor(options: SealingOptions) {
    const { policy, run, tokenSeed, tell } = options;
    this.#options = options;
    this.handles = new Handles(tokenSource(tokenSeed));
    this.#settle = new SettleState(policy.localOnly?.maxWaits ?? 0, (ms) => {
      this.waitedMs += ms;
    });
    this.#line = new BoundedLine(run, tell);
    this.#releases = new Releases(policy, this.handles, this.#writes);
    this.flow = new PublicFlow(this.#ports);
  }

  get #ports(): PublicFlowPorts {
    const { policy } = this.#options;
    return { policy, handles: this.handles, settle: this.#settle, vault: this.#line, writes: this.#writes };
  }

  /** What has no effect: neither gated nor recorded. */
  get pure(): ReadonlyMap<string, (args: Json) => GateAnswer> {
    const { program } = this.#options;
    return derivations({ ...this.#ports, program });
  }

  /** What waits for the settle clock. */
  get waiting(): ReadonlyMap<string, (args: Json) => Steps<GateAnswer>> {
    return new Map([
      ["seal.settle", (args: Json) => this.#waitForTick(args)],
      ["release", (args: Json) => this.#release(args)],
    ]);
  }

  /** The end of a run is a settle point, too, and not one that could be used up. */
  *finish(): Steps<null> {
    if (this.#settle.isDue) yield* this.#settle.end();
    return null;
  }

  *#waitForTick(args: Json): Steps<GateAnswer> {
    const duration = durationMs(isJsonObject(args) ? (args.duration ?? null) : null);
    if (!duration.ok) return { error: duration.failure };
    const waited = yield* this.#settle.wait(duration.value);
    return waited.ok ? { ok: null } : { error: waited.failure };
  }

  *#release(args: Json): Steps<GateAnswer> {
    const admitted = this.#releases.admit(args);
    if (!admitted.ok) {
      const name = isJsonObject(args) && typeof args.rule === "string" ? args.rule.slice(0, 100) : "";
      this.#options.recordRelease(name, false);
      return { error: admitted.failure };
    }
    const { rule, handle } = admitted.value;
    const refused = this.#settle.admit();
    if (refused !== null) return { error: refused };
    if (!this.#options.recordRelease(rule.name, true)) return { fatal: "E_INTERRUPTED" };
    const answer = yield* errand<"release">({ kind: "release", rule: rule.name, handle: handle.id });
    if (!answer.ok) return { error: answer.failure };
    this.waitedMs += answer.value.waitedMs;
    return { ok: answer.value.value };
  }
}

/** UTF-16 units of all texts that orders of one run hold. */
const MAX_ORDERED = 128 * 1024 * 1024;

class BoundedLine implements VaultLine {
  readonly run: string;
  readonly #tell: (message: ToVault) => void;
  #units = 0;

  constructor(run: string, tell: (message: ToVault) => void) {
    this.run = run;
    this.#tell = tell;
  }

  get isFull(): boolean {
    return this.#units > MAX_ORDERED;
  }

  tell(message: ToVault): void {
    for (const text of textsOf(message)) this.#units += text.length;
    this.#tell(message);
  }
}
