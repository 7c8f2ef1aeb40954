/**
 * The rejected promises that nobody handles yet, as QuickJS reports them. A promise that still stands here when no job
 * is ready is an uncaught error. Each entry owns a reference to promise and reason, so an address cannot be reused.
 */
import type { Engine } from "./engine.ts";
import type { ValuePointer } from "./wasm-abi.ts";

/** More than any honest script leaves open within one turn; above it the first one is uncaught at once. */
const MOST = 20_000;

export class Rejections {
  readonly #engine: Engine;
  readonly #context: number;
  readonly #scratch: number;
  readonly #open = new Map<bigint, { promise: ValuePointer; reason: ValuePointer }>();
  #overflowing = false;

  constructor(engine: Engine, context: number, scratch: number) {
    this.#engine = engine;
    this.#context = context;
    this.#scratch = scratch + 16;
  }

  /** Called in the middle of QuickJS: only takes references. */
  report(promise: bigint, reason: bigint, handled: boolean): void {
    if (handled) this.#forget(promise);
    else if (this.#open.size < MOST)
      this.#open.set(promise, { promise: this.#own(promise), reason: this.#own(reason) });
    else this.#overflowing = true;
  }

  /** The reason of the oldest one, when no job is ready any more; it stays owned here. */
  first(): ValuePointer | null {
    for (const { reason } of this.#open.values()) return reason;
    return null;
  }

  get isOverflowing(): boolean {
    return this.#overflowing;
  }

  /** Forgets everything without touching the VM, whose memory is about to be restored. */
  clear(): void {
    this.#open.clear();
    this.#overflowing = false;
  }

  #forget(promise: bigint): void {
    const entry = this.#open.get(promise);
    if (entry === undefined) return;
    this.#open.delete(promise);
    this.#engine.wasm.freeValue(this.#context, entry.reason);
    this.#engine.wasm.freeValue(this.#context, entry.promise);
  }

  #own(value: bigint): ValuePointer {
    this.#engine.writeLong(this.#scratch, BigInt.asUintN(64, value));
    return this.#engine.wasm.dupValue(this.#context, this.#scratch as ValuePointer);
  }
}
