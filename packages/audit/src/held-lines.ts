/**
 * Lines of a chain that are not in the file yet, in memory that outlives the thread that wrote them: whoever finishes
 * the record of a thread that was killed finds them here.
 */
const LENGTH = 0;
const HEAD_BYTES = Int32Array.BYTES_PER_ELEMENT;
/** A handful of outcomes; what has no room is written at once. */
const BYTES = 4096;

export class HeldLines {
  readonly shared: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #bytes: Buffer;

  constructor(shared = new SharedArrayBuffer(BYTES)) {
    this.shared = shared;
    this.#head = new Int32Array(shared, 0, 1);
    this.#bytes = Buffer.from(shared, HEAD_BYTES);
  }

  /** False: there is no room for it. */
  put(line: string): boolean {
    const at = Atomics.load(this.#head, LENGTH);
    if (Buffer.byteLength(line) > this.#bytes.length - at) return false;
    Atomics.store(this.#head, LENGTH, at + this.#bytes.write(line, at, "utf8"));
    return true;
  }

  clear(): void {
    Atomics.store(this.#head, LENGTH, 0);
  }

  get text(): string {
    return this.#bytes.toString("utf8", 0, Atomics.load(this.#head, LENGTH));
  }
}
