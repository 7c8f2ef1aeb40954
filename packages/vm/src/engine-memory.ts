/**
 * The engine's memory as the host sees it. Its maximum is the real limit of a script's memory: QuickJS's own accounting
 * counts 8 bytes a block in this build. Views go stale with every growth, so they live here and nowhere else.
 */
export const PAGE = 65_536;
/** The module's own minimum: 5 MiB of stack, the heap above it. */
export const INITIAL_PAGES = 256;

export class EngineMemory {
  readonly wasm: WebAssembly.Memory;
  readonly #maximumPages: number;
  #heap: Buffer;
  #view: DataView;

  constructor(maximumPages: number) {
    this.#maximumPages = Math.max(INITIAL_PAGES, maximumPages);
    this.wasm = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: this.#maximumPages });
    this.#heap = Buffer.from(this.wasm.buffer);
    this.#view = new DataView(this.wasm.buffer);
  }

  /** The whole memory, as it is now; stale after the next call into the engine. */
  get heap(): Buffer {
    return this.#heap;
  }

  get hasGrown(): boolean {
    return this.#heap.length > INITIAL_PAGES * PAGE;
  }

  /** Grows to hold `bytes`, by at least a fifth and to the maximum at most. False, and unchanged, above it. */
  grow(bytes: number): boolean {
    const current = this.#heap.length / PAGE;
    const needed = Math.ceil(bytes / PAGE);
    if (needed > this.#maximumPages) return false;
    const wanted = Math.min(this.#maximumPages, Math.max(needed, Math.ceil(current * 1.2)));
    try {
      this.wasm.grow(wanted - current);
    } catch {
      return false;
    }
    this.renewViews();
    return true;
  }

  renewViews(): void {
    this.#heap = Buffer.from(this.wasm.buffer);
    this.#view = new DataView(this.wasm.buffer);
  }

  readWord(pointer: number): number {
    return this.#view.getUint32(pointer, true);
  }

  writeWord(pointer: number, value: number): void {
    this.#view.setUint32(pointer, value, true);
  }

  writeLong(pointer: number, value: bigint): void {
    this.#view.setBigUint64(pointer, value, true);
  }
}
