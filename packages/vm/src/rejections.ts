/**
 * The rejected promises that nobody handles yet, as QuickJS reports them. A promise that still stands here when no job
 * is ready is an uncaught error. Each entry owns a reference to promise and reason, so an address cannot be reused.
 */
import type { JSValueConstPointer, QuickJSHandle } from "quickjs-emscripten-core";
import type { Engine } from "./engine.ts";

/** More than any honest script leaves open within one turn; above it the first one is uncaught at once. */
const MOST = 20_000;

export class Rejections {
  readonly #engine: Engine;
  readonly #scratch: number;
  readonly #open = new Map<bigint, { promise: QuickJSHandle; reason: QuickJSHandle }>();
  #overflowing = false;

  /** `scratch`: 8 bytes of ours in the VM. */
  constructor(engine: Engine, scratch: number) {
    this.#engine = engine;
    this.#scratch = scratch;
  }

  /** Called in the middle of QuickJS: only takes references. */
  report(promise: bigint, reason: bigint, handled: boolean): void {
    if (handled) this.#forget(promise);
    else if (this.#open.size < MOST)
      this.#open.set(promise, { promise: this.#own(promise), reason: this.#own(reason) });
    else this.#overflowing = true;
  }

  /** The reason of the oldest one, when no job is ready any more; it stays owned here. */
  first(): QuickJSHandle | null {
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
    entry.reason.dispose();
    entry.promise.dispose();
  }

  #own(value: bigint): QuickJSHandle {
    const { memory, loaded, places } = this.#engine;
    memory.writeLong(this.#scratch, BigInt.asUintN(64, value));
    return this.#engine.own(loaded.ffi.QTS_DupValuePointer(places.context, this.#scratch as JSValueConstPointer));
  }
}
