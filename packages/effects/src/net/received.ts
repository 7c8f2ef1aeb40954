/**
 * Bytes of a response as they arrive, in one buffer that grows by doubling. A list of chunks would let a server that
 * sends one byte a chunk turn 10 MiB into a gigabyte of small objects.
 */
const FIRST_CAPACITY = 16 * 1024;

export class ReceivedBytes {
  readonly #max: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  /** False if that would be more than the maximum; nothing is kept then. */
  add(chunk: Uint8Array): boolean {
    const needed = this.#length + chunk.byteLength;
    if (needed > this.#max) return false;
    if (needed > this.#buffer.byteLength) {
      const capacity = Math.max(needed, Math.min(this.#max, Math.max(FIRST_CAPACITY, this.#buffer.byteLength * 2)));
      const grown = new Uint8Array(capacity);
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
    return true;
  }

  /** A copy with memory of its own, so that sending it to another thread sends nothing else. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }
}
